"""No slice of a snapshot is much larger than others, however unequal its entities are."""

import mmap
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.model.columns import arrow_schema
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.snapshots import slices
from geostead.snapshots.slices import cut
from geostead.snapshots.store import FolderSnapshots
from geostead.wire.entities_json import render_fragments
from tests.entities import Entity, batch_of, columns_of
from tests.snapshots.test_changes import manifest_of, row_batches

LAKE = EntityType.declare(
    "Lake",
    [
        Property("Id", EdmType.STRING),
        Property("Region", EdmType.STRING),
        Property("Latitude", EdmType.DOUBLE),
        Property("Longitude", EdmType.DOUBLE),
        Property("Shore", EdmType.GEOGRAPHY),
    ],
    ["Id"],
)
SKEWED: list[Entity] = [
    {"Id": f"{i:03}", "Region": "north" * 20, "Shore": b"shore" * (1000 if 90 <= i < 95 else 1)} for i in range(100)
]
"""A hundred lakes; five of them, one after the other, have a hundred times the size of any other."""


def render_sizes(rows: pa.RecordBatch, entity_type: EntityType) -> pa.Array:
    """Stand in for fragments: say how many bytes are rendered at once."""
    assert rows.schema == arrow_schema(entity_type)
    return pa.array([str(rows.nbytes).encode()] * rows.num_rows, pa.large_binary())


def sizes_rendered(store: FolderSnapshots, snapshot_id: str) -> list[int]:
    pages = (store.open(snapshot_id).find(str(entity["Id"])) for entity in SKEWED)
    return [int(bytes(page.rows.json_fragments()[0])) for page in pages if page is not None]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FolderSnapshots:
    monkeypatch.setattr(slices, "MAX_BYTES", 12_000)
    return FolderSnapshots(tmp_path / "snapshots", render_sizes)


def test_large_entities_beside_many_small_ones_are_rendered_a_few_at_a_time(store: FolderSnapshots) -> None:
    store.write("one-1", LAKE, [batch_of(LAKE, SKEWED)])
    sizes = sizes_rendered(store, "one-1")
    assert len(sizes) == 100
    assert 5_000 < max(sizes) <= 12_000


def test_large_changes_beside_many_small_ones_are_rendered_a_few_at_a_time(store: FolderSnapshots) -> None:
    store.write("base-1", LAKE, [batch_of(LAKE, SKEWED[50:51])])
    rows = [(str(entity["Id"]), entity) for entity in SKEWED]
    store.write_changed("changed-1", "base-1", row_batches(LAKE, rows, 50))
    sizes = sizes_rendered(store, "changed-1")
    assert len(sizes) == 100
    assert 5_000 < max(sizes) <= 12_000


def test_batches_hold_a_few_large_entities_or_many_small_ones(store: FolderSnapshots) -> None:
    store.write("one-1", LAKE, [batch_of(LAKE, SKEWED)])
    batches = list(store.open("one-1").batches())
    assert [row for batch in batches for row in batch.to_pylist()] == columns_of(LAKE, SKEWED).to_pylist()
    assert max(batch.nbytes for batch in batches) <= 12_000
    assert max(batch.num_rows for batch in batches) > 50


def test_an_entity_larger_than_a_slice_is_a_slice_of_its_own(
    store: FolderSnapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "MAX_BYTES", 4_000)
    store.write("one-1", LAKE, [batch_of(LAKE, SKEWED)])
    batches = list(store.open("one-1").batches())
    assert sum(batch.num_rows for batch in batches) == 100
    assert [batch.num_rows for batch in batches if batch.nbytes > 4_000] == [1] * 5


@given(st.integers(1, 40), st.lists(st.integers(0, 9_000), max_size=30), st.integers(1, 25))
def test_fragments_are_the_same_however_rows_are_cut(
    tmp_path_factory: pytest.TempPathFactory, max_rows: int, lengths: list[int], changed: int
) -> None:
    lakes: list[Entity] = [{"Id": f"{i:02}", "Region": "r" * n} for i, n in enumerate([1, *lengths])]
    store = FolderSnapshots(tmp_path_factory.mktemp("cut"), render_fragments)
    store.write("whole-1", LAKE, [batch_of(LAKE, lakes)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices, "MAX_BYTES", 10_000)
        patch.setattr("geostead.snapshots.writer.RENDERED_ROWS", max_rows)
        store.write("cut-1", LAKE, [batch_of(LAKE, lakes)])
        store.write("base-1", LAKE, [batch_of(LAKE, lakes[::2])])
        rows = [(str(lake["Id"]), lake) for lake in [*lakes[1::2], *lakes[:changed]]]
        store.write_changed("changed-1", "base-1", row_batches(LAKE, rows, 3))
    assert manifest_of(store, "whole-1") == manifest_of(store, "cut-1") == manifest_of(store, "changed-1")


def test_repeated_texts_count_each_time_though_they_are_kept_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "MAX_BYTES", 1_000)
    column = pa.array(["x" * 300] * 8).dictionary_encode()
    assert list(cut(pa.record_batch({"Region": column}), 20)) == [(0, 3), (3, 6), (6, 8)]


def test_of_what_is_a_part_of_something_only_the_part_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "MAX_BYTES", 100)
    rows = pa.record_batch({"Shore": pa.array([b"x" * 500, b"x" * 60, None, b"x" * 60])})
    assert list(cut(rows.slice(1), 20)) == [(0, 2), (2, 3)]
    assert list(cut(rows.slice(1), 1)) == [(0, 1), (1, 2), (2, 3)]
    assert list(cut(rows.slice(4), 1)) == []


def test_more_bytes_than_short_offsets_reach_come_out_in_slices() -> None:
    with mmap.mmap(-1, 3 * 2**30 + 4096) as room:  # of which nothing but the touched pages takes memory
        offsets = np.arange(1, 12, dtype=np.int64) * 2**28
        shores = pa.LargeBinaryArray.from_buffers(
            pa.large_binary(), 10, [None, pa.py_buffer(offsets), pa.py_buffer(room)]
        )
        assert list(cut(pa.record_batch({"Shore": shores}), 20)) == [(row, row + 1) for row in range(10)]
        del shores
