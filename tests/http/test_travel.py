"""Reading the travel parameters: query-language.md, section 1."""

from __future__ import annotations

import pytest

from geostead.errors import InvalidParameter
from geostead.http.parameters import parse
from geostead.http.travel import read_travel
from geostead.model.travel import Avoidance, Optimization, TravelMode, TravelOptions


def avoiding(*avoidances: Avoidance) -> TravelOptions:
    return TravelOptions(avoid=frozenset(avoidances))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (b"", TravelOptions()),
        (b"travelMode=&avoid=&optimize&dbft=&hd", TravelOptions()),
        (b"travelMode=Driving", TravelOptions()),
        (b"TRAVELMODE=walking", TravelOptions(mode=TravelMode.WALKING)),
        (b"avoid=highways", avoiding(Avoidance.HIGHWAYS)),
        (b"Avoid=MinimizeTolls,%20HIGHWAYS,", avoiding(Avoidance.MINIMIZE_TOLLS, Avoidance.HIGHWAYS)),
        (b"avoid=minimizeHighways,highways", avoiding(Avoidance.HIGHWAYS)),
        (b"avoid=tolls,minimizeTolls,minimizeHighways", avoiding(Avoidance.TOLLS, Avoidance.MINIMIZE_HIGHWAYS)),
        (b"optimize=timeWithTraffic", TravelOptions(optimize=Optimization.TIME_WITH_TRAFFIC)),
        (b"optmz=DISTANCE", TravelOptions(optimize=Optimization.DISTANCE)),
        (b"distanceBeforeFirstTurn=500", TravelOptions(distance_before_first_turn_m=500)),
        (b"DBFT=0", TravelOptions(distance_before_first_turn_m=0)),
        (b"heading=0", TravelOptions(heading_degrees=0)),
        (b"Hd=+359+", TravelOptions(heading_degrees=359)),
        (b"heading=90&hd=180", TravelOptions(heading_degrees=90)),
    ],
)
def test_travel_parameters_are_read_in_any_case_under_both_names(query: bytes, expected: TravelOptions) -> None:
    assert read_travel(parse(query)) == expected


@pytest.mark.parametrize(
    ("query", "parameter", "found", "expected"),
    [
        (b"travelMode=flying", "travelMode", "flying", "driving or walking"),
        (b"avoid=tolls,ferries", "avoid", "ferries", "highways, tolls, minimizeHighways, minimizeTolls"),
        (b"optmz=scenery", "optimize", "scenery", "distance, time or timeWithTraffic"),
        (b"heading=360", "heading", "360", "0 to 359"),
        (b"hd=-1", "heading", "-1", "a whole number from 0 to 359"),
        (b"hd=1.5", "heading", "1.5", "a whole number"),
        (b"dbft=far", "distanceBeforeFirstTurn", "far", "a distance in metres, a whole number"),
        (b"dbft=1000000000", "distanceBeforeFirstTurn", "1000000000", "0 to 999,999,999"),
    ],
)
def test_what_no_travel_parameter_can_be_is_refused(query: bytes, parameter: str, found: str, expected: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        read_travel(parse(query))
    assert (caught.value.parameter, caught.value.found) == (parameter, found)
    assert expected in caught.value.expected


def test_the_position_of_a_word_in_a_list_is_told() -> None:
    with pytest.raises(InvalidParameter) as caught:
        read_travel({"avoid": "highways, way"})
    assert caught.value.position == 11
