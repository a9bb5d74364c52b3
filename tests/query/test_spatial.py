"""Reading spatialFilter: query-language.md, section 1."""

import time
from random import Random

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from geostead.errors import InvalidSpatialFilter, LimitExceeded
from geostead.geo.position import Position
from geostead.query.bound import InBox, Intersects, Nearby
from geostead.query.spatial import parse_spatial, read_plain_spatial
from geostead.query.written import AlongRoute, NearbyAddress, WrittenAddress, WrittenSpatialFilter
from tests.query.shops import PLENTY


def parsed(text: str) -> WrittenSpatialFilter:
    return parse_spatial(text, PLENTY)


def refusal(text: str) -> InvalidSpatialFilter:
    with pytest.raises(InvalidSpatialFilter) as caught:
        parsed(text)
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
    assert parsed(text) == Nearby(latitude=47.64, longitude=-122.13, radius_km=10)


@pytest.mark.parametrize(
    "text",
    ["bbox(47.5,-122.4,47.7,-122.2)", "BBox ( 47.5 , -122.4 , 47.7 , -122.2 )", " bbox(475e-1,-122.4,47.70,-122.2) "],
)
def test_bbox_is_south_west_north_east(text: str) -> None:
    assert parsed(text) == InBox(south=47.5, west=-122.4, north=47.7, east=-122.2)


@pytest.mark.parametrize("edges", [(-90, -180, 90, 180), (-10, 170, 10, -170), (5, 6, 5, 6), (0, 180, 0, -180)])
def test_a_box_may_be_the_world_cross_the_antimeridian_or_be_a_point(edges: tuple[int, int, int, int]) -> None:
    south, west, north, east = edges
    box = parsed(f"bbox({south},{west},{north},{east})")
    assert box == InBox(south=south, west=west, north=north, east=east)


