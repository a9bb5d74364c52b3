"""What is said about a route: which travel parameters did not count."""

from __future__ import annotations

from collections.abc import Iterable

from geostead.model.travel import Optimization, TravelMode, TravelOptions


def not_counted(wishes: Iterable[str]) -> tuple[str, ...]:
    """Return the remark that names the wishes that the route does not fulfil, none where it fulfils all."""
    named = ", ".join(wishes)
    return (f"travel parameters that did not count for this route: {named}",) if named else ()


def unknown_to_every_engine(options: TravelOptions) -> list[str]:
    """Return the wishes that no engine here knows. A distance before the first turn is a driver's wish only."""
    wishes = []
    if options.distance_before_first_turn_m and options.mode is TravelMode.DRIVING:
        wishes.append("distanceBeforeFirstTurn")
    if options.optimize is Optimization.TIME_WITH_TRAFFIC:
        wishes.append("optimize=timeWithTraffic")
    return wishes
