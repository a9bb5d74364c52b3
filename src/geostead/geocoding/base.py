"""The port to geocoders (query-language.md, section 1: addresses)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from geostead.geo.position import Position


class Precision(StrEnum):
    """What kind of thing an address was matched with, the most exact first."""

    ADDRESS = "address"
    STREET = "street"
    POSTAL_CODE = "postal code"
    CITY = "city"
    COUNTY = "county"
    STATE = "state"
    COUNTRY = "country"


@dataclass(frozen=True, slots=True)
class Place:
    """What an address was found to mean, or what lies at a position."""

    position: Position
    name: str
    """What was matched, as one would write it: ``Lyon, Auvergne-Rhône-Alpes, France``."""
    precision: Precision
    is_whole_match: bool
    """Whether every part of the address was made use of; False where only, say, its city is known."""


class Geocoder(Protocol):
    """Finds places. Threads may share it."""

    def find(self, address: str) -> Place | None:
        """Return the best match of an address, None where nothing matches.

        Raises Unavailable if the geocoder cannot be reached.
        """

    def reverse(self, position: Position) -> Place | None:
        """Return what lies at a position or near it, None in the middle of nowhere.

        Raises Unavailable if the geocoder cannot be reached.
        """
