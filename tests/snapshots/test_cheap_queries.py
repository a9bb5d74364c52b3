"""What may run where it holds up others is known before it runs."""

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
    assert city.is_cheap(BoundQuery(spatial=DESERT))
    assert city.is_cheap(BoundQuery(spatial=DESERT, count=True, order=(OrderTerm(NAME),)))


def test_a_search_where_many_points_may_be_is_not_cheap_however_small(city: Snapshot) -> None:
    assert not city.is_cheap(BoundQuery(spatial=CITY))
    assert not city.is_cheap(BoundQuery(spatial=Nearby(48.1, 11.1, 0.16)))
    assert not city.is_cheap(BoundQuery(spatial=InBox(48.1, 11.1, 48.2, 11.2)))


def test_a_page_of_everything_is_cheap_unless_something_has_to_be_looked_at(city: Snapshot) -> None:
    assert city.is_cheap(BoundQuery(skip=50_000))
    assert not city.is_cheap(BoundQuery(order=(OrderTerm(NAME),)))
    assert not city.is_cheap(BoundQuery(predicate=Compare(NAME, Comparator.EQ, "x")))


def test_many_conditions_are_not_cheap_even_on_few_entities(tmp_path: Path) -> None:
    small = snapshot_of(tmp_path, [{"Id": "1", "Name": "x"}])
    condition = Compare(NAME, Comparator.EQ, "x")
    assert small.is_cheap(BoundQuery(predicate=And((condition,) * 8)))
    assert not small.is_cheap(BoundQuery(predicate=And((condition,) * 9)))


def test_heavy_entities_are_not_cheap(tmp_path: Path) -> None:
    heavy = snapshot_of(tmp_path, [{"Id": "1", "Name": "x" * 3000}])
    assert heavy.is_cheap(BoundQuery(top=20))
    assert not heavy.is_cheap(BoundQuery(top=25))


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
    index = SpatialIndex(tmp_path)
    south, north = sorted((lat1, lat2))
    rectangles = rectangles_of_box(south=south, west=west, north=north, east=east)
    assert len(index.find(rectangles)) <= index.count_at_most(rectangles)
    world = rectangles_of_box(south=-90, west=-180, north=90, east=180)
    assert index.count_at_most(world) == len(points)
