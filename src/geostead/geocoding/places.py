"""The geocoder that comes along: cities, areas and postal codes of the United States, without any network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock

import numpy as np

from geostead.geo.distance import haversine_km
from geostead.geo.position import Position
from geostead.geocoding.base import Place
from geostead.geocoding.index_file import IndexFile
from geostead.geocoding.place_index import IndexedPlace, PlaceIndex
from geostead.geocoding.readings import best_reading
from geostead.geocoding.written_address import read_address

REACH_KM = 50.0
"""How far the nearest city may be from a position that it is to stand for."""


class Places:
    """Knows cities with 500 inhabitants or more, states, counties, countries, and postal codes of the United States.

    It knows no streets: the city stands for them, and the match is not whole. ``folder`` is where its index lies or is
    to be made, at the first address (:class:`IndexFile`).
    """

    def __init__(self, folder: Path, ready: Callable[[], Path] | None = None) -> None:
        self._ready = ready or IndexFile(folder).ready
        self._lock = Lock()
        self._opened: PlaceIndex | None = None

    def find(self, address: str) -> Place | None:
        """Return the best match, None if nothing that was named is known, or only an area around it.

        Raises Unavailable while the index is being made.
        """
        written = read_address(address)
        if written is None:
            return None
        index = self._index()
        spans = dict(written.spans())
        named = index.named(set(spans.values()))
        reading = best_reading(written, {span: named[key] for span, key in spans.items() if key in named})
        return _place(index, reading.place, is_whole_match=not reading.rest) if reading else None

    def reverse(self, position: Position) -> Place | None:
        """Return the nearest city, None if there is none within 50 km.

        Raises Unavailable while the index is being made.
        """
        index = self._index()
        nearest = _nearest(position, index.cities_near(position, radius_km=REACH_KM))
        return _place(index, nearest, is_whole_match=True) if nearest else None

    def close(self) -> None:
        """Let go of the index."""
        if self._opened is not None:
            self._opened.close()

    def _index(self) -> PlaceIndex:
        if self._opened is None:
            path = self._ready()
            with self._lock:
                self._opened = self._opened or PlaceIndex(path)
        return self._opened


def _nearest(position: Position, cities: Sequence[IndexedPlace]) -> IndexedPlace | None:
    latitudes = np.array([city.latitude for city in cities], np.float64)
    longitudes = np.array([city.longitude for city in cities], np.float64)
    distances = haversine_km(position.latitude, position.longitude, latitudes, longitudes)
    if not len(distances) or distances.min() > REACH_KM:
        return None
    return cities[int(distances.argmin())]


def _place(index: PlaceIndex, place: IndexedPlace, *, is_whole_match: bool) -> Place:
    return Place(
        position=Position(place.latitude, place.longitude),
        name=index.full_name(place),
        precision=place.precision,
        is_whole_match=is_whole_match,
    )
