"""Reading $select: query-language.md, section 3."""

import pytest
import shapely

from geostead.errors import InvalidParameter, LimitExceeded
from geostead.query.select import Selection, bind_select
from tests.query.shops import PLENTY, SHOPS

TRIANGLE = "POLYGON ((1 2, 3 4, 5 2, 1 2))"
SHAPE = shapely.from_wkt(TRIANGLE)


@pytest.mark.parametrize(
    ("text", "selection"),
    [
        ("*", Selection()),
        ("*,__Distance", Selection(distance=True)),
        ("__distance, *", Selection(distance=True)),
        ("Name,Seats", Selection(("Name", "Seats"))),
        ("seats , NAME", Selection(("Seats", "Name"))),
        ("Name,__DISTANCE,Seats", Selection(("Name", "Seats"), distance=True)),
        ("Latitude,Longitude,Area", Selection(("Latitude", "Longitude", "Area"))),
        ("entityid,ShopCode", Selection(("ShopCode",))),
        ("Name,Name,", Selection(("Name",))),
        ("__Distance", Selection((), distance=True)),
        ("Name,Sofas,fax,Sofas", Selection(("Name",), unknown_names=("Sofas", "fax"))),
        ("*,Sofas", Selection(unknown_names=("Sofas",))),
        ("Sofas,__Distance", Selection((), distance=True, unknown_names=("Sofas",))),
    ],
)
def test_select_gives_names_as_declared_in_the_order_listed_and_keeps_the_unknown_apart(
    text: str, selection: Selection
) -> None:
    assert bind_select(text, SHOPS, PLENTY) == selection


@pytest.mark.parametrize("text", ["Sofas", "Sofas,Fax", ",", " "])
def test_select_without_one_known_name_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameter, match=r"^\$select: .*property of the entity type Shops"):
        bind_select(text, SHOPS, PLENTY)


def test_half_a_character_in_select_is_refused() -> None:
    with pytest.raises(InvalidParameter, match=r"found '\\ud83d' at position 6; expected Unicode") as caught:
        bind_select("Name,\ud83d", SHOPS, PLENTY)
    assert caught.value.position == 6


@pytest.mark.parametrize(
    "call",
    [
        f"intersection('{TRIANGLE}')",
        f"intersection({TRIANGLE})",
        f"Intersection ( '{TRIANGLE}' )",
        f"INTERSECTION( {TRIANGLE.lower()} )",
        "intersection(POLYGON((1 2,3 4,5 2,1 2)))",
        "intersection('SRID=4326;POLYGON Z((1 2 9,3 4 9,5 2 9,1 2 9))')",
        "\u00a0intersection\u2003('POLYGON\u00a0((1\u00a02,3 4,5\t2,1 2))')\u3000",
    ],
)
@pytest.mark.parametrize(
    ("frame", "names", "distance"),
    [
        ("{}", ("__IntersectedGeom",), False),
        ("{},Name", ("__IntersectedGeom", "Name"), False),
        ("Name,{},seats", ("Name", "__IntersectedGeom", "Seats"), False),
        ("__Distance,Name,{}", ("Name", "__IntersectedGeom"), True),
        ("*,{}", (*SHOPS.names, "__IntersectedGeom"), False),
        ("{} , *", (*SHOPS.names, "__IntersectedGeom"), False),
    ],
)
def test_an_intersection_stands_where_it_is_listed_and_its_commas_do_not_split_the_list(
    call: str, frame: str, names: tuple[str, ...], distance: bool
) -> None:
    selection = bind_select(frame.format(call), SHOPS, PLENTY)
    assert (selection.names, selection.distance, selection.unknown_names) == (names, distance, ())
    assert selection.intersection is not None
    assert selection.intersection.equals_exact(SHAPE, normalize=True)


def test_the_name_of_the_intersection_alone_asks_for_none() -> None:
    selection = bind_select("Name,__IntersectedGeom", SHOPS, PLENTY)
    assert selection == Selection(("Name",), unknown_names=("__IntersectedGeom",))


def test_another_name_with_parentheses_is_a_name_that_the_entity_type_does_not_have() -> None:
    assert bind_select("Name,area(POINT)", SHOPS, PLENTY) == Selection(("Name",), unknown_names=("area(POINT)",))


def test_an_empty_shape_may_be_asked_for() -> None:
    found = bind_select("intersection(POLYGON EMPTY)", SHOPS, PLENTY).intersection
    assert found is not None
    assert found.is_empty


@pytest.mark.parametrize(
    ("text", "found", "position", "expected"),
    [
        ("Name,intersection(POINT(1 x))", "x", 27, "the latitude"),
        ("intersection('POINT(1 2')", "the end", 24, ") after the position"),
        ("intersection('POINT(1 2))", "'POINT(1 2)", 14, "a closing quote"),
        ("intersection('POINT(1 2)", "the end", 25, ") after the shape"),
        ("Name,intersection(POINT(1 2),Seats", "the end", 35, ") after the shape"),
        ("intersection(POINT(1 2)) Name", "Name", 26, "a comma or the end"),
        ("intersection(POINT(1 2)),Intersection (POINT(1 2))", "Intersection", 26, "one intersection(…)"),
        ("intersection()", "the end", 14, "POINT, LINESTRING"),
        ("intersection('')", "the end", 15, "POINT, LINESTRING"),
        ("intersection('POINT(1 2)','POINT(1 2)')", "'", 25, "the end, because the shape is complete"),
    ],
)
def test_an_intersection_that_cannot_be_read_is_refused_with_its_position(
    text: str, found: str, position: int, expected: str
) -> None:
    with pytest.raises(InvalidParameter) as caught:
        bind_select(text, SHOPS, PLENTY)
    assert (caught.value.parameter, caught.value.found, caught.value.position) == ("$select", found, position)
    assert expected in caught.value.expected


def test_the_points_of_an_intersection_are_limited() -> None:
    assert bind_select(f"intersection({TRIANGLE})", SHOPS, 4).intersection is not None
    with pytest.raises(LimitExceeded, match="points in a query geometry is 4; the maximum is 3"):
        bind_select(f"intersection({TRIANGLE})", SHOPS, 3)
