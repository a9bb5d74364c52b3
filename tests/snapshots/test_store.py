"""A snapshot is written whole or not at all, and opened by every process."""

import errno
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.errors import NoValidEntities, SnapshotDamaged, SnapshotMissing, UnreadableUpload
from geostead.formats.base import EntityBatch
from geostead.query.bound import BoundQuery, Nearby
from geostead.snapshots import spatial_index
from geostead.snapshots.files import ENTITIES_FILE, FRAGMENTS_FILE, MANIFEST_FILE, OFFSETS_FILE, Manifest
from geostead.snapshots.spatial_index import CELLS_FILE, ROWS_FILE, TREE_FILE, VECTORS_FILE
from geostead.snapshots.store import FolderSnapshots
from geostead.snapshots.writer import write_files
from tests.entities import Entity, batch_of
from tests.snapshots.stored import SHOP, SHOPS, render_ids


@pytest.fixture
def store(tmp_path: Path) -> FolderSnapshots:
    return FolderSnapshots(tmp_path / "snapshots", render_ids)


def ids_of(store: FolderSnapshots, snapshot_id: str) -> list[str]:
    return [i for batch in store.open(snapshot_id).batches() for i in batch.column("ShopId").to_pylist()]


def test_entities_come_back_in_entity_id_order(store: FolderSnapshots) -> None:
    written = store.write("one-1", SHOP, [batch_of(SHOP, SHOPS)])
    assert written.entity_count == 3
    assert ids_of(store, "one-1") == ["a", "b", "ä"]


def test_of_entities_with_one_id_the_first_row_stays_even_if_batches_come_out_of_order(store: FolderSnapshots) -> None:
    late = batch_of(SHOP, [{"ShopId": "a", "Name": "late"}], first_row=7)
    early = batch_of(SHOP, [{"ShopId": "a", "Name": "early"}, {"ShopId": "b", "Name": "only"}], first_row=2)
    written = store.write("one-1", SHOP, [late, early])
    assert (written.duplicate_count, written.duplicate_rows) == (1, ((7, "a"),))
    found = store.open("one-1").find("a")
    assert found is not None
    assert found.rows.columns(["Name"]).to_pylist() == [{"Name": "early"}]


