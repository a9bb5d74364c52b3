"""What is not as it was written is found, and is never copied."""

import os
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from geostead.errors import SnapshotDamaged, SnapshotMissing
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.snapshots import spatial_index
from geostead.snapshots.files import ENTITIES_FILE, FRAGMENTS_FILE, MANIFEST_FILE, OFFSETS_FILE
from geostead.snapshots.spatial_index import CELLS_FILE, ROWS_FILE, TREE_FILE, VECTORS_FILE
from geostead.snapshots.store import FolderSnapshots
from geostead.wire.entities_json import render_fragments
from tests.disk_calls import DiskCalls
from tests.entities import batch_of

SHOP = EntityType.declare(
    "Shop",
    [
        Property("Id", EdmType.STRING),
        Property("Latitude", EdmType.DOUBLE),
        Property("Longitude", EdmType.DOUBLE),
    ],
    ["Id"],
)
FILES = (ENTITIES_FILE, FRAGMENTS_FILE, OFFSETS_FILE, TREE_FILE, VECTORS_FILE, ROWS_FILE, CELLS_FILE)


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut_a_byte(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def append_a_byte(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def make_it_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES = (flip_a_bit, cut_a_byte, append_a_byte, Path.unlink, make_it_a_folder)
damaged_files = pytest.mark.parametrize("name", FILES)
damages = pytest.mark.parametrize("damage", DAMAGES)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FolderSnapshots:
    """A store with the snapshot one-1, which has every file that a snapshot may have."""
    monkeypatch.setattr(spatial_index, "FEW_POINTS", 0)
    store = FolderSnapshots(tmp_path / "snapshots", render_fragments)
    store.write("one-1", SHOP, [batch_of(SHOP, [{"Id": "a", "Latitude": 1.0, "Longitude": 2.0}, {"Id": "b"}])])
    return store


@pytest.fixture
def other(tmp_path: Path) -> FolderSnapshots:
    return FolderSnapshots(tmp_path / "other", render_fragments)


def test_what_is_as_it_was_written_passes(store: FolderSnapshots) -> None:
    store.check("one-1")
    assert {path.name for path in (store._root / "one-1").iterdir()} == {*FILES, MANIFEST_FILE}


@damaged_files
@damages
def test_a_check_finds_every_damage_and_names_the_file(
    store: FolderSnapshots, name: str, damage: Callable[[Path], None]
) -> None:
    damage(store._root / "one-1" / name)
    with pytest.raises(SnapshotDamaged, match=name):
        store.check("one-1")


def test_a_snapshot_without_manifest_is_missing(store: FolderSnapshots, other: FolderSnapshots) -> None:
    (store._root / "one-1" / MANIFEST_FILE).unlink()
    for act in (
        store.check,
        lambda name: store.copy_out(name, other._root),
        lambda name: other.copy_in(name, store._root / name),
    ):
        with pytest.raises(SnapshotMissing):
            act("one-1")
    assert not other._root.exists()


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"layout": 1, "files": [1]}', b'{"layout": 1, "files": []}'])
def test_a_manifest_that_is_none_is_damage(store: FolderSnapshots, content: bytes) -> None:
    (store._root / "one-1" / MANIFEST_FILE).write_bytes(content)
    with pytest.raises(SnapshotDamaged, match="manifest"):
        store.check("one-1")


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "a/b", ".."])
def test_a_manifest_leads_nowhere_else(store: FolderSnapshots, other: FolderSnapshots, name: str) -> None:
    path = store._root / "one-1" / MANIFEST_FILE
    document = orjson.loads(path.read_bytes())
    document["files"][name] = document["files"].pop(ENTITIES_FILE)
    path.write_bytes(orjson.dumps(document))
    with pytest.raises(SnapshotDamaged, match="no snapshot has"):
        other.copy_in("one-1", store._root / "one-1")


