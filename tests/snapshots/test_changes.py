"""A snapshot made out of another one and changes is the one that writing the resulting entities makes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geostead.errors import SnapshotDamaged, SnapshotMissing, UnreadableUpload
from geostead.formats.base import Deletion, EntityBatch
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.model.instant import MAX_TICKS
from geostead.snapshots import encoding, writer
from geostead.snapshots.files import ENTITIES_FILE, MANIFEST_FILE
from geostead.snapshots.store import FolderSnapshots
from geostead.wire.entities_json import render_fragments
from tests.entities import batch_of
from tests.strategies import ENTITY_TYPE


def located(latitude: float, longitude: float) -> dict[str, object]:
    outline = shapely.to_wkb(shapely.Point(longitude, latitude), byte_order=1)
    return {"latitude": latitude, "LONGITUDE": longitude, "Outline": outline}


SHOP = EntityType.declare(
    "Shop",
    [
        Property("Id", EdmType.STRING),
        Property("City", EdmType.STRING),
        Property("Latitude", EdmType.DOUBLE),
        Property("Longitude", EdmType.DOUBLE),
    ],
    ["Id"],
)
Values = Mapping[str, object]
Row = tuple[str, Values | None]
"""An entity id, and its values; None asks for its deletion."""


def row_batches(entity_type: EntityType, rows: Sequence[Row], cut: int) -> Iterator[EntityBatch]:
    """Return the rows of an upload as two batches."""
    for start, part in ((0, rows[:cut]), (cut, rows[cut:])):
        numbered = [(start + i, entity_id, values) for i, (entity_id, values) in enumerate(part)]
        entities = [(row, {entity_type.key_name: id_, **values}) for row, id_, values in numbered if values is not None]
        yield replace(
            batch_of(entity_type, [entity for _, entity in entities]),
            rows=np.array([row for row, _ in entities], dtype=np.int64),
            row_count=len(part),
            deletions=tuple(Deletion(row, id_) for row, id_, values in numbered if values is None),
        )


def write_entities(
    store: FolderSnapshots, snapshot_id: str, entity_type: EntityType, entities: Mapping[str, Values]
) -> None:
    rows = [{entity_type.key_name: entity_id, **values} for entity_id, values in entities.items()]
    store.write(snapshot_id, entity_type, [batch_of(entity_type, rows)])


def manifest_of(store: FolderSnapshots, snapshot_id: str) -> bytes:
    return (store._root / snapshot_id / MANIFEST_FILE).read_bytes()


@pytest.fixture
def store(tmp_path: Path) -> FolderSnapshots:
    return FolderSnapshots(tmp_path / "snapshots", render_fragments)


@pytest.fixture
def shops(store: FolderSnapshots) -> FolderSnapshots:
    """A store with the snapshot base-1 of the shops a, b and c in Aalen, Bern and Chur."""
    write_entities(store, "base-1", SHOP, {"a": {"City": "Aalen"}, "b": {"City": "Bern"}, "c": {"City": "Chur"}})
    return store


def cities_of(store: FolderSnapshots, snapshot_id: str) -> dict[str, str]:
    rows = [row for batch in store.open(snapshot_id).batches() for row in batch.to_pylist()]
    return {row["Id"]: row["City"] for row in rows}


ids = st.text("ab\xe9\uffee\U0001f600", min_size=1, max_size=3)
places = st.tuples(st.sampled_from([-90.0, -0.0, 0.0, 48.1]), st.sampled_from([-180.0, -0.0, 11.5, 180.0]))
values_of_entities = st.builds(
    lambda values, place: {
        **values,
        **({} if place is None else located(*place)),
    },
    st.fixed_dictionaries(
        {},
        optional={
            "Name": ids,
            "City": st.sampled_from(["", "Aalen", "\U0001f600"]),
            "Kind": st.sampled_from(["cafe", "bar"]),
            "Seats": st.integers(-(2**63), 2**63 - 1),
            "Open": st.booleans(),
            "Elevation": st.sampled_from([-0.0, 0.0, 5e-324, -1.5]),
            "Founded": st.integers(0, MAX_TICKS),
        },
    ),
    st.none() | places,
)
rows_of_uploads = st.lists(st.tuples(ids, st.none() | values_of_entities), max_size=25)


@settings(deadline=None)
@given(st.dictionaries(ids, values_of_entities, min_size=1, max_size=25), rows_of_uploads, st.integers(0, 25))
def test_changes_make_what_they_make_of_a_dict(
    tmp_path_factory: pytest.TempPathFactory, base: dict[str, Values], rows: list[Row], cut: int
) -> None:
    store = FolderSnapshots(tmp_path_factory.mktemp("changes"), render_fragments)
    write_entities(store, "base-1", ENTITY_TYPE, base)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "RENDERED_ROWS", 3)
        written = store.write_changed("changed-1", "base-1", row_batches(ENTITY_TYPE, rows, cut))
    last = {entity_id: row for row, (entity_id, _) in enumerate(rows)}
    expected = {**base, **{rows[row][0]: rows[row][1] for row in last.values()}}
    expected = {entity_id: values for entity_id, values in expected.items() if values is not None}
    repeated = [(row, entity_id) for row, (entity_id, _) in enumerate(rows) if last[entity_id] != row]
    unknown = [(row, i) for row, (i, values) in enumerate(rows) if values is None and last[i] == row and i not in base]
    assert written.entity_count == store.open("changed-1").entity_count == len(expected)
    assert (written.repeated_count, list(written.repeated_rows)) == (len(repeated), repeated)
    assert (written.unknown_count, list(written.unknown_rows)) == (len(unknown), unknown)
    store.check("base-1")
    store.check("changed-1")
    if expected:
        write_entities(store, "whole-1", ENTITY_TYPE, expected)
        assert manifest_of(store, "changed-1") == manifest_of(store, "whole-1")


def test_an_entity_after_the_deletion_of_its_id_is_there_and_one_before_it_is_not(shops: FolderSnapshots) -> None:
    rows: list[Row] = [("a", None), ("a", {"City": "Ahlen"}), ("b", {"City": "Basel"}), ("b", None)]
    written = shops.write_changed("changed-1", "base-1", row_batches(SHOP, rows, 2))
    assert cities_of(shops, "changed-1") == {"a": "Ahlen", "c": "Chur"}
    assert written.repeated_rows == ((0, "a"), (2, "b"))
    assert written.unknown_count == 0


def test_an_entity_is_replaced_whole_and_keeps_nothing_of_the_old_one(shops: FolderSnapshots) -> None:
    shops.write_changed("changed-1", "base-1", row_batches(SHOP, [("b", {"Latitude": 1.0, "Longitude": 2.0})], 0))
    found = shops.open("changed-1").find("b")
    assert found is not None
    assert found.rows.columns(SHOP.names).to_pylist() == [{"Id": "b", "City": "", "Latitude": 1.0, "Longitude": 2.0}]


def test_without_changes_the_files_are_those_of_the_base(shops: FolderSnapshots) -> None:
    shops.write_changed("changed-1", "base-1", [])
    assert manifest_of(shops, "changed-1") == manifest_of(shops, "base-1")


def test_what_is_emptied_has_equal_files_whatever_was_there(shops: FolderSnapshots) -> None:
    shops.write_changed("empty-1", "base-1", row_batches(SHOP, [("a", None), ("b", None), ("c", None)], 1))
    write_entities(shops, "other-1", SHOP, {"x": {"City": "Xanten", "Latitude": 1.0, "Longitude": 2.0}})
    shops.write_changed("empty-2", "other-1", row_batches(SHOP, [("x", None)], 1))
    shops.write_changed("empty-3", "empty-2", row_batches(SHOP, [("y", {}), ("y", None)], 1))
    assert manifest_of(shops, "empty-1") == manifest_of(shops, "empty-2") == manifest_of(shops, "empty-3")


def test_of_very_many_unknown_deletions_only_the_first_are_told(
    shops: FolderSnapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geostead.snapshots.collected.MAX_LISTED_ROWS", 2)
    written = shops.write_changed("changed-1", "base-1", row_batches(SHOP, [("z", None), ("y", None), ("x", None)], 1))
    assert (written.unknown_count, written.unknown_rows) == (3, ((0, "z"), (1, "y")))


@pytest.mark.parametrize(("before", "after"), [(5, 5), (5, 6000), (6000, 5), (6000, 6000)])
def test_a_column_whose_values_begin_or_cease_to_repeat_is_kept_as_if_it_had_always_been_so(
    store: FolderSnapshots, before: int, after: int
) -> None:
    base = {f"{i:04}": {"City": f"City {i % before}"} for i in range(6000)}
    changed = {f"{i:04}": {"City": f"Town {i % after}"} for i in range(100, 6100)}
    write_entities(store, "base-1", SHOP, base)
    store.write_changed("changed-1", "base-1", row_batches(SHOP, list(changed.items()), 3000))
    write_entities(store, "whole-1", SHOP, {**base, **changed})
    assert manifest_of(store, "changed-1") == manifest_of(store, "whole-1")


@pytest.mark.parametrize("limit", [10, 60, 300, 350, 400])
def test_columns_that_grow_or_shrink_past_what_short_offsets_reach_are_as_if_they_had_always_been_so(
    store: FolderSnapshots, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(encoding, "_MAX_32_BIT_BYTES", limit)
    base = {f"{i:02}": {"City": f"City {i}"} for i in range(40)}
    write_entities(store, "base-1", SHOP, base)
    more: list[Row] = [(f"{i:02}", {"City": f"City {i % 10}"}) for i in range(30, 70)]
    store.write_changed("more-1", "base-1", row_batches(SHOP, more, 7))
    write_entities(store, "whole-1", SHOP, {**base, **dict(more)})  # type: ignore[dict-item]
    store.write_changed("less-1", "more-1", row_batches(SHOP, [(f"{i:02}", None) for i in range(30, 70)], 7))
    write_entities(store, "less-2", SHOP, {f"{i:02}": base[f"{i:02}"] for i in range(30)})
    assert manifest_of(store, "more-1") == manifest_of(store, "whole-1")
    assert manifest_of(store, "less-1") == manifest_of(store, "less-2")


def test_the_base_may_be_deleted_while_the_changes_are_read(shops: FolderSnapshots) -> None:
    def deleting() -> Iterator[EntityBatch]:
        FolderSnapshots(shops._root, render_fragments).delete("base-1")
        yield from row_batches(SHOP, [("b", {"City": "Basel"})], 0)

    shops.write_changed("changed-1", "base-1", deleting())
    assert cities_of(shops, "changed-1") == {"a": "Aalen", "b": "Basel", "c": "Chur"}
    shops.check("changed-1")


def test_changes_that_break_off_leave_nothing(shops: FolderSnapshots) -> None:
    def broken() -> Iterator[EntityBatch]:
        yield from row_batches(SHOP, [("a", None)], 0)
        raise UnreadableUpload("the file ends in the middle of a row")

    with pytest.raises(UnreadableUpload):
        shops.write_changed("changed-1", "base-1", broken())
    assert list(shops.ids()) == ["base-1"]


def test_without_a_base_there_is_nothing_to_change(store: FolderSnapshots) -> None:
    with pytest.raises(SnapshotMissing):
        store.write_changed("changed-1", "base-1", [])
    assert list(store.ids()) == []


def test_a_base_that_cannot_be_read_is_damaged(shops: FolderSnapshots) -> None:
    path = shops._root / "base-1" / ENTITIES_FILE
    path.write_bytes(bytes(path.stat().st_size))
    with pytest.raises(SnapshotDamaged, match="entities"):
        shops.write_changed("changed-1", "base-1", [])
    assert list(shops.ids()) == ["base-1"]
