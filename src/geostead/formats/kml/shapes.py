"""Builds the geometry of one Placemark out of its elements, however they are nested (data-formats.md, section 4)."""

from __future__ import annotations

import numpy as np

from geostead.formats.kml.coordinates import (
    BadCoordinates,
    TooManyPlaces,
    close_ring,
    read_coordinates,
    read_track_place,
)
from geostead.geo.parts import Places, gather_wkb, is_polygon, line_wkb, point_wkb, polygon_wkb


class KmlShape:
    """The points, lines and polygons found so far."""

    def __init__(self, max_points: int) -> None:
        """``max_points``: of all of them together."""
        self._max_points = max_points
        self._point_count = 0
        self._parts: list[bytes] = []
        self._pieces: list[Places] = []
        """The coordinates of the current point, line, ring or track."""
        self._outer: list[Places] = []
        self._inner: list[Places] = []
        self._is_inner = False
        self._in_polygon = False

    @property
    def wkb(self) -> bytes | None:
        """All parts as one geometry; None if there are none."""
        return gather_wkb(self._parts) if self._parts else None

    @property
    def polygon_count(self) -> int:
        """Polygons among the parts."""
        return sum(map(is_polygon, self._parts))

    def read_coordinates(self, text: str) -> None:
        """Take the text of ``coordinates``. Raises BadCoordinates."""
        self._take(read_coordinates(text, self._max_points))

    def read_track_place(self, text: str) -> None:
        """Take the text of ``gx:coord``. Raises BadCoordinates."""
        self._take(read_track_place(text))

    def start(self) -> None:
        """Begin a point, line, ring or track."""
        self._pieces = []

    def start_polygon(self) -> None:
        """Begin a polygon."""
        self._in_polygon = True
        self._outer, self._inner = [], []

    def start_boundary(self, *, is_inner: bool) -> None:
        """Begin a boundary of a polygon."""
        self._is_inner = is_inner

    def end_point(self) -> None:
        """End a point. Raises BadCoordinates, as the other ends do."""
        places = self._places()
        if len(places) > 1:
            raise BadCoordinates(f"a point with {len(places)} coordinates", "one longitude,latitude")
        if len(places):
            self._parts.append(point_wkb(places))

    def end_line(self) -> None:
        """End a line."""
        places = self._places()
        if len(places) == 1:
            raise BadCoordinates("a line of one point", "at least 2 points")
        if len(places):
            self._parts.append(line_wkb(places))

    def end_track(self) -> None:
        """End a track: a line through its places, or a point where there is but one."""
        places = self._places()
        if len(places):
            self._parts.append(point_wkb(places) if len(places) == 1 else line_wkb(places))

    def end_ring(self) -> None:
        """End a ring, which stands alone or is a boundary."""
        places = self._places()
        if not len(places):
            return
        ring = close_ring(places)
        if self._in_polygon:
            (self._inner if self._is_inner else self._outer).append(ring)
        else:
            self._parts.append(line_wkb(ring))

    def end_polygon(self) -> None:
        """End a polygon."""
        self._in_polygon = False
        if len(self._outer) == 1:
            self._parts.append(polygon_wkb([*self._outer, *self._inner]))
        elif self._outer or self._inner:
            raise BadCoordinates(f"a polygon with {len(self._outer)} outer boundaries", "one outer boundary")

    def _take(self, places: Places) -> None:
        self._point_count += len(places)
        if self._point_count > self._max_points:
            raise TooManyPlaces(self._max_points)
        self._pieces.append(places)

    def _places(self) -> Places:
        pieces, self._pieces = self._pieces, []
        return pieces[0] if len(pieces) == 1 else np.concatenate([np.zeros((0, 2)), *pieces])