def test_a_copy_is_the_same_and_outlives_the_original(
    store: FolderSnapshots, other: FolderSnapshots, tmp_path: Path
) -> None:
    folder = tmp_path / "backup" / "one"
    store.copy_out("one-1", folder)
    copied = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert copied == {path.name: path.read_bytes() for path in (store._root / "one-1").iterdir()}
    for path in (store._root / "one-1").iterdir():
        flip_a_bit(path)
    other.copy_in("one-1", folder)
    other.check("one-1")
    assert other.open("one-1").entity_count == 2


def test_a_copy_is_durable_when_it_is_there(
    store: FolderSnapshots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = DiskCalls(tmp_path, monkeypatch)
    store.copy_out("one-1", tmp_path / "backup" / "one")
    files = sorted(f"sync backup/one.unfinished/{name}" for name in (*FILES, MANIFEST_FILE))
    assert calls.made[0] == "sync ."
    assert sorted(calls.made[1:-3]) == files
    assert calls.made[-4] == f"sync backup/one.unfinished/{MANIFEST_FILE}"
    assert calls.made[-3:] == [
        "sync backup/one.unfinished",
        "rename backup/one.unfinished -> backup/one",
        "sync backup",
    ]


@damaged_files
@damages
def test_what_is_damaged_is_not_copied(
    store: FolderSnapshots, other: FolderSnapshots, tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    damage(store._root / "one-1" / name)
    with pytest.raises(SnapshotDamaged, match=name):
        store.copy_out("one-1", tmp_path / "backup")
    with pytest.raises(SnapshotDamaged, match=name):
        other.copy_in("one-1", store._root / "one-1")
    assert not list(tmp_path.glob("backup*"))
    assert list(other.ids()) == []


def test_a_copy_never_goes_over_what_is_there(store: FolderSnapshots, tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "letter").write_text("keep me")
    with pytest.raises(OSError, match="There is such a folder"):
        store.copy_out("one-1", tmp_path / "backup")
    assert [path.name for path in (tmp_path / "backup").iterdir()] == ["letter"]


def test_what_a_killed_copy_left_is_in_nobodys_way(store: FolderSnapshots, other: FolderSnapshots) -> None:
    (other._root / "one-1.unfinished").mkdir(parents=True)
    (other._root / "one-1.unfinished" / ENTITIES_FILE).write_bytes(b"half")
    other.copy_in("one-1", store._root / "one-1")
    other.check("one-1")
    assert [path.name for path in other._root.iterdir()] == ["one-1"]


def test_taking_in_what_is_there_already_changes_nothing(store: FolderSnapshots, other: FolderSnapshots) -> None:
    other.copy_in("one-1", store._root / "one-1")
    before = (other._root / "one-1").stat().st_ino
    other.copy_in("one-1", store._root / "one-1")
    assert (other._root / "one-1").stat().st_ino == before


@damages
def test_taking_in_mends_what_is_there_but_damaged(
    store: FolderSnapshots, other: FolderSnapshots, damage: Callable[[Path], None]
) -> None:
    other.copy_in("one-1", store._root / "one-1")
    damage(other._root / "one-1" / TREE_FILE)
    other.copy_in("one-1", store._root / "one-1")
    other.check("one-1")


def test_what_is_damaged_on_both_sides_stays_as_it_is(store: FolderSnapshots, other: FolderSnapshots) -> None:
    other.copy_in("one-1", store._root / "one-1")
    for each in (store, other):
        flip_a_bit(each._root / "one-1" / TREE_FILE)
    with pytest.raises(SnapshotDamaged):
        other.copy_in("one-1", store._root / "one-1")
    assert list(other.ids()) == ["one-1"]


def test_a_snapshot_that_is_deleted_while_it_is_checked_is_missing_not_damaged(
    store: FolderSnapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    def open_after_deletion(path: Path, *arguments: object, **options: object) -> object:
        if path.name == ENTITIES_FILE:
            FolderSnapshots(store._root, render_fragments).delete("one-1")
        return real(path, *arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", open_after_deletion)
    with pytest.raises(SnapshotMissing):
        store.check("one-1")
