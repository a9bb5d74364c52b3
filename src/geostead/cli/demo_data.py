"""The sample of the demo: the airports of the world, as an upload in the pipe format.

The data is that of the PyPI package ``airportsdata`` (MIT licence).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import airportsdata

ENTITY_TYPE = "Airport"
_COLUMNS = (
    "EntityID(Edm.String,primaryKey)",
    "Name(Edm.String)",
    "City(Edm.String)",
    "Region(Edm.String)",
    "Country(Edm.String)",
    "IATA(Edm.String)",
    "TimeZone(Edm.String)",
    "Elevation(Edm.Double)",
    "Latitude(Edm.Double)",
    "Longitude(Edm.Double)",
)
_M_PER_FOOT = 0.3048


@dataclass(frozen=True, slots=True)
class Sample:
    """An upload and what is in it."""

    upload: bytes
    entity_count: int


def airports() -> Sample:
    """Make the upload: one entity for each airport with an ICAO or local code. Elevations become metres."""
    by_code = airportsdata.load("ICAO")
    text = io.StringIO()
    text.write(f"Bing Spatial Data Services, 1.0, {ENTITY_TYPE}\n{'|'.join(_COLUMNS)}\n")
    csv.writer(text, delimiter="|", lineterminator="\n").writerows(_rows(by_code))
    return Sample(text.getvalue().encode(), len(by_code))


def _rows(by_code: dict[str, airportsdata.Airport]) -> Iterator[tuple[object, ...]]:
    for code, airport in by_code.items():
        yield (
            code,
            airport["name"],
            airport["city"],
            airport["subd"],
            airport["country"],
            airport["iata"],
            airport["tz"],
            round(airport["elevation"] * _M_PER_FOOT, 1),
            airport["lat"],
            airport["lon"],
        )