def test_of_very_many_repeated_rows_only_the_first_are_told(
    store: FolderSnapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geostead.snapshots.collected.MAX_LISTED_ROWS", 2)
    rows: list[Entity] = [{"ShopId": i} for i in ("b", "a", "b", "c", "a", "b")]
    written = store.write("one-1", SHOP, [batch_of(SHOP, rows)])
    assert (written.entity_count, written.duplicate_count) == (3, 3)
    assert written.duplicate_rows == ((2, "b"), (4, "a"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
@pytest.mark.parametrize(
    "name", [ENTITIES_FILE, FRAGMENTS_FILE, OFFSETS_FILE, TREE_FILE, VECTORS_FILE, ROWS_FILE, CELLS_FILE, MANIFEST_FILE]
)
def test_a_file_that_finds_no_room_says_so(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spatial_index, "FEW_POINTS", 0)
    (tmp_path / name).symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left") as raised:
        write_files(tmp_path, SHOP, [batch_of(SHOP, SHOPS)], render_ids)
    assert raised.value.errno == errno.ENOSPC


def test_an_entity_is_found_by_its_id_and_no_other(store: FolderSnapshots) -> None:
    store.write("one-1", SHOP, [batch_of(SHOP, SHOPS)])
    snapshot = store.open("one-1")
    found = snapshot.find("ä")
    assert found is not None
    assert found.rows.json_fragments() == ["ä".encode()]
    assert [snapshot.find(i) for i in ("", "A", "aa", "c", "\U0001f600", "\ud800")] == [None] * 6


def test_entities_without_coordinates_are_in_no_circle(store: FolderSnapshots) -> None:
    store.write("one-1", SHOP, [batch_of(SHOP, SHOPS)])
    page = store.open("one-1").search(BoundQuery(spatial=Nearby(0.0, 0.0, 1000.0), count=True))
    assert page.total_count == 0
    page = store.open("one-1").search(BoundQuery(spatial=Nearby(48.0, 11.0, 100.0), distance=True))
    assert page.rows.json_fragments() == [b"b", b"a"]
    assert page.distances_km == pytest.approx([0.0, 13.37], abs=0.01)


def test_a_snapshot_without_any_coordinates_can_be_searched(store: FolderSnapshots) -> None:
    store.write("one-1", SHOP, [batch_of(SHOP, [{"ShopId": "x"}])])
    assert len(store.open("one-1").search(BoundQuery(spatial=Nearby(0.0, 0.0, 1.0))).rows) == 0


def test_an_upload_without_entities_leaves_nothing(store: FolderSnapshots) -> None:
    with pytest.raises(NoValidEntities):
        store.write("one-1", SHOP, [])
    assert list(store.ids()) == []


def test_an_upload_that_breaks_off_leaves_nothing(store: FolderSnapshots) -> None:
    def broken() -> Iterator[EntityBatch]:
        yield batch_of(SHOP, SHOPS)
        raise UnreadableUpload("the file ends in the middle of a row")

    with pytest.raises(UnreadableUpload):
        store.write("one-1", SHOP, broken())
    assert list(store.ids()) == []


def test_what_a_killed_writer_left_is_listed_but_cannot_be_opened(store: FolderSnapshots, tmp_path: Path) -> None:
    (tmp_path / "snapshots" / "dead-1.unfinished").mkdir(parents=True)
    assert list(store.ids()) == ["dead-1"]
    with pytest.raises(SnapshotMissing):
        store.open("dead-1")
    store.delete("dead-1")
    assert list(store.ids()) == []


def test_a_deleted_snapshot_is_gone_but_who_has_it_open_reads_on(store: FolderSnapshots) -> None:
    store.write("one-1", SHOP, [batch_of(SHOP, SHOPS)])
    snapshot = store.open("one-1")
    store.delete("one-1")
    store.delete("one-1")
    with pytest.raises(SnapshotMissing):
        store.open("one-1")
    assert snapshot.find("a") is not None


def test_no_file_of_a_snapshot_goes_before_its_name_has_gone(
    store: FolderSnapshots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write("one-1", SHOP, [batch_of(SHOP, SHOPS)])
    folder = tmp_path / "snapshots" / "one-1"
    files = {path.name for path in folder.iterdir()}
    removed: dict[str, bool] = {}
    real_unlink = os.unlink

    def unlink(path: str | Path, *, dir_fd: int | None = None) -> None:
        removed[Path(path).name] = folder.exists()
        real_unlink(path, dir_fd=dir_fd)

    monkeypatch.setattr(os, "unlink", unlink)
    store.delete("one-1")
    assert removed == dict.fromkeys(files, False)


def test_a_snapshot_whose_files_cannot_be_deleted_is_not_taken_for_deleted(
    store: FolderSnapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write("one-1", SHOP, [batch_of(SHOP, SHOPS)])

    def refuse(path: str, **_options: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", refuse)
        for _ in range(2):
            with pytest.raises(PermissionError):
                store.delete("one-1")
            assert list(store.ids()) == ["one-1"]
    store.delete("one-1")
    assert list(store.ids()) == []


@pytest.mark.parametrize("step", ["check_sizes", "read"])
def test_a_snapshot_that_is_deleted_while_it_is_opened_is_missing_not_damaged(
    store: FolderSnapshots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    store.write("one-1", SHOP, [batch_of(SHOP, SHOPS)])
    real = getattr(Manifest, step)

    def delete_afterwards(*arguments: object) -> object:
        done = real(*arguments)
        FolderSnapshots(tmp_path / "snapshots", render_ids).delete("one-1")
        return done

    monkeypatch.setattr(Manifest, step, delete_afterwards)
    with pytest.raises(SnapshotMissing):
        store.open("one-1")


@pytest.mark.parametrize("snapshot_id", ["..", "../one-1", "a/b", "", "UPPER", ".hidden"])
def test_a_snapshot_id_is_never_a_path(store: FolderSnapshots, snapshot_id: str) -> None:
    with pytest.raises(SnapshotMissing):
        store.open(snapshot_id)


def test_a_snapshot_with_a_short_file_does_not_open(store: FolderSnapshots, tmp_path: Path) -> None:
    store.write("one-1", SHOP, [batch_of(SHOP, SHOPS)])
    os.truncate(tmp_path / "snapshots" / "one-1" / "fragments.bin", 1)
    with pytest.raises(SnapshotDamaged, match=r"fragments\.bin"):
        store.open("one-1")


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"layout": 99}', b"\xff"])
def test_a_damaged_manifest_is_reported_as_such(store: FolderSnapshots, tmp_path: Path, content: bytes) -> None:
    store.write("one-1", SHOP, [batch_of(SHOP, SHOPS)])
    (tmp_path / "snapshots" / "one-1" / "manifest.json").write_bytes(content)
    with pytest.raises(SnapshotDamaged):
        store.open("one-1")


def test_every_file_is_synced_before_the_folder_gets_its_name_and_the_name_after(
    store: FolderSnapshots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    real_fsync, real_rename = os.fsync, os.rename

    def fsync(descriptor: int) -> None:
        calls.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        real_fsync(descriptor)

    def rename(source: Path, target: Path) -> None:
        calls.append("rename")
        real_rename(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "rename", rename)
    store.write("one-1", SHOP, [batch_of(SHOP, SHOPS)])
    before, after = calls[: calls.index("rename")], calls[calls.index("rename") + 1 :]
    files = {path.name for path in (tmp_path / "snapshots" / "one-1").iterdir()}
    assert files | {"one-1.unfinished"} <= set(before)
    assert before[0] == tmp_path.name, "the folder of all snapshots is new: its own name comes first"
    assert before[-1] == "one-1.unfinished"
    assert after == ["snapshots"]


def test_what_bytes_lie_under_missing_values_makes_no_difference(store: FolderSnapshots, tmp_path: Path) -> None:
    clean = batch_of(SHOP, SHOPS)
    columns = {name: clean.entities.column(name) for name in clean.entities.schema.names}
    for name in ("Latitude", "Longitude"):
        is_missing = columns[name].is_null().to_numpy(zero_copy_only=False)
        columns[name] = pa.array(columns[name].fill_null(77.0).to_numpy(), mask=is_missing)
    residue = replace(clean, entities=pa.RecordBatch.from_pydict(columns))
    for snapshot_id, batch in (("one-1", clean), ("two-1", residue)):
        store.write(snapshot_id, SHOP, [batch])
    manifests = {(tmp_path / "snapshots" / name / "manifest.json").read_bytes() for name in ("one-1", "two-1")}
    assert len(manifests) == 1


_texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


@given(st.dictionaries(_texts.filter(bool), _texts, min_size=1, max_size=30), st.randoms())
def test_equal_entities_make_equal_files_whatever_their_order(
    tmp_path_factory: pytest.TempPathFactory, names: dict[str, str], random: object
) -> None:
    entities: list[Entity] = [
        {"ShopId": i, "Name": name, "Latitude": 1.0, "Longitude": 2.0} for i, name in names.items()
    ]
    store = FolderSnapshots(tmp_path_factory.mktemp("equal"), render_ids)
    store.write("one-1", SHOP, [batch_of(SHOP, entities)])
    random.shuffle(entities)  # type: ignore[attr-defined]
    half = len(entities) // 2
    store.write("two-1", SHOP, [batch_of(SHOP, entities[:half]), batch_of(SHOP, entities[half:], first_row=half)])
    assert ids_of(store, "one-1") == sorted(names)
    manifests = [(store._root / snapshot / "manifest.json").read_bytes() for snapshot in ("one-1", "two-1")]
    assert manifests[0] == manifests[1]
