"""The index of places: one SQLite file that is written once and then only read, by any number of processes.

SQLite reads no more of it than an address needs, so a process that looks up addresses stays small and starts at once.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from geostead.geo.box import rectangles_of_circle
from geostead.geo.position import Position
from geostead.geocoding.base import Precision

KINDS = tuple(Precision)
"""A kind is written as its number here."""

SCHEMA = """
CREATE TABLE places (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    name TEXT NOT NULL,
    city INTEGER,
    county INTEGER,
    state INTEGER,
    country INTEGER,
    latitude REAL NOT NULL,
    longitude REAL NOT NULL,
    weight REAL NOT NULL
);
CREATE TABLE names (key TEXT NOT NULL, place INTEGER NOT NULL, share REAL NOT NULL, PRIMARY KEY (key, place))
WITHOUT ROWID;
"""
CITY_KIND = KINDS.index(Precision.CITY)
CITIES_BY_POSITION = f"""
CREATE INDEX cities_by_position ON places (latitude, longitude) WHERE kind = {CITY_KIND};
CREATE VIEW cities AS SELECT * FROM places INDEXED BY cities_by_position WHERE kind = {CITY_KIND};
"""  # noqa: S608  # a number of our own

_NAMED = """
SELECT names.key, places.weight * names.share, places.*
FROM json_each(?) AS asked CROSS JOIN names ON names.key = asked.value JOIN places ON places.id = names.place
ORDER BY places.id
"""
_CITIES_WITHIN = "SELECT * FROM cities WHERE latitude BETWEEN ? AND ? AND longitude BETWEEN ? AND ?"
_BY_ID = "SELECT * FROM places WHERE id = ?"


class IndexedPlace(NamedTuple):
    """A row of ``places``: what it is, where it is, and the ids of what it lies in, each None where that is unknown."""

    id: int
    kind: int
    name: str
    city: int | None
    county: int | None
    state: int | None
    country: int | None
    latitude: float
    longitude: float
    weight: float
    """How likely it is meant where several places have a name: about its population, less if it is an area."""

    @property
    def precision(self) -> Precision:
        """What kind of thing it is."""
        return KINDS[self.kind]

    @property
    def areas(self) -> tuple[int, ...]:
        """Return the ids of what it lies in, the smallest first."""
        return tuple(area for area in (self.city, self.county, self.state, self.country) if area is not None)


class Hit(NamedTuple):
    """A place that has a name."""

    place: IndexedPlace
    weight: float
    """The place's; less if the name is not the one that it usually goes by."""


class PlaceIndex:
    """Looks into an index file. Threads may share it; each call takes well under a millisecond."""

    def __init__(self, path: Path) -> None:
        url = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(url, uri=True, check_same_thread=False)
        self._lock = Lock()

    def named(self, keys: Iterable[str]) -> dict[str, list[Hit]]:
        """Return the places of each key that is the name of one."""
        found: dict[str, list[Hit]] = {}
        for key, weight, *row in self._rows(_NAMED, json.dumps(list(keys))):
            found.setdefault(key, []).append(Hit(IndexedPlace(*row), weight))
        return found

    def cities_near(self, position: Position, *, radius_km: float) -> list[IndexedPlace]:
        """Return the cities within a radius, and a few beyond it, in no order."""
        boxes = rectangles_of_circle(latitude=position.latitude, longitude=position.longitude, radius_km=radius_km)
        found = (self._rows(_CITIES_WITHIN, b.min_y, b.max_y, b.min_x, b.max_x) for b in boxes)
        return [IndexedPlace(*row) for rows in found for row in rows]

    def full_name(self, place: IndexedPlace) -> str:
        """Return a place's name and those of what it lies in: ``Lyon, Auvergne-Rhône-Alpes, France``.

        The county is named where it is no city that would go by the same address: in the United States.
        """
        areas = [IndexedPlace(*row) for area in place.areas for row in self._rows(_BY_ID, area)]
        american = bool(areas) and areas[-1].name == "United States"
        told = [area.name for area in areas if american or area.precision is not Precision.COUNTY]
        names = [place.name, *told]
        return ", ".join(name for name, before in zip(names, ["", *names], strict=False) if name != before)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _rows(self, statement: str, *values: object) -> Sequence[tuple]:  # type: ignore[type-arg]
        with self._lock, closing(self._connection.execute(statement, values)) as cursor:
            return cursor.fetchall()
