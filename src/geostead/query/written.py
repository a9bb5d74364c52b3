"""Spatial filters as they were written: where they name addresses and routes, these have yet to be looked up."""

from __future__ import annotations

from dataclasses import dataclass

from geostead.geo.position import Position
from geostead.query.bound import InBox, Intersects, Nearby


@dataclass(frozen=True, slots=True)
class WrittenAddress:
    """An address, white space around it cut off; never empty."""

    text: str
    position: int
    """Of its first character within the spatial filter, 1-based."""


@dataclass(frozen=True, slots=True)
class NearbyAddress:
    """``nearby('address',km)``."""

    address: WrittenAddress
    radius_km: float


@dataclass(frozen=True, slots=True)
class AlongRoute:
    """``nearRoute('start','end')``."""

    start: Position | WrittenAddress
    end: Position | WrittenAddress


WrittenSpatialFilter = Nearby | InBox | Intersects | NearbyAddress | AlongRoute
