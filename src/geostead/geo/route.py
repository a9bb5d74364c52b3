"""Distances to a line of great circles, and how far along the line the nearest place is.

The line is cut into pieces of some kilometres, and these into runs: a circle around each run tells which points have to
be measured against its pieces. Everything is computed with unit vectors, from differences, so that what is near is
exact: far better than the 1e-9 to which distances have to agree (query-language.md, section 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geostead.geo.box import Rectangle, rectangles_of_circle
from geostead.geo.distance import EARTH_RADIUS_KM, Floats, unit_vectors
from geostead.geo.position import Position

Indices = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float64]
"""Points on the unit sphere, a row each; see :func:`geostead.geo.distance.unit_vectors`."""

_PIECE_KM = 8.0
_MAX_PIECES = 20_000
"""About as many pieces as a line is cut into where it is long; its own places come on top."""
_MAX_PIECE_KM = 5_000.0
_RUN_PIECES = 16
_PAIRS_AT_ONCE = 4_096
_ANTIPODAL = 1e-12
_EQUAL_RELATIVE, _EQUAL_KM = 1e-9, 1e-9


class Nearest(NamedTuple):
    """For each of some points its nearest place of a line."""

    distances_km: Floats
    along_km: Floats
    """How far along the line, from its start; of places that are equally near the first."""


class RouteLine:
    """A line through places, along great circles; from a place to its antipode by way of the north pole."""

    def __init__(self, line: Sequence[Position]) -> None:
        """``line`` has one place or more; places may repeat, and lie anywhere, poles and antimeridian included."""
        latitudes, longitudes = np.array(line, dtype=np.float64).reshape(-1, 2).T
        places = unit_vectors(latitudes, longitudes)
        is_new = np.concatenate(([True], (places[1:] != places[:-1]).any(axis=1)))
        places = places[is_new] if is_new.sum() > 1 else np.vstack((places[:1], places[:1]))
        piece_km = min(max(_PIECE_KM, _lengths_km(places).sum() / _MAX_PIECES), _MAX_PIECE_KM)
        self._places = _densified(places, piece_km)
        self._km = np.concatenate(([0.0], np.cumsum(_lengths_km(self._places))))
        self._normals = _normals(self._places[:-1], self._places[1:])
        self._run_starts = _run_starts(self._km[:-1], piece_km)
        self.centers, self.radii_km = self._circles()
        """Of each run a circle that holds it: the point on the unit sphere in its middle, and the radius."""

    def rectangles(self, run: int, width_km: float) -> tuple[Rectangle, ...]:
        """Return rectangles that hold every point within ``width_km`` of a run."""
        x, y, z = self.centers[run].tolist()
        latitude, longitude = float(np.degrees(np.arcsin(min(1.0, max(-1.0, z))))), float(np.degrees(np.arctan2(y, x)))
        radius_km = float(self.radii_km[run]) + width_km
        return rectangles_of_circle(latitude=latitude, longitude=longitude, radius_km=radius_km)

    def nearest(self, points: Vectors, runs: Indices) -> Nearest:
        """Return for each point the nearest place of one run."""
        starts = range(0, len(points), _PAIRS_AT_ONCE)
        blocks = [self._nearest(points[s : s + _PAIRS_AT_ONCE], runs[s : s + _PAIRS_AT_ONCE]) for s in starts]
        if not blocks:
            return Nearest(np.empty(0), np.empty(0))
        return Nearest(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))

    def _nearest(self, points: Vectors, runs: Indices) -> Nearest:
        """Measure each point against each piece of its run; a run with fewer pieces repeats its last one."""
        ends = np.append(self._run_starts[1:], len(self._normals))
        pieces = np.minimum(self._run_starts[runs][:, None] + np.arange(_RUN_PIECES), ends[runs][:, None] - 1)
        from_start = points[:, None, :] - self._places[pieces]
        from_end = points[:, None, :] - self._places[pieces + 1]
        normals = self._normals[pieces]
        heights = _dot(from_start, normals)
        is_beside = _dot(from_start, np.cross(normals, self._places[pieces])) >= 0
        is_beside &= _dot(from_end, np.cross(normals, self._places[pieces + 1])) <= 0
        is_beside &= normals.any(axis=2)
        to_start, to_end = _dot(from_start, from_start), _dot(from_end, from_end)
        depths = np.sqrt(np.maximum(0.0, 1 - heights**2))  # rounding may put a pole of a piece above the sphere
        squares = np.where(is_beside, 2 * heights**2 / (1 + depths), np.minimum(to_start, to_end))
        distances_km = _arc_km(squares)
        least_km = distances_km.min(axis=1)
        first = np.argmax(distances_km <= equally_near_km(least_km)[:, None], axis=1)
        chosen = np.arange(len(points)), first
        along_km = np.where(to_start[chosen] <= to_end[chosen], self._km[pieces[chosen]], self._km[pieces[chosen] + 1])
        starts = self._places[pieces[chosen]]
        ahead = _dot(points, np.cross(normals[chosen], starts))
        feet_km = self._km[pieces[chosen]] + EARTH_RADIUS_KM * np.arctan2(ahead, _dot(points, starts))
        # From the pole of its great circle all of a piece is equally near: the foot may be anywhere on that circle.
        feet_km = np.clip(feet_km, self._km[pieces[chosen]], self._km[pieces[chosen] + 1])
        return Nearest(least_km, np.where(is_beside[chosen], feet_km, along_km))

    def _circles(self) -> tuple[Vectors, Floats]:
        starts = self._run_starts
        centers = _normalized(np.add.reduceat(self._places[:-1] + self._places[1:], starts))
        own = np.repeat(centers, np.diff(np.append(starts, len(self._normals))), axis=0)
        squares = [((places - own) ** 2).sum(axis=1) for places in (self._places[:-1], self._places[1:])]
        return centers, np.maximum.reduceat(_arc_km(np.maximum(*squares)), starts) * (1 + 1e-9) + 1e-6


def equally_near_km(distances_km: Floats) -> Floats:
    """Return up to which distance a place counts as being as near: rounding must not decide between two."""
    return distances_km * (1 + _EQUAL_RELATIVE) + _EQUAL_KM


def _densified(places: Vectors, piece_km: float) -> Vectors:
    """Return places along the same great circles, no more than ``piece_km`` apart."""
    starts, ends = places[:-1], places[1:]
    lengths_km = _lengths_km(places)
    counts = np.maximum(1, np.ceil(lengths_km / piece_km)).astype(np.int64)
    ahead = np.cross(_normals(starts, ends), starts)
    is_antipodal = ((starts + ends) ** 2).sum(axis=1) < _ANTIPODAL**2
    ahead[is_antipodal] = _northward(starts[is_antipodal])
    firsts = np.repeat(np.cumsum(counts) - counts, counts)
    shares = (np.arange(counts.sum()) - firsts) / np.repeat(counts, counts)
    angles = (shares * np.repeat(lengths_km, counts) / EARTH_RADIUS_KM)[:, None]
    between = np.repeat(starts, counts, axis=0) * np.cos(angles) + np.repeat(ahead, counts, axis=0) * np.sin(angles)
    return np.vstack((between, places[-1:]))


def _northward(places: Vectors) -> Vectors:
    """Return for each place the direction to the north pole; at a pole that of longitude 0."""
    is_pole = np.abs(places[:, 2:]) > 1 - 1e-12
    goals = np.where(is_pole, (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    return _normalized(goals - places * _dot(places, goals)[:, None])


def _normals(starts: Vectors, ends: Vectors) -> Vectors:
    """Return the axis of the turn from each start to its end; zeros where they are one place.

    The difference, or, where they are far apart, the sum, has the same cross product as the end, and is exact where it
    is small: the plane goes through both places however near or far they are.
    """
    is_far = _dot(starts, ends)[:, None] < 0
    return _normalized(np.cross(starts, np.where(is_far, ends + starts, ends - starts)))


def _run_starts(km: Floats, piece_km: float) -> Indices:
    """Return which pieces begin a run: of some kilometres, and a bounded number of pieces."""
    cells = np.floor(km / piece_km)
    begins = np.concatenate(([True], np.diff(cells) != 0))
    starts = np.flatnonzero(begins)
    within = np.arange(len(km)) - np.repeat(starts, np.diff(np.append(starts, len(km))))
    return np.flatnonzero(within % _RUN_PIECES == 0)


def _lengths_km(places: Vectors) -> Floats:
    return _arc_km(((places[1:] - places[:-1]) ** 2).sum(axis=1))


def _arc_km(squared_chords: Floats) -> Floats:
    arcs: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, np.sqrt(squared_chords) / 2))
    return arcs


def _normalized(vectors: Vectors) -> Vectors:
    lengths = np.sqrt((vectors**2).sum(axis=1))[:, None]
    units: Vectors = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return units


def _dot(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> Floats:
    products: Floats = np.einsum("...i,...i->...", one, other)
    return products
