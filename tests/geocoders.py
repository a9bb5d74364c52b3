"""Geocoders and routers that say what a test wants: nobody is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from geostead.errors import Unavailable
from geostead.geo.position import Position
from geostead.geocoding.base import Place, Precision
from geostead.model.travel import TravelOptions
from geostead.routing.base import Route

LYON = Place(Position(45.75, 4.85), "Lyon, Auvergne-Rhône-Alpes, France", Precision.CITY, is_whole_match=True)


@dataclass
class KnownPlaces:
    """Implements :class:`geostead.geocoding.base.Geocoder` for a few addresses."""

    places: Mapping[str, Place]
    asked: list[str] = field(default_factory=list)

    def find(self, address: str) -> Place | None:
        self.asked.append(address)
        return self.places.get(address)

    def reverse(self, position: Position) -> Place | None:
        return next((place for place in self.places.values() if place.position == position), None)


class NobodyAnswers:
    """Implements Geocoder and Router of an installation whose servers are down."""

    def find(self, address: str) -> Place | None:
        raise Unavailable(f"The geocoder did not answer about {len(address)} characters.")

    def reverse(self, position: Position) -> Place | None:
        raise Unavailable(f"The geocoder did not answer about {position}.")

    def route(self, start: Position, end: Position, options: TravelOptions) -> Route | None:
        raise Unavailable(f"The routing engine did not answer about {start}, {end}, {options}.")


@dataclass
class OneWay:
    """Implements :class:`geostead.routing.base.Router` with one answer."""

    answer: Route | None
    asked: list[tuple[Position, Position, TravelOptions]] = field(default_factory=list)

    def route(self, start: Position, end: Position, options: TravelOptions) -> Route | None:
        self.asked.append((start, end, options))
        return self.answer
