"""Polygons that are not valid where longitudes are mere numbers (query-language.md, section 1)."""

import pytest
import shapely

from geostead.geo.mend import mend
from geostead.geo.split import split_one

BOW_TIE = "POLYGON ((0 0, 4 4, 4 0, 0 4, 0 0))"
DONUT = "POLYGON ((170 -9, -170 -9, -170 9, 170 9, 170 -9), (175 -5, -175 -5, -175 5, 175 5, 175 -5))"
COAST = "POLYGON ((170 0, -170 0, 175 5, -170 10, 170 10, 170 0))"


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (DONUT, [(172, 0), (-172, 0), (180, 7)], [(180, 0), (178, 0), (-178, 0), (0, 0)]),
        (
            "POLYGON ((170 -9, -170 -9, -170 9, 170 9, 170 -9), (175 -5, 176 -5, 176 5, 175 5, 175 -5))",
            [(172, 0), (-172, 0)],
            [(175.5, 0), (0, 0)],
        ),
        ("POLYGON ((0 80, 90 80, 180 80, -90 80, 0 80))", [(45, 85), (-135, 85)], [(10, 79)]),
        ("POLYGON ((10 -60, 100 -70, -170 -65, -80 -75, 10 -60))", [(45, -85), (-135, -85)], [(10, -50)]),
        (COAST, [(172, 5), (-172, 0.3)], [(-172, 5), (0, 5)]),
        (f"GEOMETRYCOLLECTION ({COAST}, POINT (7 7))", [(172, 5), (7, 7)], [(0, 5)]),
    ],
)
def test_what_crosses_the_antimeridian_stays_as_it_is_written_and_means_what_its_rings_enclose(
    text: str, inside: list[tuple[float, float]], outside: list[tuple[float, float]]
) -> None:
    shape = shapely.from_wkt(text)
    assert mend(shape, 100) is shape
    halves = split_one(shape)
    assert halves.is_valid
    assert [place for place in inside + outside if halves.intersects(shapely.Point(place))] == inside


def test_what_crosses_itself_elsewhere_is_repaired_beside_it() -> None:
    mended = mend(shapely.from_wkt(f"GEOMETRYCOLLECTION ({COAST}, {BOW_TIE})"), 100)
    assert mended is not None
    coast, *triangles = mended.geoms
    assert coast.wkt == COAST
    assert sum(triangle.area for triangle in triangles) == 8


def test_what_crosses_no_antimeridian_is_repaired() -> None:
    mended = mend(shapely.from_wkt(BOW_TIE), 8)
    assert mended is not None
    assert mended.is_valid
    assert mended.area == 8


@pytest.mark.parametrize("text", [BOW_TIE, f"GEOMETRYCOLLECTION ({COAST}, {BOW_TIE})"])
def test_what_would_have_too_many_points_is_not_repaired(text: str) -> None:
    assert mend(shapely.from_wkt(text), 7) is None


def test_what_crosses_itself_too_often_across_the_antimeridian_is_not_mended() -> None:
    strokes = [(170 if number % 2 else -170, (number * 37) % 80) for number in range(500)]
    across = [(172 + number % 17, -(number * 29) % 80) for number in range(500)]
    ring = [*strokes, *((x if x <= 180 else x - 360, y) for x, y in across)]
    assert mend(shapely.Polygon(ring), 10_000) is None
