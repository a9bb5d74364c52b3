"""A place on the Earth."""

from __future__ import annotations

from typing import NamedTuple


class Position(NamedTuple):
    """A latitude within ±90 and a longitude within ±180, in degrees (WGS 84)."""

    latitude: float
    longitude: float
