from __future__ import annotations

import numpy as np
import pytest
import shapely

from geostead.geo.parts import gather_wkb, is_polygon, line_wkb, point_wkb, polygon_wkb

POINT = point_wkb(np.array([[9.2, 48.8]]))
LINE = line_wkb(np.array([[0.1, -0.0], [1.0, 2.0]]))
RING = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 0.0]])
HOLE = np.array([[2.0, 1.0], [3.0, 1.0], [3.0, 2.0], [2.0, 1.0]])
POLYGON = polygon_wkb([RING, HOLE])
RINGS = "((0 0, 4 0, 4 4, 0 0), (2 1, 3 1, 3 2, 2 1))"


@pytest.mark.parametrize(
    ("parts", "wkt"),
    [
        ([POINT], "POINT (9.2 48.8)"),
        ([LINE], "LINESTRING (0.1 -0, 1 2)"),
        ([POLYGON], f"POLYGON {RINGS}"),
        ([POINT, POINT], "MULTIPOINT ((9.2 48.8), (9.2 48.8))"),
        ([LINE, LINE], "MULTILINESTRING ((0.1 -0, 1 2), (0.1 -0, 1 2))"),
        ([POLYGON] * 2, f"MULTIPOLYGON ({RINGS}, {RINGS})"),
        ([LINE, POINT], "GEOMETRYCOLLECTION (LINESTRING (0.1 -0, 1 2), POINT (9.2 48.8))"),
    ],
)
def test_parts_become_the_simplest_geometry_that_holds_them(parts: list[bytes], wkt: str) -> None:
    built = shapely.from_wkb(gather_wkb(parts))

    assert shapely.to_wkb(built) == shapely.to_wkb(shapely.from_wkt(wkt))


def test_polygons_are_told_from_other_parts() -> None:
    assert [is_polygon(part) for part in (POINT, LINE, POLYGON)] == [False, False, True]
