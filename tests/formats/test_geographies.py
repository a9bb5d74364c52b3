from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import shapely

from geostead.formats.rows.geographies import Geographies, read_geographies

BOW_TIE = "POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))"


def read(*texts: str | None, max_points: int = 100) -> Geographies:
    return read_geographies(pa.array(texts, pa.string()), max_points)


def refusal(text: str, max_points: int = 100) -> list[str]:
    found = read("POINT (1 2)", text, max_points=max_points)
    return [offence.expected for offence in found.offences if offence.rows.tolist() == [1]]


def count_bad(found: Geographies) -> int:
    return sum(len(offence.rows) for offence in found.offences)


def test_geographies_are_two_dimensional_little_endian_wkb() -> None:
    assert read("SRID=4326;POINT Z (1 2 3)").wkb.to_pylist() == [shapely.to_wkb(shapely.Point(1, 2), byte_order=1)]


def test_a_point_is_its_own_centroid_to_the_last_bit() -> None:
    found = read("POINT (0.1 -0.30000000000000004)")

    assert (found.longitudes[0], found.latitudes[0]) == (0.1, -0.30000000000000004)


def test_the_place_of_a_line_and_of_a_polygon_is_the_planar_centroid() -> None:
    found = read("LINESTRING (0 0, 4 0)", "POLYGON ((0 0, 4 0, 4 2, 0 2, 0 0))", None)

    assert found.longitudes[:2].tolist() == [2.0, 2.0]
    assert found.latitudes[:2].tolist() == [0.0, 1.0]
    assert np.isnan(found.latitudes[2])


def test_a_centroid_never_leaves_the_world_by_rounding() -> None:
    found = read("MULTIPOINT ((180 90), (180 90), (180 90), (180 89.99999999999999))")

    assert found.longitudes[0] <= 180
    assert found.latitudes[0] <= 90


@pytest.mark.parametrize("text", [None, " ", "POINT EMPTY", "MULTIPOINT (EMPTY)", "GEOMETRYCOLLECTION EMPTY"])
def test_an_empty_geography_is_a_missing_one(text: str | None) -> None:
    found = read(text)

    assert found.wkb.to_pylist() == [None]
    assert count_bad(found) == 0


@pytest.mark.parametrize("text", ["Paris", "POINT (1, 2)", "POLYGON ((0 0, 1 1, 0 1))", "POINT (1 2)\x0b", "48.5 9.5"])
def test_what_is_not_well_known_text_is_refused(text: str) -> None:
    assert refusal(text)


@pytest.mark.parametrize("text", ["POINT (180.1 0)", "POINT (0 -90.5)", "LINESTRING (0 0, 9.2 488)"])
def test_coordinates_out_of_range_are_refused(text: str) -> None:
    assert refusal(text) == ["longitudes from -180 to 180 and latitudes from -90 to 90, longitude first"]


def test_the_whole_world_is_in_range() -> None:
    assert count_bad(read("POLYGON ((-180 -90, 180 -90, 180 90, -180 90, -180 -90))")) == 0


def test_too_many_points_are_refused() -> None:
    assert refusal("LINESTRING (0 0, 1 1, 2 2)", max_points=2) == ["a geography of at most 2 points"]
    assert count_bad(read("LINESTRING (0 0, 1 1)", max_points=2)) == 0


def test_an_invalid_polygon_is_repaired_and_noted() -> None:
    found = read("POINT (1 2)", BOW_TIE)

    assert found.repaired.tolist() == [1]
    repaired = shapely.from_wkb(found.wkb[1].as_py())
    assert shapely.is_valid(repaired)
    assert repaired.area == pytest.approx(2.0)


def test_areas_that_are_covered_twice_stay_covered() -> None:
    found = read("MULTIPOLYGON (((0 0, 2 0, 2 2, 0 2, 0 0)), ((1 1, 3 1, 3 3, 1 3, 1 1)))")

    assert shapely.from_wkb(found.wkb[0].as_py()).area == pytest.approx(7.0)


def test_a_repaired_polygon_is_held_to_the_limit_of_points_again() -> None:
    assert refusal(BOW_TIE, max_points=7) == ["a valid polygon, or one that has at most 7 points when it is repaired"]
    assert read(BOW_TIE, max_points=8).repaired.tolist() == [0]


def hatching(strokes: int) -> str:
    """A ring that goes to and fro, then up and down: it crosses itself as often as the square of the strokes."""
    across = [(50 if i % 2 else -50, i * 100 / strokes - 50) for i in range(strokes)]
    down = [(50 - i * 100 / strokes, 60 if i % 2 else -60) for i in range(strokes)]
    return shapely.Polygon([*across, *down]).wkt


@pytest.mark.parametrize("strokes", [100, 10_000])
def test_a_polygon_that_crosses_itself_too_often_is_refused_before_it_is_repaired(strokes: int) -> None:
    assert refusal(hatching(strokes), max_points=100_000) == [
        "a valid polygon, or one that has at most 100,000 points when it is repaired"
    ]


def test_a_large_polygon_with_a_few_crossings_is_repaired() -> None:
    angles = np.linspace(0, 2 * np.pi, 50_000, endpoint=False)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1) * 40
    ring[::100], ring[1::100] = ring[1::100].copy(), ring[::100].copy()

    found = read(shapely.Polygon(ring).wkt, max_points=100_000)

    assert found.repaired.tolist() == [0]
    assert found.wkb[0].is_valid


def test_parcels_side_by_side_in_one_geography_are_joined() -> None:
    parcels = [shapely.box(x, y, x + 1, y + 1) for x in range(40) for y in range(40)]

    found = read(shapely.MultiPolygon(parcels).wkt, max_points=100_000)

    assert shapely.from_wkb(found.wkb[0].as_py()).equals(shapely.box(0, 0, 40, 40))


def test_what_was_repaired_is_not_repaired_again() -> None:
    once = read(BOW_TIE, f"GEOMETRYCOLLECTION (POINT (1 1), {BOW_TIE})").wkb
    texts = shapely.to_wkt(shapely.from_wkb(once.to_pylist()), rounding_precision=-1).tolist()

    again = read(*texts)

    assert again.repaired.tolist() == []
    assert again.wkb.equals(once)


def test_ring_orientation_is_free_and_kept() -> None:
    clockwise = "POLYGON ((0 0, 0 1, 1 1, 1 0, 0 0))"

    found = read(clockwise)

    assert shapely.from_wkb(found.wkb[0].as_py()).wkt == clockwise
    assert found.repaired.tolist() == []


def test_a_polygon_with_a_hole_across_the_antimeridian_is_kept_as_it_is_written() -> None:
    donut = "POLYGON ((170 -9, -170 -9, -170 9, 170 9, 170 -9), (175 -5, -175 -5, -175 5, 175 5, 175 -5))"

    found = read(donut)

    assert shapely.from_wkb(found.wkb[0].as_py()).wkt == donut
    assert found.repaired.tolist() == []
