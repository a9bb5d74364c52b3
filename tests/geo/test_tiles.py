"""Tiles of the world map: every place is in exactly one of each zoom."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geostead.geo.tiles import MAX_LATITUDE, MAX_ZOOM, Tile, on_map

LATITUDES = st.floats(-90.0, 90.0)
LONGITUDES = st.floats(-180.0, 180.0)


def place_on_map(latitude: float, longitude: float) -> tuple[float, float]:
    x, y = on_map(latitudes=np.array([latitude]), longitudes=np.array([longitude]))
    return float(x[0]), float(y[0])


@given(LATITUDES, LONGITUDES, st.integers(0, MAX_ZOOM))
@example(90.0, 180.0, 0)
@example(-90.0, -180.0, 22)
@example(MAX_LATITUDE, 0.0, 22)
@example(-MAX_LATITUDE, np.nextafter(180.0, 0.0), 22)
@example(5e-324, -5e-324, 22)
def test_a_place_is_in_the_tile_that_it_is_computed_to_be_in_and_in_its_rectangles(
    latitude: float, longitude: float, zoom: int
) -> None:
    x, y = place_on_map(latitude, longitude)
    assert 0 <= x < 1
    assert 0 <= y < 1
    tile = Tile(zoom, int(x * 2**zoom), int(y * 2**zoom))
    assert tile.exists
    within = tile.within(np.array([x]), np.array([y]))
    assert all(0 <= part[0] < 1 for part in within)
    assert any(box.min_x <= longitude <= box.max_x and box.min_y <= latitude <= box.max_y for box in tile.rectangles())


@given(st.integers(0, MAX_ZOOM), st.data(), st.floats(0.0, 0.9))
def test_rectangles_of_a_tile_are_on_earth_and_never_across_the_antimeridian(
    zoom: int, data: st.DataObject, margin: float
) -> None:
    tile = Tile(zoom, data.draw(st.integers(0, 2**zoom - 1)), data.draw(st.integers(0, 2**zoom - 1)))
    for box in tile.rectangles(margin):
        assert -180.0 <= box.min_x <= box.max_x <= 180.0
        assert -90.0 <= box.min_y <= box.max_y <= 90.0


@pytest.mark.parametrize(
    ("latitude", "longitude", "x", "y"),
    [
        (0, 0, 0.5, 0.5),
        (0, -180, 0.0, 0.5),
        (0, 180, 0.0, 0.5),
        (MAX_LATITUDE, 90, 0.75, 0.0),
        (66.51326044, 0, 0.5, 0.25),
    ],
)
def test_places_are_where_other_web_maps_have_them(latitude: float, longitude: float, x: float, y: float) -> None:
    assert place_on_map(latitude, longitude) == (pytest.approx(x), pytest.approx(y, abs=1e-9))


@pytest.mark.parametrize("tile", [Tile(-1, 0, 0), Tile(23, 0, 0), Tile(1, 2, 0), Tile(1, 0, -1)])
def test_the_map_ends_somewhere(tile: Tile) -> None:
    assert not tile.exists
