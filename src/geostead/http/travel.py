"""What the travel parameters of a query say (query-language.md, section 1: ``nearRoute``)."""

from __future__ import annotations

import re

from geostead.errors import InvalidParameter
from geostead.http.parameters import Parameters, choice, find
from geostead.model.travel import Avoidance, Optimization, TravelMode, TravelOptions

_MODES = {mode.value.lower(): mode for mode in TravelMode}
_AVOIDANCES = {avoidance.value.lower(): avoidance for avoidance in Avoidance}
_OPTIMIZATIONS = {optimization.value.lower(): optimization for optimization in Optimization}
_STRICTER = {Avoidance.MINIMIZE_HIGHWAYS: Avoidance.HIGHWAYS, Avoidance.MINIMIZE_TOLLS: Avoidance.TOLLS}
_WORD = re.compile(r"[^\s,][^,]*+")
_WHOLE_NUMBER = re.compile(r"\s*+([0-9]{1,9})\s*+\Z")
MAX_HEADING = 359
MAX_DISTANCE_M = 999_999_999


def read_travel(parameters: Parameters) -> TravelOptions:
    """Read how somebody wants to travel; only with ``nearRoute`` do these parameters exist. Raises InvalidParameter."""
    return TravelOptions(
        mode=choice(parameters, _MODES, "travelMode") or TravelMode.DRIVING,
        avoid=_read_avoidances(parameters),
        optimize=choice(parameters, _OPTIMIZATIONS, "optimize", "optmz") or Optimization.TIME,
        distance_before_first_turn_m=_read_number(
            parameters, "a distance in metres", MAX_DISTANCE_M, "distanceBeforeFirstTurn", "dbft"
        ),
        heading_degrees=_read_number(parameters, "degrees clockwise from north", MAX_HEADING, "heading", "hd"),
    )


def _read_avoidances(parameters: Parameters) -> frozenset[Avoidance]:
    """Read a list; of two words for one kind of road the stricter one is kept."""
    words = _WORD.finditer(find(parameters, "avoid") or "")
    found = {_read_avoidance(word[0].rstrip(), word.start() + 1) for word in words}
    return frozenset(word for word in found if _STRICTER.get(word) not in found)


def _read_avoidance(word: str, position: int) -> Avoidance:
    avoidance = _AVOIDANCES.get(word.lower())
    if avoidance is None:
        expected = f"a list of {', '.join(Avoidance)}, separated by commas"
        raise InvalidParameter("avoid", word, expected, position=position)
    return avoidance


def _read_number(parameters: Parameters, what: str, greatest: int, *names: str) -> int | None:
    text = find(parameters, *names)
    if text is None:
        return None
    found = _WHOLE_NUMBER.match(text)
    if found is None or int(found[1]) > greatest:
        raise InvalidParameter(names[0], text, f"{what}, a whole number from 0 to {greatest:,}")
    return int(found[1])
