"""What may run where it holds up others is known before it runs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geostead.geo.box import rectangles_of_box
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.query.bound import And, BoundQuery, Comparator, Compare, InBox, Nearby, OrderTerm
from geostead.snapshots import spatial_index
from geostead.snapshots.base import Snapshot
from geostead.snapshots.spatial_index import SpatialIndex, write_spatial_index
from geostead.snapshots.store import FolderSnapshots
from geostead.wire.entities_json import render_fragments
from tests.entities import batch_of

NAME = Property("Name", EdmType.STRING)
SHOP = EntityType.declare(
    "Shop",
    [Property("Id", EdmType.STRING), NAME, Property("Latitude", EdmType.DOUBLE), Property("Longitude", EdmType.DOUBLE)],
    ["Id"],
)
CITY = Nearby(48.5, 11.5, 10.0)
DESERT = Nearby(-23.5, 15.5, 10.0)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """60,000 shops in one cell of one degree."""
    shops = [{"Id": f"{i}", "Name": "x", "Latitude": 48.5, "Longitude": 11.5} for i in range(60_000)]
    return snapshot_of(tmp_path_factory.mktemp("city"), shops)


def snapshot_of(folder: Path, shops: list[dict[str, object]]) -> Snapshot:
    store = FolderSnapshots(folder, render_fragments)
    store.write("one-1", SHOP, [batch_of(SHOP, shops)])
    return store.open("one-1")


def test_a_search_among_few_points_is_cheap_however_many_there_are_elsewhere(city: Snapshot) -> None:
    assert city.search_at_once(BoundQuery(spatial=DESERT)) is not None
    assert city.search_at_once(BoundQuery(spatial=DESERT, count=True, order=(OrderTerm(NAME),))) is not None


def test_a_search_where_many_points_may_be_is_not_cheap_however_small(city: Snapshot) -> None:
    assert city.search_at_once(BoundQuery(spatial=CITY)) is None
    assert city.search_at_once(BoundQuery(spatial=Nearby(48.1, 11.1, 0.16))) is None
    assert city.search_at_once(BoundQuery(spatial=InBox(48.1, 11.1, 48.2, 11.2))) is None


def test_a_page_of_everything_is_cheap_unless_something_has_to_be_looked_at(city: Snapshot) -> None:
    assert city.search_at_once(BoundQuery(skip=50_000)) is not None
    assert city.search_at_once(BoundQuery(order=(OrderTerm(NAME),))) is None
    assert city.search_at_once(BoundQuery(predicate=Compare(NAME, Comparator.EQ, "x"))) is None


def test_the_nearest_are_found_at_once_in_a_large_circle_with_enough_of_them_in_its_middle(tmp_path: Path) -> None:
    crowd = [{"Id": f"c{i}", "Latitude": -20.5, "Longitude": 15.5} for i in range(60_000)]
    few = [{"Id": f"f{i}", "Latitude": -23.5, "Longitude": 15.5 + i / 1000} for i in range(30)]
    land = snapshot_of(tmp_path, [*few, *crowd])
    query = BoundQuery(spatial=DESERT._replace(radius_km=1000.0))
    page = land.search_at_once(query)
    assert page is not None
    ids = page.rows.columns(["Id"]).column(0).to_pylist()
    assert ids == [f"f{i}" for i in range(25)] == land.search(query).rows.columns(["Id"]).column(0).to_pylist()
    for more in (replace(query, top=31), replace(query, count=True), replace(query, order=(OrderTerm(NAME),))):
        assert land.search_at_once(more) is None


def test_many_conditions_are_not_cheap_even_on_few_entities(tmp_path: Path) -> None:
    small = snapshot_of(tmp_path, [{"Id": "1", "Name": "x"}])
    condition = Compare(NAME, Comparator.EQ, "x")
    assert small.search_at_once(BoundQuery(predicate=And((condition,) * 8))) is not None
    assert small.search_at_once(BoundQuery(predicate=And((condition,) * 9))) is None


def test_heavy_entities_are_not_cheap(tmp_path: Path) -> None:
    heavy = snapshot_of(tmp_path, [{"Id": "1", "Name": "x" * 2500}])
    assert heavy.search_at_once(BoundQuery(top=100)) is not None
    assert heavy.search_at_once(BoundQuery(top=120)) is None


latitudes, longitudes = st.floats(-90, 90), st.floats(-180, 180)
places = st.lists(st.tuples(latitudes, longitudes), max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places, latitudes, latitudes, longitudes, longitudes)
def test_never_more_points_are_found_than_were_counted(
    tmp_path: Path, points: list[tuple[float, float]], lat1: float, lat2: float, west: float, east: float
) -> None:
    for old in tmp_path.iterdir():
        old.unlink()
    lats, lons = np.array(points, dtype=np.float64).reshape(-1, 2).T.copy()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spatial_index, "FEW_POINTS", -1)
        write_spatial_index(tmp_path, lats, lons, np.ones(len(points), dtype=np.bool_))
    index = SpatialIndex.open(tmp_path)
    south, north = sorted((lat1, lat2))
    rectangles = rectangles_of_box(south=south, west=west, north=north, east=east)
    assert len(index.find(rectangles)) <= index.count_at_most(rectangles)
    world = rectangles_of_box(south=-90, west=-180, north=90, east=180)
    assert index.count_at_most(world) == len(points)
