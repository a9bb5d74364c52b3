"""A tile of a map as a Mapbox Vector Tile, version 2.

Layer ``entities``: points; of an entity ``id``, ``key`` and ``label``, of a cluster ``count`` and ``bounds`` ("west,
south,east,north" in degrees). Layer ``shapes``: lines and areas with ``id`` and ``key``.

``key`` is what MapLibre knows an entity by: the id after an equals sign. MapLibre keeps what it knows in plain objects
by key, where the id ``__proto__`` would be another thing altogether, and takes ``01`` and ``1`` for the same number.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import shapely

from geostead.model.drawn_tile import EXTENT, Clusters, DrawnPlaces, DrawnShapes, DrawnTile

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"

_Feature = dict[str, Any]


def encode_tile(tile: DrawnTile) -> bytes:
    """Return the bytes of a tile; none at all for an empty one."""
    import mapbox_vector_tile  # 0.1 s that only who shows a map should pay

    layers = [
        {"name": "entities", "features": [*_places(tile.places), *_clusters(tile.clusters)]},
        {"name": "shapes", "features": list(_shapes(tile.shapes))},
    ]
    options = {"y_coord_down": True, "extents": EXTENT}
    encoded: bytes = mapbox_vector_tile.encode(
        [layer for layer in layers if layer["features"]], default_options=options
    )
    return encoded


def _places(places: DrawnPlaces) -> Iterator[_Feature]:
    points = shapely.points(places.x * EXTENT, places.y * EXTENT)
    for point, entity_id, label in zip(points, places.ids, places.labels, strict=True):
        yield {"geometry": point, "properties": {**_known_by(entity_id), "label": label}}


def _clusters(clusters: Clusters) -> Iterator[_Feature]:
    points = shapely.points(clusters.x * EXTENT, clusters.y * EXTENT)
    for point, count, bounds in zip(points, clusters.counts.tolist(), clusters.bounds.tolist(), strict=True):
        written = ",".join(f"{side:.7f}" for side in bounds)
        yield {"geometry": point, "properties": {"count": count, "bounds": written}}


def _shapes(shapes: DrawnShapes) -> Iterator[_Feature]:
    for shape, entity_id in zip(shapes.shapes, shapes.ids, strict=True):
        yield {"geometry": shape, "properties": _known_by(entity_id)}


def _known_by(entity_id: str) -> dict[str, str]:
    return {"id": entity_id, "key": f"={entity_id}"}
