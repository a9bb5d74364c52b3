"""What two snapshots do not have in common.

Both are read once, in entity id order, some thousands of entities at a time: memory is bounded whatever their size.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geostead.model.columns import arrow_schema
from geostead.model.entity_type import EdmType, EntityType
from geostead.snapshots.base import Snapshot

_Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Retyped:
    """A property that both sides have, with two types."""

    name: str
    before: EdmType
    after: EdmType


@dataclass(frozen=True, slots=True)
class TypeDifference:
    """What two entity types do not have in common. Names are compared as they are spelled."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    retyped: tuple[Retyped, ...]
    common: tuple[str, ...]
    """The properties that both have with one type: by these entities are compared."""

    @property
    def is_empty(self) -> bool:
        """Whether both have the same properties."""
        return not (self.added or self.removed or self.retyped)


@dataclass(frozen=True, slots=True)
class ChangedEntity:
    """An entity that both sides have, with other values."""

    entity_id: str
    properties: tuple[str, ...]
    """The properties whose values differ, in schema order."""


@dataclass
class Difference:
    """What would change if one snapshot took the place of another. Of entities the first ones by id are listed."""

    types: TypeDifference
    added_count: int = 0
    changed_count: int = 0
    removed_count: int = 0
    added: list[str] = field(default_factory=list)
    changed: list[ChangedEntity] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changes_by_property: dict[str, int] = field(default_factory=dict)
    """In how many entities each property has another value; properties without any are left out."""

    @property
    def is_empty(self) -> bool:
        """Whether both sides show the same entities."""
        return self.types.is_empty and not (self.added_count or self.changed_count or self.removed_count)


def find_difference(before: Snapshot, after: Snapshot, max_listed: int) -> Difference:
    """Compare two snapshots; of entities that were added, changed or removed list ``max_listed`` of each at most.

    An entity has changed where a property that both sides have with one type has another value; what the entity types
    do not have in common is told apart. Raises Unavailable where a server does not answer.
    """
    found = Difference(compare_types(before.entity_type, after.entity_type))
    for block in _aligned(before, after):
        _add(found, block, max_listed)
    return found


def compare_types(before: EntityType, after: EntityType) -> TypeDifference:
    """Tell which properties came, went or have another type."""
    old = {p.name: p.type for p in before.properties}
    new = {p.name: p.type for p in after.properties}
    both = [name for name in new if name in old]
    return TypeDifference(
        tuple(name for name in new if name not in old),
        tuple(name for name in old if name not in new),
        tuple(Retyped(name, old[name], new[name]) for name in both if old[name] is not new[name]),
        tuple(name for name in both if old[name] is new[name]),
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """Some entities of one side, and their ids as bytes: these compare as entity ids do, by code points."""

    rows: pa.RecordBatch
    ids: pa.Array

    def between(self, start: int, stop: int | None = None) -> _Rows:
        length = None if stop is None else stop - start
        return _Rows(self.rows.slice(start, length), self.ids.slice(start, length))


class _Side:
    """The entities of one snapshot that have not been compared yet, of which some thousands are in memory."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._key = snapshot.entity_type.key_name
        self._batches = snapshot.batches()
        self._none = self._with_ids(pa.RecordBatch.from_pylist([], arrow_schema(snapshot.entity_type)))
        self._rows = self._next()

    @property
    def last_id(self) -> bytes | None:
        """The last id in memory; None when there is nothing left."""
        return self._rows.ids[-1].as_py() if len(self._rows.ids) else None

    def take_to(self, last: bytes) -> _Rows:
        """Take the entities in memory up to an id."""
        rows = self._rows
        count = pc.sum(pc.less_equal(rows.ids, pa.scalar(last, pa.binary()))).as_py() or 0
        self._rows = rows.between(count) if count < len(rows.ids) else self._next()
        return rows.between(0, count)

    def _next(self) -> _Rows:
        found = next((batch for batch in self._batches if batch.num_rows), None)
        return self._none if found is None else self._with_ids(found)

    def _with_ids(self, rows: pa.RecordBatch) -> _Rows:
        return _Rows(rows, rows.column(self._key).cast(pa.binary()))


def _aligned(before: Snapshot, after: Snapshot) -> Iterator[tuple[_Rows, _Rows]]:
    """Return the entities of both sides in blocks that cover the same ids; either side of a block may be empty."""
    old, new = _Side(before), _Side(after)
    while ends := [last for last in (old.last_id, new.last_id) if last is not None]:
        yield old.take_to(min(ends)), new.take_to(min(ends))


def _add(found: Difference, block: tuple[_Rows, _Rows], max_listed: int) -> None:
    old, new = block
    if old.ids.equals(new.ids):
        _add_changes(found, old, new, max_listed)
        return
    positions = pc.index_in(new.ids, value_set=old.ids)
    added = new.ids.filter(positions.is_null())
    removed = old.ids.filter(pc.invert(pc.is_in(old.ids, value_set=new.ids)))
    found.added_count += len(added)
    found.removed_count += len(removed)
    found.added += _texts(added, max_listed - len(found.added))
    found.removed += _texts(removed, max_listed - len(found.removed))
    both = _Rows(new.rows.filter(positions.is_valid()), new.ids.filter(positions.is_valid()))
    matching = positions.drop_null()
    _add_changes(found, _Rows(old.rows.take(matching), old.ids.take(matching)), both, max_listed)


def _add_changes(found: Difference, old: _Rows, new: _Rows, max_listed: int) -> None:
    """Compare entities pair by pair: row by row they have the same ids."""
    by_name = {}
    for name in found.types.common:
        differs = _differing(old.rows.column(name), new.rows.column(name))
        if differs is not None:
            by_name[name] = differs
            found.changes_by_property[name] = found.changes_by_property.get(name, 0) + int(differs.sum())
    if not by_name:
        return
    changed = np.flatnonzero(np.logical_or.reduce(list(by_name.values())))
    found.changed_count += len(changed)
    listed = changed[: max(0, max_listed - len(found.changed))]
    for row, entity_id in zip(listed, _texts(new.ids.take(pa.array(listed)), max_listed), strict=True):
        names = tuple(name for name, differs in by_name.items() if differs[row])
        found.changed.append(ChangedEntity(entity_id, names))


def _differing(old: pa.Array, new: pa.Array) -> _Mask | None:
    """Tell row by row where two columns differ; None: nowhere."""
    if old.equals(new):
        return None
    values_differ = pc.fill_null(pc.not_equal(old, new), False)
    one_is_missing = pc.xor(old.is_null(), new.is_null())
    differs: _Mask = pc.or_(values_differ, one_is_missing).to_numpy(zero_copy_only=False)
    return differs if differs.any() else None


def _texts(ids: pa.Array, count: int) -> list[str]:
    texts: list[str] = ids.slice(0, max(0, count)).cast(pa.string()).to_pylist()
    return texts
