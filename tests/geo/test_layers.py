"""Areas cut down to what is near another shape."""

import shapely

from geostead.geo.layers import cut_down

ROUND = shapely.Point(30, 60).buffer(5, quad_segs=100)
NEAR = shapely.box(34, 59, 60, 61)


def test_an_area_of_many_points_has_fewer_when_it_is_cut_down_and_is_the_same_near_the_other_shape() -> None:
    cut = cut_down(ROUND, NEAR)
    assert shapely.get_num_coordinates(cut) < shapely.get_num_coordinates(ROUND) / 2
    assert cut.intersection(NEAR).symmetric_difference(ROUND.intersection(NEAR)).area < 1e-12


def test_an_area_that_cannot_be_cut_stays_whole() -> None:
    sliver = shapely.Polygon([(9.8, 31), (9.799999999999995, 30.999999999991168), (9.82, 67)])
    area = shapely.MultiPolygon([sliver, ROUND])
    assert cut_down(area, shapely.box(7, 58, 53, 90)) is area
