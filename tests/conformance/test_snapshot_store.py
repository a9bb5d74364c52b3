"""Every store of snapshots keeps the contract of its port (geostead.snapshots.base), wherever the files are."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from geostead.errors import NoValidEntities, SnapshotDamaged, SnapshotMissing, Unavailable, UnreadableUpload
from geostead.formats.base import Deletion, EntityBatch
from geostead.query.bound import BoundQuery
from geostead.snapshots.base import Snapshot, SnapshotStore
from geostead.snapshots.differences import ChangedEntity, find_difference
from geostead.snapshots.node_cache import NodeCache
from geostead.snapshots.objects import ObjectSnapshots
from geostead.snapshots.postgis.store import PostgisSnapshots
from geostead.snapshots.store import FolderSnapshots
from tests.entities import Entity, batch_of
from tests.snapshots.stored import SHOP, SHOPS, render_ids


def test_a_store_that_answers_says_so(store: SnapshotStore) -> None:
    store.ping()
    assert list(store.ids()) == [], "and asking leaves nothing"


@pytest.fixture(params=["folder", "objects", "postgis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SnapshotStore]:
    store = make_store(request, tmp_path)
    yield store
    store.close()


def make_store(request: pytest.FixtureRequest, folder: Path) -> SnapshotStore:
    match request.param:
        case "folder":
            return FolderSnapshots(folder / "snapshots", render_ids)
        case "objects":
            cache = NodeCache(folder / "cache", 10**9)
            return ObjectSnapshots(request.getfixturevalue("objects"), cache, render_ids)
        case _:
            return PostgisSnapshots(request.getfixturevalue("postgis_url"), render_ids)


def write(store: SnapshotStore, snapshot_id: str, entities: list[Entity] = SHOPS) -> None:
    store.write(snapshot_id, SHOP, [batch_of(SHOP, entities)])


def ids_of(snapshot: Snapshot) -> list[str]:
    return [i for batch in snapshot.batches() for i in batch.column("ShopId").to_pylist()]


def test_what_was_written_can_be_opened_at_once(store: SnapshotStore) -> None:
    assert store.write("one-1", SHOP, [batch_of(SHOP, SHOPS)]).entity_count == 3
    if isinstance(store, PostgisSnapshots):  # a server has to be asked first, even if only once
        assert store.open_at_once("one-1") is None
        store.open("one-1")
    opened = store.open_at_once("one-1")
    assert opened is not None
    assert ids_of(opened) == ids_of(store.open("one-1")) == ["a", "b", "ä"]
    assert (opened.entity_count, opened.entity_type) == (3, SHOP)


def test_changes_make_a_snapshot_of_its_own_and_leave_the_base_as_it_was(store: SnapshotStore) -> None:
    write(store, "one-1")
    changes = batch_of(SHOP, [{"ShopId": "c", "Name": "Cinema"}, {"ShopId": "b", "Name": "Butcher"}], first_row=1)
    written = store.write_changed("two-1", "one-1", [replace(changes, deletions=(Deletion(0, "a"), Deletion(3, "x")))])
    assert (written.entity_count, written.unknown_rows) == (3, ((3, "x"),))
    assert ids_of(store.open("two-1")) == ["b", "c", "ä"]
    assert ids_of(store.open("one-1")) == ["a", "b", "ä"]


def test_changes_of_a_base_that_is_not_there_leave_nothing(store: SnapshotStore) -> None:
    with pytest.raises(SnapshotMissing):
        store.write_changed("two-1", "one-1", [batch_of(SHOP, SHOPS)])
    assert list(store.ids()) == []


def test_what_differs_between_two_snapshots_is_told_whatever_keeps_them(store: SnapshotStore) -> None:
    write(store, "one-1")
    write(store, "two-1", [{**SHOPS[0], "Name": "Bank"}, SHOPS[2], {"ShopId": "\uffee"}, {"ShopId": "\U0001f600"}])
    found = find_difference(store.open("one-1"), store.open("two-1"), 5)
    assert (found.added, found.removed) == (["\uffee", "\U0001f600"], ["a"])
    assert found.changed == [ChangedEntity("b", ("Name",))]


def test_the_size_is_known_without_opening_and_grows_with_the_entities(store: SnapshotStore) -> None:
    write(store, "one-1")
    many: list[Entity] = [{"ShopId": f"{number:05}", "Name": f"Shop {number}"} for number in range(2_000)]
    write(store, "two-1", many)
    assert 0 < store.size_bytes("one-1") < store.size_bytes("two-1")
    store.delete("one-1")
    with pytest.raises(SnapshotMissing):
        store.size_bytes("one-1")


@pytest.mark.parametrize("snapshot_id", ["never-1", "..", "../one-1", "a/b", "", "UPPER", ".hidden"])
def test_what_is_not_there_is_missing_and_deleting_it_is_fine(store: SnapshotStore, snapshot_id: str) -> None:
    write(store, "one-1")
    for method in (store.open, store.check, store.size_bytes):
        with pytest.raises(SnapshotMissing):
            method(snapshot_id)
    if snapshot_id == "never-1":
        store.delete(snapshot_id)
    assert list(store.ids()) == ["one-1"]


def test_an_upload_without_entities_or_one_that_breaks_off_leaves_nothing(store: SnapshotStore) -> None:
    def broken() -> Iterator[EntityBatch]:
        yield batch_of(SHOP, SHOPS)
        raise UnreadableUpload("the file ends in the middle of a row")

    with pytest.raises(NoValidEntities):
        store.write("one-1", SHOP, [])
    with pytest.raises(UnreadableUpload):
        store.write("one-1", SHOP, broken())
    assert list(store.ids()) == []
    write(store, "one-1")
    assert ids_of(store.open("one-1")) == ["a", "b", "ä"]


def test_what_is_there_is_never_written_again(store: SnapshotStore) -> None:
    write(store, "one-1")
    with pytest.raises(OSError):  # noqa: PT011  # which one depends on the store
        write(store, "one-1", [{"ShopId": "z"}])
    assert ids_of(store.open("one-1")) == ["a", "b", "ä"]
    store.check("one-1")


def test_a_deleted_snapshot_is_gone_but_who_has_it_open_reads_on(store: SnapshotStore) -> None:
    write(store, "one-1")
    write(store, "two-1")
    opened = store.open("one-1")
    store.delete("one-1")
    store.delete("one-1")
    for method in (store.open, store.check):
        with pytest.raises(SnapshotMissing):
            method("one-1")
    assert list(store.ids()) == ["two-1"]
    if isinstance(store, PostgisSnapshots):  # which cannot keep a table for those who read it
        for read in (partial(ids_of, opened), partial(opened.find, "a"), partial(opened.search, BoundQuery())):
            with pytest.raises(Unavailable):
                read()
    else:
        assert ids_of(opened) == ["a", "b", "ä"]
        assert opened.find("a") is not None


def test_a_copy_that_was_taken_out_can_be_put_in_elsewhere_or_again(store: SnapshotStore, tmp_path: Path) -> None:
    write(store, "one-1")
    store.copy_out("one-1", tmp_path / "copy")
    store.check_copy(tmp_path / "copy")
    store.copy_in("one-1", tmp_path / "copy")
    store.delete("one-1")
    store.copy_in("one-1", tmp_path / "copy")
    store.check("one-1")
    assert ids_of(store.open("one-1")) == ["a", "b", "ä"]
    FolderSnapshots(tmp_path / "elsewhere", render_ids).copy_in("one-1", tmp_path / "copy")


def test_what_is_not_there_leaves_no_copy(store: SnapshotStore, tmp_path: Path) -> None:
    with pytest.raises(SnapshotMissing):
        store.copy_out("one-1", tmp_path / "copy")
    with pytest.raises(SnapshotMissing):
        store.copy_in("one-1", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    assert list(store.ids()) == []


def test_a_damaged_copy_is_never_taken_in(store: SnapshotStore, tmp_path: Path) -> None:
    write(store, "one-1")
    store.copy_out("one-1", tmp_path / "copy")
    store.delete("one-1")
    with (tmp_path / "copy" / "entities.arrow").open("r+b") as file:
        file.write(b"x")
    with pytest.raises(SnapshotDamaged):
        store.check_copy(tmp_path / "copy")
    with pytest.raises(SnapshotDamaged):
        store.copy_in("one-1", tmp_path / "copy")
    assert list(store.ids()) == []
