"""What is drawn in a tile: places with labels, and as much of each geography as can be seen there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import shapely

from geostead.geo.tiles import Tile
from geostead.model.drawn_tile import EXTENT, DrawnTile
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.operations.browse_entities import Browsed, find_extent, open_browsed
from geostead.operations.draw_tile import BUFFER, draw_tile, label_name
from geostead.query.bound import BoundQuery
from geostead.wire.map_tile import encode_tile
from tests.installations import Installation

HEADER = "Bing Spatial Data Services, 1.0, Area\nId(Edm.String,primaryKey)|Note(Edm.String)|Geom(Edm.Geography)\n"
WORLD = Tile(0, 0, 0)


@dataclass
class Areas:
    """A data source of geographies."""

    installation: Installation

    def opened(self, *shapes: str) -> Browsed:
        rows = "".join(f'{number}|"the ""{number}"""|"{shape}"\n' for number, shape in enumerate(shapes))
        job = self.installation.load("Areas", (HEADER + rows).encode())
        assert job.failed_count == 0
        services = self.installation.services
        account = services.catalog.get_account(self.installation.key.account_id)
        return open_browsed(services, account, "areas")

    def drawn(self, tile: Tile, *shapes: str) -> DrawnTile:
        return draw_tile(self.opened(*shapes), BoundQuery(), tile)


@pytest.fixture
def areas(installation: Installation) -> Areas:
    return Areas(installation)


def bounds(drawn: DrawnTile, row: int = 0) -> list[float]:
    found: list[float] = shapely.bounds(drawn.shapes.shapes[row]).tolist()
    return found


def test_lines_and_areas_are_drawn_where_they_are_and_points_only_as_places(areas: Areas) -> None:
    drawn = areas.drawn(
        WORLD, "POLYGON ((0 0, 90 0, 90 66.51326, 0 66.51326, 0 0))", "POINT (9 9)", "LINESTRING (0 0, -90 0)"
    )
    assert drawn.shapes.ids == ["0", "2"]
    assert bounds(drawn) == [EXTENT / 2, EXTENT / 4, EXTENT * 3 / 4, EXTENT / 2]
    assert bounds(drawn, 1) == [EXTENT / 4, EXTENT / 2, EXTENT / 2, EXTENT / 2]
    assert (drawn.places.ids, drawn.places.labels) == (["0", "1", "2"], ['the "0"', 'the "1"', 'the "2"'])


def test_of_a_large_area_only_what_the_tile_shows_is_drawn_and_a_margin(areas: Areas) -> None:
    browsed = areas.opened("POLYGON ((-180 -85, 180 -85, 180 85, -180 85, -180 -85))")
    drawn = draw_tile(browsed, BoundQuery(), Tile(5, 7, 9))
    assert bounds(drawn) == [-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER]
    assert not drawn.places.ids


def test_an_area_across_the_antimeridian_is_drawn_on_both_sides_of_the_map(areas: Areas) -> None:
    drawn = areas.drawn(WORLD, "POLYGON ((170 0, -170 0, -170 10, 170 10, 170 0))")
    assert drawn.shapes.ids == ["0", "0"]
    west, east = sorted(bounds(drawn, row) for row in (0, 1))
    assert (west[0], east[2]) == (0, EXTENT)
    assert west[2] == pytest.approx(EXTENT * 10 / 360, abs=1)


def test_areas_at_the_poles_end_with_the_map(areas: Areas) -> None:
    drawn = areas.drawn(WORLD, "POLYGON ((-180 -90, 180 -90, 180 -80, -180 -80, -180 -90))")
    assert bounds(drawn)[3] == EXTENT
    assert bounds(drawn)[2] == EXTENT


def test_shapes_are_no_finer_than_can_be_seen(areas: Areas) -> None:
    angles = np.linspace(0, 2 * np.pi, 2_001)
    circle = ", ".join(f"{10 * np.cos(a):.9f} {10 * np.sin(a):.9f}" for a in angles[:-1])
    browsed = areas.opened(f"POLYGON (({circle}, 10.000000000 0.000000000))")
    coarse, fine = (draw_tile(browsed, BoundQuery(), tile).shapes.shapes[0] for tile in (WORLD, Tile(6, 33, 32)))
    assert shapely.get_num_coordinates(coarse) < 40
    assert shapely.is_valid(coarse)
    assert shapely.is_valid(fine)


def test_too_many_shapes_are_left_to_their_places(areas: Areas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geostead.operations.draw_tile.MOST_SHAPES", 1)
    drawn = areas.drawn(WORLD, "LINESTRING (0 0, 50 0)", "LINESTRING (0 0, 0 50)")
    assert (drawn.shapes.ids, len(drawn.places.ids)) == ([], 2)


def test_nothing_is_drawn_as_no_bytes_at_all(areas: Areas) -> None:
    drawn = areas.drawn(Tile(3, 0, 0), "LINESTRING (0 0, 50 0)")
    assert drawn.is_empty
    assert encode_tile(drawn) == b""


def test_the_extent_goes_across_the_antimeridian_where_that_is_narrower(areas: Areas) -> None:
    found = find_extent(areas.opened("POINT (179 1)", "POINT (-178 -3)", ""), BoundQuery())
    assert found.bounds == (179.0, -3.0, -178.0, 1.0)
    assert (found.located_count, found.entity_count) == (2, 3)


@pytest.mark.parametrize(
    ("names", "label"),
    [
        (["City", "Name"], "Name"),
        (["TITLE", "City"], "TITLE"),
        (["City", "Street"], "City"),
        ([], "Code"),
    ],
)
def test_entities_are_labelled_with_what_names_them_for_people(names: list[str], label: str) -> None:
    properties = [Property(name, EdmType.STRING) for name in ["Code", *names]]
    properties += [Property("Latitude", EdmType.DOUBLE), Property("Longitude", EdmType.DOUBLE)]
    assert label_name(EntityType.declare("T", properties, ["Code"])) == label
