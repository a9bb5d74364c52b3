"""Two engines behind one port: nobody has to know where a snapshot is, and a load may go from one to the other."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from geostead.errors import SnapshotMissing
from geostead.formats.base import Deletion
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.snapshots.base import SnapshotStore
from geostead.snapshots.by_engine import ByEngine
from geostead.snapshots.postgis.store import PostgisSnapshots
from geostead.snapshots.store import FolderSnapshots
from geostead.wire.entities_json import render_fragments
from tests.entities import batch_of

SHOP = EntityType.declare(
    "Shop",
    [Property("ShopId", EdmType.STRING), Property("Latitude", EdmType.DOUBLE), Property("Longitude", EdmType.DOUBLE)],
    ["ShopId"],
)
BOTH_WAYS = [("one-1", "two-1-postgis"), ("one-1-postgis", "two-1")]


@pytest.fixture
def files(tmp_path: Path) -> FolderSnapshots:
    return FolderSnapshots(tmp_path / "snapshots", render_fragments)


@pytest.fixture
def store(files: FolderSnapshots, postgis_url: str) -> Iterator[ByEngine]:
    store = ByEngine(files, PostgisSnapshots(postgis_url, render_fragments))
    yield store
    store.close()


def write(store: SnapshotStore, snapshot_id: str, *ids: str) -> None:
    store.write(snapshot_id, SHOP, [batch_of(SHOP, [{"ShopId": i} for i in ids])])


def ids_of(store: SnapshotStore, snapshot_id: str) -> list[str]:
    return [i for batch in store.open(snapshot_id).batches() for i in batch.column("ShopId").to_pylist()]


def test_the_id_says_where_a_snapshot_goes(store: ByEngine, files: FolderSnapshots) -> None:
    write(store, "one-1", "a")
    write(store, "one-1-postgis", "b")
    assert list(files.ids()) == ["one-1"]
    assert list(store.ids()) == ["one-1", "one-1-postgis"]
    assert [ids_of(store, snapshot_id) for snapshot_id in store.ids()] == [["a"], ["b"]]
    for snapshot_id in list(store.ids()):
        store.check(snapshot_id)
        store.delete(snapshot_id)
        with pytest.raises(SnapshotMissing):
            store.open(snapshot_id)
    assert list(store.ids()) == []


@pytest.mark.parametrize(("base_id", "snapshot_id"), BOTH_WAYS)
def test_changes_go_from_one_engine_to_the_other(store: ByEngine, base_id: str, snapshot_id: str) -> None:
    write(store, base_id, "a", "b")
    changes = replace(batch_of(SHOP, [{"ShopId": "c"}], first_row=1), deletions=(Deletion(0, "a"), Deletion(2, "x")))
    written = store.write_changed(snapshot_id, base_id, [changes])
    assert (written.entity_count, written.unknown_rows, written.repeated_count) == (2, ((2, "x"),), 0)
    assert ids_of(store, snapshot_id) == ["b", "c"]
    assert ids_of(store, base_id) == ["a", "b"]
    assert sorted(store.ids()) == sorted([base_id, snapshot_id]), "no copy of the base is left"


@pytest.mark.parametrize(("base_id", "snapshot_id"), BOTH_WAYS)
def test_a_base_without_entities_can_change_the_engine_too(store: ByEngine, base_id: str, snapshot_id: str) -> None:
    write(store, "full-1", "a")
    store.write_changed(base_id, "full-1", [replace(batch_of(SHOP, []), deletions=(Deletion(0, "a"),))])
    store.write_changed(snapshot_id, base_id, [batch_of(SHOP, [{"ShopId": "c"}])])
    assert (ids_of(store, base_id), ids_of(store, snapshot_id)) == ([], ["c"])


@pytest.mark.parametrize(("base_id", "snapshot_id"), BOTH_WAYS)
def test_the_way_from_one_engine_to_the_other_leads_through_no_folder_for_temporary_files(
    store: ByEngine, base_id: str, snapshot_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    write(store, base_id, "a")
    store.write_changed(snapshot_id, base_id, [batch_of(SHOP, [{"ShopId": "b"}])])
    assert ids_of(store, snapshot_id) == ["a", "b"]


@pytest.mark.parametrize(("snapshot_id", "other_id"), BOTH_WAYS)
def test_a_copy_can_be_taken_in_by_either_engine(
    store: ByEngine, snapshot_id: str, other_id: str, tmp_path: Path
) -> None:
    write(store, snapshot_id, "b", "a")
    store.copy_out(snapshot_id, tmp_path / "copy")
    store.check_copy(tmp_path / "copy")
    store.copy_in(other_id, tmp_path / "copy")
    store.copy_in(other_id, tmp_path / "copy")
    assert ids_of(store, other_id) == ["a", "b"]


def test_what_was_restored_without_postgresql_is_found_when_there_is_one(
    store: ByEngine, files: FolderSnapshots
) -> None:
    write(files, "one-1-postgis", "a")
    assert ids_of(store, "one-1-postgis") == ["a"]
    store.check("one-1-postgis")
    store.write_changed("two-1-postgis", "one-1-postgis", [batch_of(SHOP, [{"ShopId": "b"}])])
    assert ids_of(store, "two-1-postgis") == ["a", "b"]
    store.delete("one-1-postgis")
    assert list(store.ids()) == ["two-1-postgis"]
