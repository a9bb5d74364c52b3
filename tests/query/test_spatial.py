"""Reading spatialFilter: nearby and bbox of query-language.md, section 1."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geostead.errors import InvalidSpatialFilter
from geostead.query.bound import InBox, Nearby
from geostead.query.spatial import parse_spatial


def refusal(text: str) -> InvalidSpatialFilter:
    with pytest.raises(InvalidSpatialFilter) as caught:
        parse_spatial(text)
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        "nearby(47.64,-122.13,10)",
        "NearBy(47.64,-122.13,10.0)",
        "NEARBY (47.64, -122.13, 10)",
        "  nearby( 47.64 ,-122.13\t, 1e1 )  ",
        "nearby(+47.640,-122.13,+10)",
        "nearby('47.64,-122.13',10)",
        "NEARBY ( ' 47.64 , -122.13 ' , 10 )",
        "nearby( 47.64,-1.2213E2,10.)",
    ],
)
def test_nearby_is_a_point_and_a_radius_in_any_case_with_spaces_and_quoted_coordinates(text: str) -> None:
    assert parse_spatial(text) == Nearby(latitude=47.64, longitude=-122.13, radius_km=10)


@pytest.mark.parametrize(
    "text",
    ["bbox(47.5,-122.4,47.7,-122.2)", "BBox ( 47.5 , -122.4 , 47.7 , -122.2 )", " bbox(475e-1,-122.4,47.70,-122.2) "],
)
def test_bbox_is_south_west_north_east(text: str) -> None:
    assert parse_spatial(text) == InBox(south=47.5, west=-122.4, north=47.7, east=-122.2)


@pytest.mark.parametrize("edges", [(-90, -180, 90, 180), (-10, 170, 10, -170), (5, 6, 5, 6), (0, 180, 0, -180)])
def test_a_box_may_be_the_world_cross_the_antimeridian_or_be_a_point(edges: tuple[int, int, int, int]) -> None:
    south, west, north, east = edges
    box = parse_spatial(f"bbox({south},{west},{north},{east})")
    assert box == InBox(south=south, west=west, north=north, east=east)


@pytest.mark.parametrize("edge", ["nearby(90,180,0.16)", "nearby(-90,-180,1000)"])
def test_the_ends_of_the_ranges_are_inside(edge: str) -> None:
    assert isinstance(parse_spatial(edge), Nearby)


@pytest.mark.parametrize(
    ("text", "found", "position", "expected"),
    [
        ("nearby(90.1,0,1)", "90.1", 8, "the latitude, a number from -90 to 90"),
        ("nearby( -91,0,1)", "-91", 9, "the latitude, a number from -90 to 90"),
        ("nearby(0,180.5,1)", "180.5", 10, "the longitude, a number from -180 to 180"),
        ("nearby('0, 181',1)", "181", 12, "the longitude, a number from -180 to 180"),
        ("nearby(0,0,0.15)", "0.15", 12, "the radius in kilometres, a number from 0.16 to 1000"),
        ("nearby(0,0,1000.1)", "1000.1", 12, "the radius in kilometres"),
        ("nearby(0,0,-1)", "-1", 12, "the radius in kilometres"),
        ("nearby(nan,0,1)", "nan", 8, "the latitude"),
        ("nearby(0,inf,1)", "inf", 10, "the longitude"),
        ("nearby(0,0,1e999)", "1e999", 12, "the radius in kilometres"),
        ("nearby(0,0,1_0)", "1_0", 12, "the radius in kilometres"),
        ("nearby(0,0,'5')", "5", 13, "the radius in kilometres"),
        ("nearby(0,,5)", "", 10, "the longitude"),
        ("nearby(1.2.3,0,5)", "1.2.3", 8, "the latitude"),
        ("nearby(0,0,5 km)", "5 km", 12, "the radius in kilometres"),
        ("bbox(-91,0,0,1)", "-91", 6, "the southern latitude, a number from -90 to 90"),
        ("bbox(0,-181,1,1)", "-181", 8, "the western longitude, a number from -180 to 180"),
        ("bbox(0,0,91,1)", "91", 10, "the northern latitude"),
        ("bbox(0,0,1,181)", "181", 12, "the eastern longitude"),
        ("bbox(2,0,1,1)", "1", 10, "not less than the southern (2)"),
        ("nearby(47,63674,-122,30413,3)", "5 arguments", 8, "3 arguments, with a point as the decimal separator"),
        ("nearby(47,5)", "2 arguments", 8, "nearby(latitude,longitude,km)"),
        ("nearby()", "0 arguments", 8, "3 arguments"),
        ("nearby('47,5)", "2 arguments", 8, "3 arguments"),
        ("bbox(47)", "1 argument", 6, "4 arguments"),
        ("nearby('47.64,-122.13',1,2,3)", "4 arguments", 9, "3 arguments"),
        ("bbox(47,5,-122,4,47,7,-122,2)", "8 arguments", 6, "4 arguments, with a point as the decimal separator"),
        ("bbox(1,2,3)", "3 arguments", 6, "bbox(south,west,north,east)"),
        ("nearby 1,2,3", "1", 8, "( and the arguments"),
        ("nearby", "the end", 7, "( and the arguments"),
        ("nearby(", "(", 7, ") after the arguments"),
        ("nearby(1,2,3", "3", 12, ") after the arguments"),
        ("nearby(1,2,3) and bbox(1,2,3,4) x", "x", 33, ") after the arguments, and nothing else"),
        ("nearby(1,2,3))", "3)", 12, "the radius in kilometres"),
        ("47.64,-122.13,10", "47.64,-122.13,10", 1, "nearby(latitude,longitude,km) or bbox(south,west,north,east)"),
        ("within(1,2,3)", "within", 1, "nearby(latitude,longitude,km) or bbox(south,west,north,east)"),
        (" ", "", 1, "nearby(latitude,longitude,km)"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_position_and_what_was_expected(
    text: str, found: str, position: int, expected: str
) -> None:
    error = refusal(text)
    assert (error.parameter, error.found, error.position) == ("spatialFilter", found, position)
    assert expected in error.expected


@pytest.mark.parametrize("address", ["1 Harbour Road, Springfield", "O''Hare", "", "47.64 -122.13", "47,64,-122,13"])
def test_an_address_is_refused_because_nothing_here_knows_addresses(address: str) -> None:
    error = refusal(f"nearby('{address}',5)")
    assert error.position == 9
    assert "no geocoder" in error.expected
    assert "coordinates" in error.expected


@pytest.mark.parametrize("text", ["intersects('POINT (1 2)')", "nearRoute('a','b')", "NEARROUTE('1,2','3,4')"])
def test_other_forms_are_refused_with_those_that_are_answered(text: str) -> None:
    error = refusal(text)
    assert error.found == text[: text.index("(")]
    assert "nearby" in error.expected
    assert "bbox" in error.expected


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(0.16, 1000))
@settings(deadline=None)
def test_numbers_are_read_to_the_last_bit_however_they_are_written(
    latitude: float, longitude: float, km: float
) -> None:
    expected = Nearby(latitude=latitude, longitude=longitude, radius_km=km)
    assert parse_spatial(f"nearby({latitude!r},{longitude!r},{km!r})") == expected
    assert parse_spatial(f"nearby('{latitude!r},{longitude!r}',{km!r})") == expected


@pytest.mark.parametrize(
    "hostile",
    [
        "nearby" + "(" * 100_000,
        "nearby(" + "1," * 100_000 + ")",
        "nearby(" + "'" * 99_999 + ")",
        "nearby(" + ")  " * 50_000,
        "nearby(" + " " * 100_000 + "x)",
        "bbox(" + "9" * 100_000 + ",1,2,3)",
        "nearby('" + "1" * 100_000 + ",1',3)",
    ],
)
def test_hostile_text_is_refused_at_once(hostile: str) -> None:
    begun = time.perf_counter()
    refusal(hostile)
    assert time.perf_counter() - begun < 5
