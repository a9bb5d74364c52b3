"""The index of geographies: written with a snapshot, made in memory for one that lacks it."""

import json
from pathlib import Path

import pytest
import shapely

from geostead.errors import SnapshotDamaged
from geostead.formats.base import Deletion, EntityBatch
from geostead.geo.box import Rectangle
from geostead.query.bound import BoundQuery, Intersects
from geostead.snapshots.base import Snapshot
from geostead.snapshots.columns import Columns
from geostead.snapshots.files import ENTITIES_FILE
from geostead.snapshots.geography_index import ROWS_FILE, TREE_FILE, GeographyIndex
from tests.entities import batch_of
from tests.snapshots.places import PLACE, outline, point, store_in

FIJI = "POLYGON ((177 -20, -178 -20, -178 -15, 177 -15, 177 -20))"
PLACES = [point("a", 1, 1), outline("b", FIJI), outline("c", "LINESTRING (10 10, 20 20)"), {"Id": "d"}]


def ids(snapshot: Snapshot, text: str) -> list[str]:
    page = snapshot.search(BoundQuery(Intersects(shapely.from_wkt(text))))
    return page.rows.columns(["Id"]).column(0).to_pylist()


def write(folder: Path, places: list[dict[str, object]]) -> Path:
    store_in(folder).write("one-1", PLACE, [batch_of(PLACE, places)])
    return folder / "one-1"


def index_in(folder: Path) -> GeographyIndex:
    return GeographyIndex(folder, Columns.open(folder / ENTITIES_FILE, PLACE))


def forget_index(folder: Path) -> None:
    """Make a snapshot what an earlier program wrote."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in (ROWS_FILE, TREE_FILE):
        del manifest["files"][name]
        (folder / name).unlink()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_envelopes_that_touch_a_rectangle_are_found_once(tmp_path: Path) -> None:
    index = index_in(write(tmp_path, PLACES))
    assert index.find([Rectangle(20, 20, 30, 30)]).tolist() == [2]
    assert index.find([Rectangle(-180, -90, 180, 90), Rectangle(0, 0, 30, 30)]).tolist() == [1, 2]
    assert index.find([Rectangle(21, 21, 30, 30)]).tolist() == []
    assert index.find([]).tolist() == []


def test_a_geography_across_the_antimeridian_has_an_envelope_on_each_side(tmp_path: Path) -> None:
    index = index_in(write(tmp_path, PLACES))
    assert index.find([Rectangle(178, -18, 179, -17)]).tolist() == [1]
    assert index.find([Rectangle(-179, -18, -178, -17)]).tolist() == [1]
    assert index.find([Rectangle(-170, -18, 170, -17)]).tolist() == []


def test_a_snapshot_that_was_written_without_the_index_answers_alike(tmp_path: Path) -> None:
    folder = write(tmp_path, PLACES)
    texts = [FIJI, "POINT (15 15)", "POINT (1 1)", "POLYGON ((-90 -90, 90 -90, 90 90, -90 90, -90 -90))"]
    expected = [ids(store_in(tmp_path).open("one-1"), text) for text in texts]
    forget_index(folder)
    store_in(tmp_path).check("one-1")
    assert [ids(store_in(tmp_path).open("one-1"), text) for text in texts] == expected
    assert expected == [["b"], ["c"], ["a"], ["a", "c"]]


def test_a_snapshot_without_a_single_geography_has_an_empty_index(tmp_path: Path) -> None:
    folder = write(tmp_path, [point("a", 1, 1), point("b", 2, 2)])
    assert (folder / ROWS_FILE).stat().st_size == 0
    assert not (folder / TREE_FILE).exists()
    assert ids(store_in(tmp_path).open("one-1"), "POLYGON ((0 0, 3 0, 3 3, 0 3, 0 0))") == ["a", "b"]


def test_a_changed_snapshot_has_the_index_of_its_own_geographies(tmp_path: Path) -> None:
    write(tmp_path, PLACES)
    changes = batch_of(PLACE, [outline("c", "POINT (50 50)"), outline("e", "POINT (60 60)")])
    deletion = EntityBatch(changes.entities.slice(0, 0), changes.rows[:0], 0, (), (Deletion(9, "b"),))
    store = store_in(tmp_path)
    store.write_changed("two-2", "one-1", [changes, deletion])
    changed = store.open("two-2")
    assert ids(changed, FIJI) == []
    assert ids(changed, "POINT (15 15)") == []
    assert ids(changed, "MULTIPOINT ((50 50), (60 60))") == ["c", "e"]
    assert ids(store.open("one-1"), "POINT (15 15)") == ["c"]


def test_a_damaged_index_is_found_by_check(tmp_path: Path) -> None:
    folder = write(tmp_path, PLACES)
    tree = bytearray((folder / TREE_FILE).read_bytes())
    tree[-1] ^= 1
    (folder / TREE_FILE).write_bytes(tree)
    with pytest.raises(SnapshotDamaged, match="SHA-256"):
        store_in(tmp_path).check("one-1")


def test_equal_entities_have_equal_indexes(tmp_path: Path) -> None:
    one, other = write(tmp_path / "one", PLACES), write(tmp_path / "other", PLACES[::-1])
    assert (one / TREE_FILE).read_bytes() == (other / TREE_FILE).read_bytes()
    assert (one / "manifest.json").read_bytes() == (other / "manifest.json").read_bytes()
