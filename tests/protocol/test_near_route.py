"""query-language.md sections 1 and 3: nearRoute, on a server without a routing engine."""

from __future__ import annotations

import math

import pytest

from tests.protocol.api import KEY, LOCATION, Api, Source, pipe

KM_PER_DEGREE = math.radians(6371.0088)
ROUTE = "nearRoute('0,0','0,1')"

# Along the equator, where degrees are kilometres in every direction.
STOPS = {
    "before": (0.0, -0.005),
    "far": (0.02, 0.4),
    "middle": (0.01, 0.5),
    "near": (0.001, 0.25),
    "off": (0.0, 1.2),
    "other": (-0.01, 0.5),
    "past": (0.0, 1.01),
    "same": (0.01, 0.5),
}


@pytest.fixture(scope="module")
def stops(api: Api) -> Source:
    rows = [f"{name}|{name}|{latitude}|{longitude}" for name, (latitude, longitude) in STOPS.items()]
    return api.source("Stops", pipe(f"{KEY}|Name(Edm.String)|{LOCATION}", "nowhere|nowhere||", *rows))


def test_entities_within_a_mile_come_in_order_along_the_route_then_by_distance_then_by_id(stops: Source) -> None:
    assert stops.ids(f"spatialFilter={ROUTE}") == ["before", "near", "middle", "other", "same", "past"]
    assert stops.ids("spatialFilter=nearRoute('0,1','0,0')") == ["past", "middle", "other", "same", "near", "before"]


@pytest.mark.parametrize(
    "form",
    [
        "NearRoute('0,0','0,1')",
        "NEARROUTE ( '0.0, 0' , ' 0 , 1e0 ' )",
        "nearroute(0,0,0,1)",
        "nearRoute('0,0',0,1)",
        "nearRoute( 0 , 0 , '0,1' )",
        "nearRoute(%270,0%27,+%270,1%27)",
    ],
)
def test_a_route_is_read_in_every_form(stops: Source, form: str) -> None:
    assert stops.ids(f"spatialFilter={form}") == stops.ids(f"spatialFilter={ROUTE}")


def test_distance_is_from_the_route(stops: Source) -> None:
    found = stops.results(f"spatialFilter={ROUTE}&$select=EntityID,__Distance")
    distances = {stop["EntityID"]: stop["__Distance"] for stop in found}
    assert distances["near"] == pytest.approx(0.001 * KM_PER_DEGREE, rel=1e-9)
    assert distances["middle"] == pytest.approx(0.01 * KM_PER_DEGREE, rel=1e-9)
    assert distances["before"] == pytest.approx(0.005 * KM_PER_DEGREE, rel=1e-9)
    assert distances["past"] == pytest.approx(0.01 * KM_PER_DEGREE, rel=1e-9)


def test_everything_else_of_a_query_holds_beside_a_route(stops: Source) -> None:
    assert stops.ids(f"spatialFilter={ROUTE}&$orderby=Name") == ["before", "middle", "near", "other", "past", "same"]
    assert stops.ids(f"spatialFilter={ROUTE}&$orderby=__Distance&$top=1") == ["near"]
    assert stops.ids(f"spatialFilter={ROUTE}&$filter=contains(Name,'e')&$skip=1&$top=3") == ["near", "middle", "other"]
    assert stops.json(f"spatialFilter={ROUTE}&$inlinecount=allpages&$top=1")["__count"] == "6"


def test_a_route_may_be_a_single_place(stops: Source) -> None:
    assert stops.ids("spatialFilter=nearRoute('0,0.25','0,0.25')") == ["near"]


def test_a_warning_says_that_the_route_is_the_great_circle(stops: Source) -> None:
    reply = stops.get(f"spatialFilter={ROUTE}")
    assert reply.headers["warning"].startswith('299 - "')
    assert "great circle" in reply.headers["warning"]
    assert "warning" in reply.headers["access-control-expose-headers"].lower()
    assert "warning" not in stops.get("spatialFilter=nearby(0,0,5)").headers


def test_every_remark_is_a_warning_of_its_own(stops: Source) -> None:
    warnings = stops.get(f"spatialFilter={ROUTE}&$select=EntityID,Fax").headers.get_list("warning")
    assert len(warnings) == 2
    assert "Fax" in warnings[1]


@pytest.mark.parametrize(
    "travel",
    [
        "travelMode=Driving",
        "TRAVELMODE=walking",
        "avoid=highways,Tolls",
        "avoid=minimizeHighways,%20minimizeTolls",
        "optimize=timeWithTraffic",
        "optmz=DISTANCE",
        "distanceBeforeFirstTurn=500",
        "dbft=0",
        "heading=359",
        "hd=0",
        "avoid=&heading=&dbft",
    ],
)
def test_travel_parameters_are_read_in_any_case_and_under_both_names(stops: Source, travel: str) -> None:
    assert len(stops.ids(f"spatialFilter={ROUTE}&{travel}")) == 6


@pytest.mark.parametrize(
    ("travel", "named"),
    [
        ("travelMode=flying", "travelMode"),
        ("avoid=tolls,ferries", "avoid"),
        ("optimize=scenery", "optimize"),
        ("optmz=scenery", "optimize"),
        ("distanceBeforeFirstTurn=-1", "distanceBeforeFirstTurn"),
        ("dbft=far", "distanceBeforeFirstTurn"),
        ("heading=360", "heading"),
        ("hd=north", "heading"),
    ],
)
def test_a_wrong_travel_parameter_is_400_with_a_route_and_unknown_without(
    stops: Source, travel: str, named: str
) -> None:
    message = stops.refusal(f"spatialFilter={ROUTE}&{travel}")
    assert message.startswith(f"{named}:")
    assert "expected" in message
    assert stops.ids(f"spatialFilter=nearby(0,0,1)&{travel}") == ["before"]
    assert len(stops.ids(travel)) == 9


@pytest.mark.parametrize(
    "form",
    [
        "nearRoute('0,0')",
        "nearRoute()",
        "nearRoute('0,0','0,1','0,2')",
        "nearRoute(0,0,1)",
        "nearRoute(0,0,0,0,1,5)",
        "nearRoute('91,0','0,1')",
        "nearRoute('0,0','0,180.5')",
        "nearRoute('0,5,0,5','0,1')",
        "nearRoute('','0,1')",
        "nearRoute('0,0','0,1'",
        "nearRoute '0,0','0,1'",
    ],
)
def test_a_route_that_cannot_be_read_is_400_with_its_position(stops: Source, form: str) -> None:
    message = stops.refusal(f"spatialFilter={form}")
    assert "spatialFilter" in message
    assert "at position" in message
    assert "expected" in message


def test_a_query_along_a_route_is_revalidated_by_what_it_answers(stops: Source) -> None:
    first = stops.get(f"$format=json&spatialFilter={ROUTE}")
    again = stops.get(f"$format=json&spatialFilter={ROUTE}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    other = stops.get("$format=json&spatialFilter=nearRoute('0,0','0,0.1')")
    assert other.headers["etag"] != first.headers["etag"]
