"""query-language.md section 3: $select, $orderby, $top, $skip, $inlinecount."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from tests.protocol.api import Api, Source, pipe
from tests.protocol.cafes import CAFES, TYPES, near
from tests.protocol.test_public_url import beside

ALL_IDS = [cafe["EntityID"] for cafe in CAFES]


@pytest.fixture(scope="module")
def many(api: Api) -> Source:
    """300 entities, of which always three have the same Rank."""
    rows = [f"E{number:03}|{number % 100}|{number / 10}|1" for number in range(300)]
    rows.reverse()
    return api.source("Many", pipe("EntityID(Edm.String,primaryKey)|Rank(Edm.Int64)", *rows))


def named(entity: dict[str, Any]) -> list[str]:
    return [name for name in entity if name != "__metadata"]


# $select


@pytest.mark.parametrize("select", ["", "$select=*", "$select=", "$select= * "])
def test_without_a_selection_or_with_a_star_all_properties_come_in_schema_order(cafes: Source, select: str) -> None:
    assert {tuple(named(cafe)) for cafe in cafes.results(select)} == {tuple(TYPES)}


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("Name", ["Name"]),
        ("Seats,Name", ["Seats", "Name"]),
        (" seats , NAME ", ["Seats", "Name"]),
        ("Longitude,Latitude", ["Longitude", "Latitude"]),
        ("Name,EntityID", ["Name", "EntityID"]),
    ],
)
def test_c2_selected_properties_come_in_the_order_of_the_selection(
    cafes: Source, select: str, expected: list[str]
) -> None:
    assert named(cafes.results(f"$select={select}")[0]) == expected


@pytest.mark.parametrize("select", ["*,__Distance", "__Distance,*", "__distance,Name,*", "*,__DISTANCE"])
def test_c2_distance_is_last_wherever_it_is_selected(cafes: Source, select: str) -> None:
    found = cafes.results(f"spatialFilter=nearby(47,8,500)&$select={select}")
    assert {tuple(named(cafe)) for cafe in found} == {(*TYPES, "__Distance")}


def test_c2_distance_is_last_among_selected_names(cafes: Source) -> None:
    found = cafes.results("spatialFilter=nearby(47,8,500)&$select=Name,__Distance,Seats")
    assert named(found[0]) == ["Name", "Seats", "__Distance"]


def test_unknown_names_are_left_out_and_named_in_a_warning(cafes: Source) -> None:
    reply = cafes.get("$format=json&$select=Name,Gone,Seats,AlsoGone")
    assert named(reply.json()["d"]["results"][0]) == ["Name", "Seats"]
    assert "Gone" in reply.headers["warning"]
    assert "AlsoGone" in reply.headers["warning"]
    assert "warning" not in cafes.get("$format=json&$select=Name").headers


def test_a_selection_without_any_known_name_is_400(cafes: Source) -> None:
    assert "$select" in cafes.refusal("$select=Gone,AlsoGone")


@pytest.mark.parametrize(("select", "expected"), [("Name,__Distance", ["Name"]), ("__Distance", [])])
def test_distance_without_a_spatial_filter_is_left_out(cafes: Source, select: str, expected: list[str]) -> None:
    assert named(cafes.results(f"$select={select}")[0]) == expected


# $orderby


def ordered(*names: str, descending: bool = False) -> list[str]:
    """Missing values first (last under desc), ties by entity id either way."""

    def rank(cafe: dict[str, Any]) -> list[Any]:
        return [(cafe[name] is not None, cafe[name] or 0 if cafe[name] != "" else "") for name in names]

    return [cafe["EntityID"] for cafe in sorted(CAFES, key=rank, reverse=descending)]


@pytest.mark.parametrize("name", ["Name", "City", "Code", "Seats", "Rating", "Open", "Elevation", "EntityID"])
def test_order_is_ascending_missing_values_first_and_ties_by_entity_id(cafes: Source, name: str) -> None:
    assert cafes.ids(f"$orderby={name}") == ordered(name)
    assert cafes.ids(f"$orderby={name.lower()} asc") == ordered(name)


@pytest.mark.parametrize("name", ["Name", "City", "Seats", "Rating", "Open", "Elevation"])
def test_descending_order_has_missing_values_last_and_ties_by_entity_id(cafes: Source, name: str) -> None:
    assert cafes.ids(f"$orderby={name} DESC") == ordered(name, descending=True)


def test_dates_are_ordered_by_instant_to_100_nanoseconds(cafes: Source) -> None:
    expected = ["B2", "C3", "B1", "A2", "it's/50% & é?", "A1", "a1", "D1", "C1", "C2"]
    assert cafes.ids("$orderby=Since") == expected


def test_up_to_three_properties_order(cafes: Source) -> None:
    assert cafes.ids("$orderby=City,Seats") == ordered("City", "Seats")
    assert cafes.ids("$orderby=Open, City ,Name") == ordered("Open", "City", "Name")


@pytest.mark.parametrize(
    "order", ["City,Seats,Name,Code", "Latitude", "Longitude desc", "Gone", "Name up", "Name,,Seats x"]
)
def test_a_fourth_property_coordinates_and_unknown_names_are_400(cafes: Source, order: str) -> None:
    assert "$orderby" in cafes.refusal(f"$orderby={order}")


def test_order_by_distance_where_it_is_defined(cafes: Source) -> None:
    query = "spatialFilter=nearby(46.948,7.4474,1000)"
    assert cafes.ids(f"{query}&$orderby=__Distance") == near(46.948, 7.4474, 1000)
    assert cafes.ids(f"{query}&$orderby=__distance desc") == near(46.948, 7.4474, 1000)[::-1]
    box = cafes.results("spatialFilter=bbox(46,7,48,9)&$orderby=__Distance&$select=__Distance")
    distances = [cafe["__Distance"] for cafe in box]
    assert distances == sorted(distances)


def test_without_an_order_entities_come_by_entity_id_in_code_point_order(cafes: Source, many: Source) -> None:
    assert cafes.ids() == ALL_IDS
    assert many.ids("$top=250") == [f"E{number:03}" for number in range(250)]


# $top, $skip, $inlinecount


@pytest.mark.parametrize(
    ("top", "count"),
    [
        ("", 25),
        ("$top=1", 1),
        ("$top=25", 25),
        ("$top=250", 250),
        ("$top=251", 250),
        ("$top=100000", 250),
        ("$top=0", 250),
    ],
)
def test_top_is_25_by_default_250_at_most_and_0_means_a_full_page(many: Source, top: str, count: int) -> None:
    assert len(many.results(top)) == count


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("$pageSize=1", 1),
        ("$PAGESIZE=250", 250),
        ("$pageSize=1000", 250),
        ("$pageSize=0", 250),
        ("$pageSize=", 25),
        ("pageSize=3", 25),
        ("$pageSize=20&$top=10", 10),
        ("$pageSize=10&$top=20", 10),
    ],
)
def test_the_page_size_is_250_at_most_where_the_operator_says_nothing(many: Source, query: str, count: int) -> None:
    assert len(many.results(query)) == count


def test_the_operator_may_allow_a_greater_page_size_and_top_stays_at_250(many: Source) -> None:
    with beside(many.api, {"GEOSTEAD_MAX_PAGE_SIZE": "280"}) as generous:
        source = replace(many, api=generous)
        sizes = {
            query: len(source.results(query))
            for query in ("$pageSize=260", "$pageSize=300", "$pageSize=0", "$top=300", "$pageSize=280&$top=0", "")
        }
        assert list(sizes.values()) == [260, 280, 280, 250, 250, 25]
        assert source.ids("$pageSize=280&$skip=270") == [f"E{number:03}" for number in range(270, 300)]
        assert source.get("$pageSize=280").text.count("<entry>") == 280


@pytest.mark.parametrize(
    "query",
    ["$top=-1", "$pageSize=-1", "$pageSize=x", "$top=x", "$top=1.5", "$skip=-1", "$skip=x", "$inlinecount=some"],
)
def test_a_wrong_number_is_400_and_names_the_parameter(many: Source, query: str) -> None:
    message = many.refusal(query)
    assert query.split("=", maxsplit=1)[0] in message
    assert "expected" in message


@pytest.mark.parametrize(("skip", "count"), [(0, 25), (290, 10), (299, 1)])
def test_skip_reaches_any_depth(many: Source, skip: int, count: int) -> None:
    assert many.ids(f"$skip={skip}") == [f"E{number:03}" for number in range(skip, skip + count)]


@pytest.mark.parametrize("skip", [300, 301, 10**6, 10**18, 10**30])
def test_c7_skip_past_the_end_is_an_empty_array(many: Source, skip: int) -> None:
    reply = many.get(f"$format=json&$skip={skip}")
    assert (reply.status_code, reply.json()["d"]["results"]) == (200, [])


@pytest.mark.parametrize(
    "query", ["", "$orderby=Rank", "$orderby=Rank desc", "spatialFilter=bbox(-90,-180,90,180)", "$filter=Rank lt 50"]
)
def test_the_union_of_pages_is_the_whole_without_repeats(many: Source, query: str) -> None:
    d = many.json(f"{query}&$inlinecount=allpages&$top=1")
    pages = [many.ids(f"{query}&$top=40&$skip={skip}") for skip in range(0, 320, 40)]
    seen = [entity_id for page in pages for entity_id in page]
    assert len(seen) == len(set(seen)) == int(d["__count"])


def test_nearby_pages_in_order_of_distance_without_repeats(many: Source) -> None:
    query = "spatialFilter=nearby(15,1,1000)&$select=EntityID,__Distance"
    pages = [many.results(f"{query}&$top=20&$skip={skip}") for skip in range(0, 320, 20)]
    seen = [(entity["__Distance"], entity["EntityID"]) for page in pages for entity in page]
    assert len(seen) > 150
    assert len(seen) == len({entity_id for _, entity_id in seen})
    assert all(nearer <= farther * (1 + 1e-9) for (nearer, _), (farther, _) in pairwise(seen))


@pytest.mark.parametrize(
    ("query", "count"),
    [("", "300"), ("$top=1&$skip=7", "300"), ("$filter=Rank eq 5", "3"), ("$filter=Rank eq -1", "0")],
)
def test_c7_inlinecount_is_the_number_of_matches_before_paging_as_a_string(
    many: Source, query: str, count: str
) -> None:
    assert many.json(f"$inlinecount=allpages&{query}")["__count"] == count


@pytest.mark.parametrize("query", ["", "$inlinecount=none", "$inlinecount="])
def test_c7_there_is_no_count_unless_asked(many: Source, query: str) -> None:
    assert "__count" not in many.json(query)
