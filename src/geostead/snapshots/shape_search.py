"""Searching by shape: entities with a geography by their geography, all others by their point.

The property filter goes first, because it costs least; of what is left only as much is read and held against the shape
as the page needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from shapely.geometry.base import BaseGeometry

from geostead.geo.distance import squared_chords, unit_vector, unit_vectors
from geostead.geo.relate import RelatedShape
from geostead.geo.split import split
from geostead.geo.whereabouts import centroid
from geostead.geo.wkt import Shapes
from geostead.query.bound import BoundQuery, Intersects
from geostead.snapshots.columns import Columns, Rows
from geostead.snapshots.geography_index import GeographyIndex, blocks_of, geography_column, read_shapes
from geostead.snapshots.matches import Matches
from geostead.snapshots.predicate import Mask, holds
from geostead.snapshots.spatial_index import SpatialIndex

_POINT_ROWS = 65_536
_LITTLE_ENDIAN = 1


class Places(NamedTuple):
    """Where the entities of a snapshot are."""

    columns: Columns
    points: SpatialIndex
    geographies: GeographyIndex


def find_intersecting(query: BoundQuery, filter_: Intersects, places: Places) -> Matches:
    """Return entities that intersect a shape and satisfy the query: as many as the page needs, in entity id order.

    All of them where they are counted or ordered.
    """
    related = RelatedShape(filter_.shape)
    candidates = _candidates(related, places)
    if query.predicate is not None:
        candidates = candidates[holds(query.predicate, places.columns, candidates)]
    wanted = None if query.count or query.order else query.skip + query.top
    rows = _first(_meeting(related, candidates, places.columns), wanted)
    if not any(term.property is None for term in query.order):
        return Matches(rows)
    return Matches(rows, _squared_chords(filter_.shape, rows, places.columns))


def intersections(shape: BaseGeometry, rows: Rows, columns: Columns) -> pa.BinaryArray:
    """Return as WKB what the geography, or else the point, of each row has in common with a shape; null for nothing."""
    related = RelatedShape(shape)
    found: Shapes = np.full(len(rows), None, dtype=object)
    column = geography_column(columns)
    has_geography = _has_geography(column, rows)
    if column is not None:
        places_of = np.flatnonzero(has_geography)
        start = 0
        for block in blocks_of(column, rows[has_geography]):
            found[places_of[start : start + len(block)]] = related.intersections(read_shapes(column, block))
            start += len(block)
    found[~has_geography] = related.intersections(_points(columns, rows[~has_geography]))
    return pa.array(shapely.to_wkb(found, byte_order=_LITTLE_ENDIAN), pa.binary())


def _candidates(related: RelatedShape, places: Places) -> Rows:
    """Return the rows, ascending, of whatever may intersect a shape."""
    rectangles = related.rectangles
    if not rectangles:
        return np.empty(0, dtype=np.int64)
    points = places.points.rows_at(places.points.find(rectangles))
    points = points[~_has_geography(geography_column(places.columns), points)]
    return np.unique(np.concatenate((points, places.geographies.find(rectangles))))


def _meeting(related: RelatedShape, candidates: Rows, columns: Columns) -> Iterator[Rows]:
    """Return those rows that intersect the shape, some at a time, in order."""
    column = geography_column(columns)
    for start in range(0, len(candidates), _POINT_ROWS):
        rows = candidates[start : start + _POINT_ROWS]
        has_geography = _has_geography(column, rows)
        if column is None or not has_geography.any():
            latitudes, longitudes = columns.places(rows)
            yield rows[related.meets_points(latitudes=latitudes, longitudes=longitudes)]
            continue
        for block in blocks_of(column, rows):
            yield block[_block_meets(related, block, column, columns)]


def _block_meets(related: RelatedShape, rows: Rows, column: pa.Array, columns: Columns) -> Mask:
    has_geography = _has_geography(column, rows)
    found = np.zeros(len(rows), dtype=np.bool_)
    found[has_geography] = related.meets(split(read_shapes(column, rows[has_geography])))
    latitudes, longitudes = columns.places(rows[~has_geography])
    found[~has_geography] = related.meets_points(latitudes=latitudes, longitudes=longitudes)
    return found


def _first(blocks: Iterator[Rows], wanted: int | None) -> Rows:
    """Return the rows of as many blocks as it takes to have enough; None: of all."""
    found = [np.empty(0, dtype=np.int64)]
    count = 0
    for rows in blocks:
        found.append(rows)
        count += len(rows)
        if wanted is not None and count >= wanted:
            break
    return np.concatenate(found)


def _has_geography(column: pa.Array | None, rows: Rows) -> npt.NDArray[np.bool_]:
    if column is None:
        return np.zeros(len(rows), dtype=np.bool_)
    # What is taken are bits: the time goes with the rows, and not with the column.
    has_geography: npt.NDArray[np.bool_] = column.is_valid().take(pa.array(rows)).to_numpy(zero_copy_only=False)
    return has_geography


def _points(columns: Columns, rows: Rows) -> Shapes:
    """Return the points of rows, None for those without coordinates."""
    latitudes, longitudes = columns.places(rows)
    points: Shapes = np.full(len(rows), None, dtype=object)
    taken = columns.stored(columns.entity_type.latitude_name).take(pa.array(rows))
    is_located = taken.is_valid().to_numpy(zero_copy_only=False)
    points[is_located] = shapely.points(longitudes[is_located], latitudes[is_located])
    return points


def _squared_chords(shape: BaseGeometry, rows: Rows, columns: Columns) -> npt.NDArray[np.float64]:
    center = centroid(shape)
    if center is None:  # nothing intersects an empty shape
        return np.empty(0)
    return squared_chords(unit_vectors(*columns.places(rows)), unit_vector(*center))