@pytest.mark.parametrize("edge", ["nearby(90,180,0.16)", "nearby(-90,-180,1000)"])
def test_the_ends_of_the_ranges_are_inside(edge: str) -> None:
    assert isinstance(parsed(edge), Nearby)


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
        ("47.64,-122.13,10", "47.64,-122.13,10", 1, "nearby(latitude,longitude,km)"),
        ("within(1,2,3)", "within", 1, "bbox(south,west,north,east), nearRoute('start','end') or intersects('WKT')"),
        (" ", "", 1, "nearby(latitude,longitude,km)"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_position_and_what_was_expected(
    text: str, found: str, position: int, expected: str
) -> None:
    error = refusal(text)
    assert (error.parameter, error.found, error.position) == ("spatialFilter", found, position)
    assert expected in error.expected


@pytest.mark.parametrize(
    ("written", "address", "position"),
    [
        ("'1 Harbour Road, Springfield'", "1 Harbour Road, Springfield", 9),
        ("'O''Hare'", "O'Hare", 9),
        ("  ' Rhône-Alpes\t'", "Rhône-Alpes", 12),
        ("'98052'", "98052", 9),
        ("'Seattle,5'", "Seattle,5", 9),
    ],
)
def test_an_address_is_kept_with_its_position_for_whoever_looks_it_up(
    written: str, address: str, position: int
) -> None:
    assert parsed(f"nearby({written},5)") == NearbyAddress(WrittenAddress(address, position), 5)


@pytest.mark.parametrize("address", ["", " ", "47,64,-122,13", "x" * 251, "half \ud83d"])
def test_what_cannot_be_an_address_is_refused(address: str) -> None:
    error = refusal(f"nearby('{address}',5)")
    assert error.position is not None
    assert error.position >= 9


def test_the_comma_of_a_decimal_comma_machine_in_quotes_is_refused_with_what_was_expected() -> None:
    assert "a point as the decimal separator" in refusal("nearby('47,64,-122,13',5)").expected
    assert "a point as the decimal separator" in refusal("nearRoute('47,64,-122,13','48,1,-122,2')").expected
    assert "a point as the decimal separator" in refusal("nearRoute(47,64,-122,13,48,1,-122,2)").expected


@pytest.mark.parametrize(
    "ends",
    [
        "'47.6,-122.3','47.7,-122.5'",
        " ' 47.6 , -122.3 ' , '47.7,-1225e-1' ",
        "47.6,-122.3,47.7,-122.5",
        "'47.6,-122.3', 47.7, -122.5",
        "47.6,-122.3,'47.7,-122.5'",
    ],
)
@pytest.mark.parametrize("function", ["nearRoute", "NEARROUTE ", "nearroute"])
def test_a_route_has_two_ends_quoted_or_as_bare_coordinates(function: str, ends: str) -> None:
    assert parsed(f"{function}({ends})") == AlongRoute(Position(47.6, -122.3), Position(47.7, -122.5))


def test_the_ends_of_a_route_may_be_addresses() -> None:
    written = parsed("nearRoute('Webster,TX', 'O''Hare')")
    assert written == AlongRoute(WrittenAddress("Webster,TX", 12), WrittenAddress("O'Hare", 26))
    assert parsed("nearRoute('Kemah',1,2)") == AlongRoute(WrittenAddress("Kemah", 12), Position(1, 2))


@pytest.mark.parametrize(
    ("text", "found", "position", "expected"),
    [
        ("nearRoute('a')", "1 argument", 12, "a start and an end, each in quotes"),
        ("nearRoute()", "0 arguments", 11, "a start and an end, each in quotes"),
        ("nearRoute('a','b','c')", "3 arguments", 12, "a start and an end"),
        ("nearRoute('a',1,'b')", "3 arguments", 12, "a start and an end"),
        ("nearRoute(1,'a',2)", "3 arguments", 11, "a start and an end"),
        ("nearRoute(Webster,Kemah)", "2 arguments", 11, "a start and an end, each in quotes"),
        ("nearRoute(Webster,TX,Kemah,TX)", "4 arguments", 11, "a start and an end, each in quotes"),
        ("nearRoute('91,0','1,2')", "91", 12, "the latitude, a number from -90 to 90"),
        ("nearRoute('1,2','1,181')", "181", 20, "the longitude, a number from -180 to 180"),
        ("nearRoute('a','')", "", 16, "an address, or coordinates like '47.64,-122.13'"),
    ],
)
def test_a_route_that_cannot_be_read_is_refused(text: str, found: str, position: int, expected: str) -> None:
    error = refusal(text)
    assert (error.found, error.position) == (found, position)
    assert expected in error.expected


TRIANGLE = shapely.from_wkt("POLYGON ((1 2, 3 4, 5 2, 1 2))")


@pytest.mark.parametrize(
    "text",
    [
        "intersects('POLYGON((1 2,3 4,5 2,1 2))')",
        "INTERSECTS ( 'polygon ( ( 1 2 , 3 4 , 5 2 , 1 2 ) )' ) ",
        "intersects('SRID=4326; POLYGON ((1 2, 3 4, 5 2, 1 2))')",
        "intersects('POLYGON Z ((1 2 9, 3 4 9, 5 2 9, 1 2 9))')",
        "intersects('POLYGONM((1 2 9, 3 4 9, 5 2 9, 1 2 9))')",
        "intersects('POLYGON((1 2 8 9, 3 4 8 9, 5 2 8 9, 1 2 8 9))')",
        "intersects(POLYGON((1 2,3 4,5 2,1 2)))",
        "intersects('POLYGON((5 2,3 4,1 2,5 2))')",
        "intersects('POLYGON\u00a0((1\u20032,3 4,\t5 2,1 2))')",
    ],
)
def test_a_shape_is_read_in_every_spelling_and_has_two_dimensions(text: str) -> None:
    shape = shape_of(text)
    assert shape.normalize() == TRIANGLE.normalize()
    assert not shape.has_z


@pytest.mark.parametrize(
    "wkt",
    [
        "POINT (1 2)",
        "LINESTRING (1 2, 3 4)",
        "MULTIPOINT ((1 2), (3 4))",
        "MULTILINESTRING ((1 2, 3 4), (5 6, 7 8))",
        "MULTIPOLYGON (((1 2, 3 4, 5 2, 1 2)), ((11 2, 13 4, 15 2, 11 2)))",
        "GEOMETRYCOLLECTION (POINT (1 2), GEOMETRYCOLLECTION (LINESTRING (1 2, 3 4)))",
        "POLYGON ((-180 -90, 180 -90, 180 90, -180 90, -180 -90))",
        "POLYGON ((170 -10, -170 -10, -170 10, 170 10, 170 -10))",
        "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 1 2, 2 2, 1 1))",
        "POLYGON EMPTY",
        "GEOMETRYCOLLECTION EMPTY",
    ],
)
def test_every_type_of_shape_is_read_as_it_is_written(wkt: str) -> None:
    assert shape_of(f"intersects('{wkt}')") == shapely.from_wkt(wkt)


@pytest.mark.parametrize(
    ("wkt", "covered"),
    [
        ("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))", "MULTIPOLYGON (((0 0, 1 1, 0 2, 0 0)), ((2 0, 2 2, 1 1, 2 0)))"),
        (
            "MULTIPOLYGON (((0 0, 2 0, 2 1, 0 0)), ((1 0, 3 0, 3 1, 1 1, 1 0)))",
            "POLYGON ((0 0, 3 0, 3 1, 1 1, 1 0.5, 0 0))",
        ),
    ],
)
def test_polygons_that_cross_themselves_are_repaired(wkt: str, covered: str) -> None:
    shape = shape_of(f"intersects('{wkt}')")
    assert shape.is_valid
    assert shape.equals(shapely.from_wkt(covered))


@pytest.mark.parametrize(
    "wkt",
    [
        "POLYGON ((170 -9, -170 -9, -170 9, 170 9, 170 -9), (175 -5, -175 -5, -175 5, 175 5, 175 -5))",
        "POLYGON ((0 80, 90 80, 180 80, -90 80, 0 80))",
        "POLYGON ((170 0, -170 0, 175 5, -170 10, 170 10, 170 0))",
    ],
)
def test_a_polygon_that_crosses_itself_only_as_numbers_do_is_read_as_it_is_written(wkt: str) -> None:
    assert shape_of(f"intersects('{wkt}')") == shapely.from_wkt(wkt)


@pytest.mark.parametrize("kind", ["LINESTRING", "POLYGON"])
def test_the_crossings_of_the_antimeridian_are_limited(kind: str) -> None:
    def written(crossings: int) -> str:
        places = [f"{179 if number % 2 else -179} {number * 80 / crossings}" for number in range(crossings)]
        ring = ",".join([*places, places[0] if crossings % 2 else "179 85", places[0]])
        return f"intersects('{kind}({f'({ring})' if kind == 'POLYGON' else ring})')"

    assert shapely.get_num_coordinates(shape_of(written(300))) == 302
    assert "at most 500 times" in refusal(written(600)).expected


def test_a_polygon_that_crosses_itself_too_often_is_refused() -> None:
    zigzag = [f"{x / 100} {y}" for x in range(1000) for y in ((-80, 80) if x % 2 else (80, -80))]
    comb = [f"{y} {x / 100}" for x in range(1000) for y in ((-80, 80) if x % 2 else (80, -80))]
    error = refusal(f"intersects('POLYGON (({','.join([*zigzag, *comb, zigzag[0]])}))')")
    assert (error.position, error.found) == (13, "a shape of 4,001 points")


@pytest.mark.parametrize(
    ("text", "found", "position", "expected"),
    [
        ("intersects('')", "the end", 13, "POINT, LINESTRING, POLYGON"),
        ("intersects()", "the end", 12, "POINT, LINESTRING, POLYGON"),
        ("intersects('CIRCLE (1 2)')", "CIRCLE", 13, "POINT, LINESTRING, POLYGON"),
        ("intersects( ' POLYGON((9 57,10 57,10 56)) ' )", ")", 40, "a closed ring"),
        ("intersects('POLYGON((9 57,10 157,10 56,9 57))')", "157", 30, "the latitude, a number from -90 to 90"),
        ("intersects('POINT(57 190)')", "190", 22, "the latitude"),
        ("intersects('POINT(190 57)')", "190", 19, "the longitude, a number from -180 to 180"),
        ("intersects('POINT(1,5 2,5)')", ",", 20, "the latitude"),
        ("intersects('POINT(1 2)','x')", "'", 23, "the end, because the shape is complete"),
        ("intersects('POINT(1 2))", "'POINT(1 2)", 12, "a closing quote for the shape that begins here"),
        ("intersects(POINT(1 2)')", "'", 22, "the end, because the shape is complete"),
        ("intersects('POINT(1 2)'", "'", 23, ") after the arguments"),
        ("intersects('POINT(\ud800 2)')", "\ud800", 19, "the longitude"),
        ("intersects('POINT(1 2)\0')", "\0", 23, "the end"),
    ],
)
def test_a_shape_that_cannot_be_read_is_refused_with_the_place_where_it_goes_wrong(
    text: str, found: str, position: int, expected: str
) -> None:
    error = refusal(text)
    assert (error.parameter, error.found, error.position) == ("spatialFilter", found, position)
    assert expected in error.expected


def test_the_points_of_a_shape_are_limited_and_the_closing_point_counts() -> None:
    text = "intersects('POLYGON((1 2,3 4,5 2,1 2))')"
    assert isinstance(parse_spatial(text, 4), Intersects)
    with pytest.raises(LimitExceeded, match="points in a query geometry is 4; the maximum is 3"):
        parse_spatial(text, 3)


@pytest.mark.parametrize("text", ["nearby('1,2',3)", "nearby('a',3)", "intersects('POINT(1 2)')", "nearby(1,2)", ""])
def test_only_bare_numbers_are_plain(text: str) -> None:
    assert read_plain_spatial(text) is None
    assert read_plain_spatial("nearby(1,2,3)") == Nearby(1, 2, 3)


def shape_of(text: str) -> BaseGeometry:
    written = parsed(text)
    assert isinstance(written, Intersects)
    return written.shape


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(0.16, 1000))
@settings(deadline=None)
def test_numbers_are_read_to_the_last_bit_however_they_are_written(
    latitude: float, longitude: float, km: float
) -> None:
    expected = Nearby(latitude=latitude, longitude=longitude, radius_km=km)
    assert parsed(f"nearby({latitude!r},{longitude!r},{km!r})") == expected
    assert parsed(f"nearby('{latitude!r},{longitude!r}',{km!r})") == expected


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
        "intersects('" + "GEOMETRYCOLLECTION(" * 10_000 + "')",
        "intersects('POLYGON((" + "1 2," * 50_000 + "')",
        "intersects('MULTIPOLYGON(" + "(" * 100_000 + "')",
        "intersects('" + "POINT" * 50_000 + "')",
        "nearRoute(" + "'" * 99_999 + ")",
    ],
)
def test_hostile_text_is_refused_at_once(hostile: str) -> None:
    begun = time.perf_counter()
    refusal(hostile)
    assert time.perf_counter() - begun < 5


