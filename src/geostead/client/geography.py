"""Geographies, from well-known text to GeoJSON."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_SRID = re.compile(r"^\s*SRID\s*=\s*\d+\s*;", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Geography:
    """A value of the type ``Edm.Geography``. It fits wherever ``__geo_interface__`` is understood, as in shapely."""

    wkt: str
    """Well-known text, longitude first."""

    def __str__(self) -> str:
        return self.wkt

    @property
    def shape(self) -> Any:
        """The same as a shapely geometry, longitude as x. Raises shapely.GEOSException if the text cannot be read."""
        import shapely

        return shapely.from_wkt(_SRID.sub("", self.wkt))

    @property
    def __geo_interface__(self) -> dict[str, Any]:
        """A GeoJSON geometry."""
        from shapely.geometry import mapping

        geometry: dict[str, Any] = mapping(self.shape)
        return geometry


def point_geometry(*, latitude: float, longitude: float) -> dict[str, Any]:
    """Return a GeoJSON point."""
    return {"type": "Point", "coordinates": [longitude, latitude]}
