"""Write what a draft comes to as an upload: its changes for an incremental load, or all entities for a complete one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from geostead.formats.base import RowIssue
from geostead.formats.delimited.writer import csv_of_texts
from geostead.formats.rows.batch_parts import parts_of
from geostead.formats.rows.entity_batches import RawRows, make_batch
from geostead.formats.rows.value_texts import value_texts
from geostead.model.draft import ChangeKind
from geostead.model.entity_type import EntityType
from geostead.operations.draft_type import DraftType
from geostead.operations.open_draft import OpenDraft
from geostead.snapshots.base import Snapshot

_BLOCK_ROWS = 1_000


def changes_upload(opened: OpenDraft, target: DraftType) -> Iterator[bytes]:
    """Write the rows of the changes, deletions marked: what an incremental load reads."""
    return csv_of_texts(target.entity_type, _change_blocks(opened, target), deletes=True)


def whole_upload(opened: OpenDraft, target: DraftType, base: Snapshot) -> Iterator[bytes]:
    """Write every entity of ``base`` with steps and changes applied, in bounded memory: what a complete load reads."""
    return csv_of_texts(target.entity_type, _whole_blocks(opened, target, base))


def find_unfit(opened: OpenDraft, target: DraftType) -> list[RowIssue]:
    """Return what is wrong with values of the draft itself: steps may have come after them."""
    found: list[RowIssue] = []
    for block in _kept_blocks(opened, target):
        texts = dict(zip(target.entity_type.names, block, strict=True))
        cells = {name: pc.if_else(pc.equal(column, ""), None, column) for name, column in texts.items()}
        batch = make_batch(target.entity_type, RawRows(0, cells, {}), opened.account.limits.points_per_shape)
        found += [issue for issue in batch.issues if issue.is_error]
    return found


def _change_blocks(opened: OpenDraft, target: DraftType) -> Iterator[Sequence[pa.StringArray]]:
    for block in _kept_blocks(opened, target):
        yield [*block, pa.array(["false"] * len(block[0]), pa.string())]
    deleted = [change.entity_id for change in opened.changes.values() if change.kind is ChangeKind.DELETED]
    if deleted:
        nothing = pa.array([""] * len(deleted), pa.string())
        ids = pa.array(deleted, pa.string())
        names = target.entity_type.names
        cells = [ids if name == target.entity_type.key_name else nothing for name in names]
        yield [*cells, pa.array(["true"] * len(deleted), pa.string())]


def _kept_blocks(opened: OpenDraft, target: DraftType) -> Iterator[list[pa.StringArray]]:
    """Return the values of what is added and changed, some rows at a time."""
    kept = [change for change in opened.changes.values() if change.kind is not ChangeKind.DELETED]
    for start in range(0, len(kept), _BLOCK_ROWS):
        rows = [
            # What the draft does not know is as it is now.
            list(target.texts_of(change.values, opened.before.get(change.entity_id, {})).values())
            for change in kept[start : start + _BLOCK_ROWS]
        ]
        yield [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]


def _whole_blocks(opened: OpenDraft, target: DraftType, base: Snapshot) -> Iterator[Sequence[pa.StringArray]]:
    changed = pa.array(list(opened.changes), pa.string())
    for batch in base.batches():
        ids = batch.column(base.entity_type.key_name)
        stays = batch.filter(pc.invert(pc.is_in(ids, value_set=changed))) if len(changed) else batch
        for part in parts_of([stays]):
            yield [_texts(base.entity_type, part, origin) for origin in target.origins]
    yield from _kept_blocks(opened, target)


def _texts(entity_type: EntityType, part: pa.RecordBatch, origin: str) -> pa.StringArray:
    declared = next((p for p in entity_type.properties if p.name == origin), None)
    if declared is None:
        return pa.array([""] * part.num_rows, pa.string())
    return value_texts(part.column(declared.name), declared.type)