def test_lines_that_cross_themselves_beyond_measure_are_refused() -> None:
    random = Random(1)
    places = ", ".join(f"{random.uniform(-90, 90):.3f} {random.uniform(-80, 80):.3f}" for _ in range(2_000))
    with pytest.raises(
        InvalidSpatialFilter, match="found 'a shape of 2,000 points' at position 13; expected a shape that"
    ):
        parsed(f"intersects('LINESTRING ({places})')")
    zigzag = ", ".join(f"{n / 100:.2f} {n % 2}" for n in range(5_000))
    assert parsed(f"intersects('LINESTRING ({zigzag})')")


@pytest.mark.parametrize("text", ["47,64;-122,13", "47,64 -122,13", "47.64 -122.13", "12", "50;10", "_", "'' ''"])
def test_numbers_written_in_some_other_way_are_no_address(text: str) -> None:
    assert "with a point as the decimal separator" in refusal(f"nearby('{text}',50)").expected


@pytest.mark.parametrize("text", ["98052", "98052-6399", "110 01", "1 Rue", "東京", "Ф"])
def test_a_letter_or_a_postal_code_makes_an_address(text: str) -> None:
    assert parsed(f"nearby('{text}',50)") == NearbyAddress(WrittenAddress(text, 9), 50.0)


def test_areas_that_overlap_are_searched_together_however_often_they_do() -> None:
    areas = ",".join(f"(({n / 10} 0,{n / 10 + 3} 0,{n / 10 + 1} 3,{n / 10} 0))" for n in range(40))
    found = parsed(f"intersects('MULTIPOLYGON({areas})')")
    assert isinstance(found, Intersects)
    assert found.shape.covers(shapely.box(0.5, 0, 6.5, 0.5))
    assert found.shape.is_valid
