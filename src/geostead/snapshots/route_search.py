"""Searching along a route: which points lie near it, how near, and how far along.

A circle around each run of the route gives candidates. Of the runs near a point only those are measured that may hold
its nearest place.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from geostead.geo.distance import EARTH_RADIUS_KM, squared_chord
from geostead.geo.route import RouteLine, equally_near_km
from geostead.query.bound import BoundQuery, NearRoute
from geostead.snapshots.columns import Columns
from geostead.snapshots.matches import Matches
from geostead.snapshots.predicate import holds
from geostead.snapshots.spatial_index import SpatialIndex

Positions = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_PAIRS_AT_ONCE = 2**18
_EDGE = 1 + 5e-11
"""As much as a circle is taken larger, so that a point on the edge is inside (geo/distance.py)."""


def find_near_route(query: BoundQuery, near: NearRoute, columns: Columns, index: SpatialIndex) -> Matches:
    """Return the entities near a route that satisfy the query."""
    matches = near_route(near, index)
    return matches if query.predicate is None else matches.keep(holds(query.predicate, columns, matches.rows))


def near_route(near: NearRoute, index: SpatialIndex) -> Matches:
    """Return the points near a route."""
    measured = _Measured(RouteLine(near.line), near.width_km, index)
    measured.measure_all()
    return measured.matches()


class _Measured:
    """What is known of the points so far: the distance of each, and how far along."""

    def __init__(self, line: RouteLine, width_km: float, index: SpatialIndex) -> None:
        self._line = line
        self._width_km = width_km
        self._index = index
        self._distances_km: Floats = np.full(len(index), np.inf)
        self._along_km: Floats = np.full(len(index), np.inf)
        self._farthest_km: Floats = np.empty(len(index))

    def matches(self) -> Matches:
        """Return the points within the width."""
        positions = np.flatnonzero(self._distances_km <= self._width_km * _EDGE)
        rows = self._index.rows_at(positions)
        return Matches(rows, self._distances_km[positions], self._along_km[positions])

    def measure_all(self) -> None:
        """Measure all points that may be near, some runs at a time: memory does not go with the route."""
        waiting: list[tuple[Positions, Floats, int]] = []
        count = 0
        for candidates in self._candidates():
            waiting.append(candidates)
            count += len(candidates[0])
            if count > _PAIRS_AT_ONCE:
                self._measure(waiting)
                waiting, count = [], 0
        if waiting:
            self._measure(waiting)

    def _candidates(self) -> Iterator[tuple[Positions, Floats, int]]:
        """Return for each run the points that may be near, and their distances from its middle."""
        line = self._line
        for run, (center, radius_km) in enumerate(zip(line.centers.tolist(), line.radii_km.tolist(), strict=True)):
            positions = self._index.find(line.rectangles(run, self._width_km))
            chords = self._index.squared_chords(positions, center)
            near = chords <= squared_chord(radius_km + self._width_km)
            if near.any():
                yield positions[near], 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(chords[near]) / 2), run

    def _measure(self, candidates: list[tuple[Positions, Floats, int]]) -> None:
        positions = np.concatenate([positions for positions, _, _ in candidates])
        from_center = np.concatenate([distances for _, distances, _ in candidates])
        runs = np.repeat([run for _, _, run in candidates], [len(positions) for positions, _, _ in candidates])
        radii = self._line.radii_km[runs]
        self._farthest_km[positions] = self._distances_km[positions]
        np.minimum.at(self._farthest_km, positions, from_center + radii)
        possible = from_center - radii <= equally_near_km(self._farthest_km[positions])
        positions, runs = positions[possible], runs[possible]
        found = self._line.nearest(self._index.vectors_at(positions), runs)
        self._remember(positions, found.distances_km, found.along_km)

    def _remember(self, positions: Positions, distances_km: Floats, along_km: Floats) -> None:
        """Keep of each point the least distance, and the first place that is as near."""
        known = self._distances_km[positions]
        np.minimum.at(self._distances_km, positions, distances_km)
        least_km = equally_near_km(self._distances_km[positions])
        self._along_km[positions[known > least_km]] = np.inf
        near = distances_km <= least_km
        np.minimum.at(self._along_km, positions[near], along_km[near])
