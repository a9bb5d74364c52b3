"""query-language.md sections 1 and 3: intersects, intersection(…) and __IntersectedGeom."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
import shapely
from lxml import etree

from tests.protocol.api import KEY, Api, Source, pipe
from tests.protocol.cafes import distance_km, near
from tests.protocol.conftest import set_limit
from tests.protocol.parks import LINE, SQUARE
from tests.servers import create_account

HALF = "POLYGON ((11 39, 13 39, 13 43, 11 43, 11 39))"
WORLD = "POLYGON ((-180 -90, 180 -90, 180 90, -180 90, -180 -90))"
D = "{http://schemas.microsoft.com/ado/2007/08/dataservices}"
M = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"


def meeting(source: Source, wkt: str, rest: str = "") -> list[str]:
    return source.ids(f"spatialFilter=intersects('{quote(wkt)}'){rest}")


@pytest.mark.parametrize(
    ("wkt", "found"),
    [
        ("POINT (11 41)", ["square"]),
        ("POINT (10 40)", ["square"]),
        ("POINT (-70.5 -33.25)", ["pin"]),
        ("POINT (9.99 40)", []),
        ("LINESTRING (1 -1, 1 1)", ["line"]),
        ("LINESTRING (3 0, 11 0, 11 41)", ["line", "square"]),
        (HALF, ["square"]),
        ("POLYGON ((0 -1, 20 -1, 20 50, 0 50, 0 -1), (5 30, 15 30, 15 45, 5 45, 5 30))", ["line"]),
        ("MULTIPOINT ((2 0), (11 41))", ["line", "square"]),
        ("MULTIPOINT (2 0, 50 50)", ["line"]),
        ("MULTILINESTRING ((1 -1, 1 1), (-71 -33.25, -70 -33.25))", ["line", "pin"]),
        ("MULTIPOLYGON (((11 39, 13 39, 13 43, 11 39)), ((-71 -34, -70 -34, -70.5 -33, -71 -34)))", ["pin", "square"]),
        ("GEOMETRYCOLLECTION (POINT (2 0), LINESTRING (9 41, 13 41))", ["line", "square"]),
        ("GEOMETRYCOLLECTION (GEOMETRYCOLLECTION (POINT (2 0)), POLYGON EMPTY)", ["line"]),
        (WORLD, ["line", "pin", "square"]),
        ("POLYGON EMPTY", []),
    ],
)
def test_entities_are_found_that_have_a_place_in_common_with_the_shape(
    parks: Source, wkt: str, found: list[str]
) -> None:
    assert meeting(parks, wkt) == found


@pytest.mark.parametrize(
    "form",
    [
        "intersects('POLYGON((11 39,13 39,13 43,11 43,11 39))')",
        "INTERSECTS ( 'Polygon (( 11 39 , 13 39 , 13 43 , 11 43 , 11 39 ))' )",
        "Intersects('POLYGON((11 39,11 43,13 43,13 39,11 39))')",
        "intersects('SRID=4326;POLYGON((11 39,13 39,13 43,11 43,11 39))')",
        "intersects('POLYGON Z((11 39 1,13 39 1,13 43 1,11 43 1,11 39 1))')",
        "intersects('POLYGON M((11 39 1,13 39 1,13 43 1,11 43 1,11 39 1))')",
        "intersects('POLYGON ZM((11 39 1 2,13 39 1 2,13 43 1 2,11 43 1 2,11 39 1 2))')",
        "intersects('POLYGON((11 39 1,13 39 1,13 43 1,11 43 1,11 39 1))')",
        "intersects('POLYGON((1.1E1 39.0,+13 39.,13 43,11 43,11 39))')",
        "intersects(POLYGON((11 39,13 39,13 43,11 43,11 39)))",
        "intersects('POLYGON\u00a0((11\u200239,13\u300039,13 43,11 43,11 39))')",
    ],
)
def test_well_known_text_is_read_in_every_spelling(parks: Source, form: str) -> None:
    assert parks.ids(f"SpatialFilter={quote(form)}") == ["square"]


def test_entities_without_a_geography_are_found_by_their_point(cafes: Source) -> None:
    assert meeting(cafes, "POLYGON ((7.44 46.94, 7.46 46.94, 7.46 46.96, 7.44 46.96, 7.44 46.94))") == [
        "A1",
        "B1",
        "a1",
    ]
    assert meeting(cafes, "POINT (7.4474 46.948)") == ["A1"]


def test_entities_without_any_place_are_found_by_no_shape(cafes: Source, parks: Source) -> None:
    assert "B2" not in meeting(cafes, WORLD)
    assert "none" not in meeting(parks, WORLD)


def test_a_polygon_that_crosses_itself_covers_what_its_rings_enclose(parks: Source) -> None:
    assert meeting(parks, "POLYGON ((8 39, 14 43, 14 39, 8 43, 8 39))") == ["square"]
    assert meeting(parks, "POLYGON ((0 1, 20 -1, 20 1, 0 -1, 0 1))") == ["line"]


def test_an_edge_across_the_antimeridian_takes_the_short_way(api: Api, new_name: Callable[[], str]) -> None:
    rows = ["a|POINT (179.5 -17)", "b|POINT (-179.5 -17)", "c|POINT (0 -17)", "d|LINESTRING (178 -10, -178 -10)"]
    source = api.source(new_name(), pipe(f"{KEY}|Area(Edm.Geography)", *rows))
    assert meeting(source, "POLYGON ((179 -18, -179 -18, -179 -16, 179 -16, 179 -18))") == ["a", "b"]
    assert meeting(source, "LINESTRING (180 -20, 180 0)") == ["d"]
    assert meeting(source, "LINESTRING (-180 -20, -180 0)") == ["d"]
    assert meeting(source, "POINT (0 -10)") == []
    assert meeting(source, WORLD) == ["a", "b", "c", "d"]


def test_everything_else_of_a_query_holds_beside_a_shape(parks: Source, cafes: Source) -> None:
    assert meeting(parks, WORLD, "&$filter=startswith(Note,'a p')") == ["pin"]
    assert meeting(parks, WORLD, "&$orderby=Note desc&$top=2") == ["square", "pin"]
    assert meeting(parks, WORLD, "&$skip=1&$top=1") == ["pin"]
    assert parks.json(f"spatialFilter=intersects('{WORLD}')&$inlinecount=allpages&$top=1")["__count"] == "3"
    by_distance = meeting(cafes, "POINT (7.4474 46.948)".replace("POINT", "MULTIPOINT"), "&$orderby=__Distance")
    assert by_distance == near(46.948, 7.4474, 0.16)[:1]


def test_distance_is_from_the_centroid_of_the_shape(cafes: Source) -> None:
    swiss = "POLYGON ((6 45, 10 45, 10 48, 6 48, 6 45))"
    found = cafes.results(f"spatialFilter=intersects('{swiss}')&$orderby=__Distance&$select=*,__Distance")
    assert len(found) == 5
    for cafe in found:
        assert cafe["__Distance"] == pytest.approx(distance_km(46.5, 8, cafe), rel=1e-9)
        assert list(cafe)[-1] == "__Distance"
    assert [cafe["__Distance"] for cafe in found] == sorted(cafe["__Distance"] for cafe in found)


@pytest.mark.parametrize(
    ("wkt", "position", "expected"),
    [
        ("POLYGON((11 39,13 39,13 43,11 43))", 45, "closed ring"),
        ("POLYGON((11 39,13 39,13 43;11 39))", 39, "comma"),
        ("POLYGON(11 39,13 39,13 43,11 39)", 21, "("),
        ("POLYGON((39 111,13 39,13 43,39 111))", 25, "the latitude, a number from -90 to 90"),
        ("POLYGON((181 39,13 39,13 43,181 39))", 22, "the longitude, a number from -180 to 180"),
        ("POINT(11,39)", 21, "separated by a space"),
        ("POINT(11 39) and more", 26, "the end"),
        ("CIRCLE(11 39, 5)", 13, "POLYGON"),
        ("", 13, "POLYGON"),
        ("POINT(nan 1)", 19, "the longitude"),
        ("LINESTRING(1 2)", 27, "two"),
    ],
)
def test_wkt_that_is_wrong_is_400_with_the_position_within_the_parameter(
    parks: Source, wkt: str, position: int, expected: str
) -> None:
    reply = parks.get(f"$format=json&spatialFilter=intersects('{quote(wkt)}')")
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "InvalidSpatialFilter")
    message = reply.json()["error"]["message"]["value"]
    assert "spatialFilter" in message
    assert f"at position {position};" in message
    assert expected in message


@pytest.fixture(scope="module")
def limited(api: Api, new_name: Callable[[], str]) -> Source:
    """A public data source of an account that allows four points; it is asked with a key of another account."""
    keys = create_account(api.server.data_dir, "few points")
    source = api.with_key(keys["master"]).source(new_name(), pipe(KEY, "1|1|2"), "setPublic=1")
    set_limit(api.server.data_dir, "few points", "query_points", 4)
    return source.with_key(api.key)


@pytest.mark.parametrize(
    "query", ["spatialFilter=intersects('{}')", "$select=intersection('{}')", "$select=*,intersection({})"]
)
def test_the_account_of_the_data_source_limits_the_points_of_a_shape(limited: Source, query: str) -> None:
    assert limited.get(query.format("POLYGON((1 1,3 1,1 3,1 1))")).status_code == 200
    reply = limited.get("$format=json&" + query.format("POLYGON((1 1,3 1,3 3,1 3,1 1))"))
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "LimitExceeded")
    assert "is 5; the maximum is 4" in reply.json()["error"]["message"]["value"]


@pytest.mark.parametrize(
    "argument", [f"'{HALF}'", HALF, f" '{HALF.lower()}' ", "POLYGON((11 39,13 39,13 43,11 43,11 39))"]
)
def test_the_intersection_is_selected_quoted_or_not_and_its_commas_do_not_split_the_list(
    parks: Source, argument: str
) -> None:
    found = parks.results(f"$select=ParkId,Intersection({argument}),Note&$orderby=ParkId")
    assert [list(park)[1:] for park in found] == [["ParkId", "__IntersectedGeom", "Note"]] * 4
    geometries = {park["ParkId"]: park["__IntersectedGeom"] for park in found}
    assert (geometries["line"], geometries["none"], geometries["pin"]) == (None, None, None)
    assert shapely.from_wkt(geometries["square"]).equals(shapely.box(11, 40, 12, 42))


def test_the_intersection_and_the_filter_may_be_different_shapes(parks: Source) -> None:
    (park,) = parks.results(f"spatialFilter=intersects('{HALF}')&$select=*,intersection('{LINE}'),__Distance")
    assert list(park)[1:] == [
        "ParkId",
        "EntityID",
        "Area",
        "Note",
        "Latitude",
        "Longitude",
        "__IntersectedGeom",
        "__Distance",
    ]
    assert (park["ParkId"], park["__IntersectedGeom"]) == ("square", None)


def test_the_intersection_with_a_point_is_the_point_itself(cafes: Source) -> None:
    (cafe,) = cafes.results(f"$filter=Name eq 'Al Fresco'&$select=intersection('{WORLD}')")
    assert cafe["__IntersectedGeom"] == "POINT (8.5417 47.3769)"


def test_c11_the_intersection_is_a_geography_in_atom_and_null_where_nothing_is_in_common(parks: Source) -> None:
    feed = etree.fromstring(parks.get(f"$select=intersection('{SQUARE}')").content)
    elements = feed.findall(f".//{D}__IntersectedGeom")
    assert [element.get(f"{M}type") for element in elements] == ["Edm.Geography"] * 4
    assert [element.get(f"{M}null") for element in elements] == ["true", "true", "true", None]
    assert shapely.from_wkt(elements[3].text).equals(shapely.from_wkt(SQUARE))


@pytest.mark.parametrize(
    ("select", "found"),
    [
        (f"intersection('{HALF}'),intersection('{HALF}')", "one intersection"),
        (f"intersection('{HALF}'", ")"),
        ("intersection('POINT(1 2 x)')", "at position"),
        ("intersection()", "POLYGON"),
    ],
)
def test_an_intersection_that_cannot_be_read_is_400(parks: Source, select: str, found: str) -> None:
    message = parks.refusal(f"$select={select}")
    assert "$select" in message
    assert found in message


def test_metadata_does_not_know_the_intersection(parks: Source) -> None:
    reply = parks.api.get(f"{parks.path}/$metadata")
    assert "Area" in reply.text
    assert "__IntersectedGeom" not in reply.text
