"""What differs between two snapshots is what differs between two dicts, however their entities come in batches."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import cast

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.snapshots.base import Snapshot
from geostead.snapshots.differences import ChangedEntity, Difference, Retyped, find_difference
from geostead.snapshots.store import FolderSnapshots
from tests.entities import Entity, batch_of, columns_of
from tests.snapshots.stored import SHOP, SHOPS, render_ids
from tests.strategies import ENTITY_TYPE, make_entities, make_values

KEY = ENTITY_TYPE.key_name


@dataclass(frozen=True)
class Cut:
    """Entities in id order, in batches of the sizes that a test wants; as much of a snapshot as is compared."""

    entity_type: EntityType
    rows: pa.RecordBatch
    sizes: tuple[int, ...] = (1_000_000,)

    def batches(self) -> Iterator[pa.RecordBatch]:
        start, turn = 0, 0
        while start < self.rows.num_rows:
            size = self.sizes[turn % len(self.sizes)]
            yield self.rows.slice(start, size)
            start, turn = start + size, turn + 1


def snapshot_of(entities: list[Entity], sizes: tuple[int, ...] = (3,), of: EntityType = ENTITY_TYPE) -> Snapshot:
    in_order = sorted(entities, key=lambda entity: str(entity[of.key_name]).encode())
    return cast(Snapshot, Cut(of, columns_of(of, in_order), sizes))


def obvious(before: list[Entity], after: list[Entity], max_listed: int) -> Difference:
    """Compare dicts by id: the slow and obvious way."""
    old = {str(entity[KEY]): plain(entity) for entity in before}
    new = {str(entity[KEY]): plain(entity) for entity in after}
    found = find_difference(snapshot_of([]), snapshot_of([]), 0)
    found.added = sorted(new.keys() - old.keys(), key=str.encode)
    found.removed = sorted(old.keys() - new.keys(), key=str.encode)
    for entity_id in sorted(old.keys() & new.keys(), key=str.encode):
        names = tuple(n for n in ENTITY_TYPE.names if old[entity_id][n] != new[entity_id][n])
        found.changed += [ChangedEntity(entity_id, names)] if names else []
        for name in names:
            found.changes_by_property[name] = found.changes_by_property.get(name, 0) + 1
    found.added_count, found.changed_count = len(found.added), len(found.changed)
    found.removed_count = len(found.removed)
    found.added, found.changed = found.added[:max_listed], found.changed[:max_listed]
    found.removed = found.removed[:max_listed]
    return found


def plain(entity: Entity) -> dict[str, object]:
    """Return the entity with every property, missing strings empty as everywhere."""
    strings = {p.name for p in ENTITY_TYPE.properties if p.type is EdmType.STRING}
    values = {name: entity.get(name) for name in ENTITY_TYPE.names}
    return {name: "" if value is None and name in strings else value for name, value in values.items()}


def changed_somehow(random: Random, entities: list[Entity]) -> list[Entity]:
    """Leave most entities as they are; drop, change and add some."""
    kept = [entity for entity in entities if random.random() > 0.15]
    changed = [
        {**entity, **make_values(random, entities), KEY: entity[KEY]} if random.random() < 0.2 else entity
        for entity in kept
    ]
    known = {entity[KEY] for entity in entities}
    return changed + [entity for entity in make_entities(random, 5) if entity[KEY] not in known]


def type_of(*properties: Property, key: str = "Id") -> EntityType:
    places = (Property("Latitude", EdmType.DOUBLE), Property("Longitude", EdmType.DOUBLE))
    return EntityType.declare("T", [Property("Id", EdmType.STRING), *properties, *places], [key])


@given(
    seed=st.integers(0, 2**32),
    count=st.integers(0, 40),
    sizes=st.tuples(*[st.tuples(st.integers(1, 9), st.integers(1, 9))] * 2),
    max_listed=st.integers(0, 50),
)
def test_a_difference_is_that_of_two_dicts(
    seed: int, count: int, sizes: tuple[tuple[int, ...], tuple[int, ...]], max_listed: int
) -> None:
    random = Random(seed)
    before: list[Entity] = list(make_entities(random, count))
    after = changed_somehow(random, before)
    found = find_difference(snapshot_of(before, sizes[0]), snapshot_of(after, sizes[1]), max_listed)
    assert found == obvious(before, after, max_listed)


@given(seed=st.integers(0, 2**32), size=st.integers(1, 9))
def test_equal_entities_differ_in_nothing_however_they_are_cut(seed: int, size: int) -> None:
    entities: list[Entity] = list(make_entities(Random(seed), 20))
    assert find_difference(snapshot_of(entities, (size,)), snapshot_of(entities), 10).is_empty


def test_properties_that_came_went_or_have_another_type_are_told_apart_from_values() -> None:
    before = type_of(Property("A", EdmType.STRING))
    after = type_of(Property("A", EdmType.INT64), Property("B", EdmType.STRING))
    old = snapshot_of([{"Id": "1", "A": "5"}], of=before)
    new = snapshot_of([{"Id": "1", "A": 5, "B": "new"}], of=after)
    there, back = find_difference(old, new, 5), find_difference(new, old, 5)
    assert (there.types.added, there.types.removed) == (("B",), ())
    assert there.types.retyped == (Retyped("A", EdmType.STRING, EdmType.INT64),)
    assert (back.types.added, back.types.removed) == ((), ("B",))
    assert there.changed_count == back.changed_count == 0
    assert not there.is_empty


def test_a_key_of_another_name_still_tells_which_entity_is_which() -> None:
    code = Property("Code", EdmType.STRING)
    by_id, by_code = type_of(code), type_of(code, key="Code")
    found = find_difference(
        snapshot_of([{"Id": "1", "Code": "x"}, {"Id": "2", "Code": "y"}], of=by_id),
        snapshot_of([{"Id": "x", "Code": "1"}, {"Id": "z", "Code": "3"}], of=by_code),
        5,
    )
    assert (found.added, found.removed) == (["3"], ["2"])
    assert found.changed == [ChangedEntity("1", ("Id", "Code"))]


def test_written_snapshots_are_compared_in_the_order_of_code_points(tmp_path: Path) -> None:
    store = FolderSnapshots(tmp_path, render_ids)
    ids = ["\uffee", "\U0001f600", "ä", "a", "Z", ""]
    first: list[Entity] = [{"ShopId": entity_id, "Name": "old"} for entity_id in ids if entity_id]
    store.write("one-1", SHOP, [batch_of(SHOP, first)])
    second: list[Entity] = [{**entity, "Name": "new" if entity["ShopId"] == "ä" else "old"} for entity in first[1:]]
    store.write("two-1", SHOP, [batch_of(SHOP, [*second, *SHOPS[:1]])])
    found = find_difference(store.open("one-1"), store.open("two-1"), 5)
    assert (found.added, found.removed) == (["b"], ["\uffee"])
    assert found.changed == [ChangedEntity("ä", ("Name",))]
    assert replace(found.types, common=()).is_empty
