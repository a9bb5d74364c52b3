"""Draw a tile of a map: the places of entities, clusters where they are many, and the shapes of geographies."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from geostead.geo.split import split
from geostead.geo.tiles import Tile, on_map
from geostead.geo.wkt import Shapes
from geostead.model.drawn_tile import EXTENT, Clusters, DrawnPlaces, DrawnShapes, DrawnTile
from geostead.model.entity_type import EdmType, EntityType
from geostead.operations.browse_entities import Browsed
from geostead.query.bound import BoundQuery

BUFFER = 64
"""Units around the tile that shapes reach into, so that their outlines are not drawn along its edges."""
MOST_SHAPES = 1_000
"""With more geographies in a tile none is drawn: their places are."""

_TOLERANCE = 4.0
"""Units: half a pixel."""
_FIRST_MULTI = 4
"""Type ids of GEOS: from here on shapes have parts."""
_NAMES = ("name", "displayname", "title", "label")

_Numbers = npt.NDArray[np.float64]


def draw_tile(browsed: Browsed, query: BoundQuery, tile: Tile) -> DrawnTile:
    """Return what is in a tile of the entities that satisfy the filters of a query."""
    places, clusters = _draw_places(browsed, query, tile)
    return DrawnTile(places, clusters, _draw_shapes(browsed, query, tile))


def label_name(entity_type: EntityType) -> str:
    """Return the property that names entities for people: Name, Title or the like, else the first other string."""
    strings = [p.name for p in entity_type.properties if p.type is EdmType.STRING and p.name != entity_type.key_name]
    named = [name for wanted in _NAMES for name in strings if name.lower() == wanted]
    return next(iter([*named, *strings]), entity_type.key_name)


def _draw_places(browsed: Browsed, query: BoundQuery, tile: Tile) -> tuple[DrawnPlaces, Clusters]:
    found = browsed.snapshot.gather(query, tile)
    entity_type = browsed.version.entity_type
    columns = found.singles.columns(list(dict.fromkeys((entity_type.key_name, label_name(entity_type)))))
    ids, labels = columns.column(0).to_pylist(), columns.column(columns.num_columns - 1).to_pylist()
    return DrawnPlaces(ids, labels, found.x, found.y), found.clusters


def _draw_shapes(browsed: Browsed, query: BoundQuery, tile: Tile) -> DrawnShapes:
    entity_type, margin = browsed.version.entity_type, BUFFER / EXTENT
    name = entity_type.geography_name
    rows = None if name is None else browsed.snapshot.shapes(query, tile.rectangles(margin), MOST_SHAPES)
    if name is None or rows is None or not len(rows):
        return DrawnShapes([], np.empty(0, dtype=object))
    columns = rows.columns([entity_type.key_name, name])
    parts, owners = _in_tile(columns.column(1).to_numpy(zero_copy_only=False), tile)
    ids = columns.column(0).to_pylist()
    return DrawnShapes([ids[owner] for owner in owners.tolist()], parts)


def _in_tile(wkb: npt.NDArray[np.object_], tile: Tile) -> tuple[Shapes, npt.NDArray[np.int64]]:
    """Return the parts that lie in the tile and its buffer, no finer than can be seen, and whose each is."""

    def to_units(places: _Numbers) -> _Numbers:
        x, y = on_map(latitudes=places[:, 1], longitudes=places[:, 0], has_end=True)
        return np.column_stack(tile.within(x, y)) * EXTENT

    shapes, owners = _parts(split(shapely.from_wkb(wkb, on_invalid="ignore")), np.arange(len(wkb)))
    coarse = shapely.simplify(shapely.transform(shapes, to_units), _TOLERANCE)
    seen = shapely.clip_by_rect(coarse, -BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    return _parts(shapely.set_precision(_valid(seen), 1.0), owners)


def _parts(shapes: Shapes, owners: npt.NDArray[np.int64]) -> tuple[Shapes, npt.NDArray[np.int64]]:
    """Return the lines and areas that shapes are made of, and whose each is; points are left out."""
    while (shapely.get_type_id(shapes) >= _FIRST_MULTI).any():
        shapes, index = shapely.get_parts(shapes, return_index=True)
        owners = owners[index]
    is_seen = (shapely.get_dimensions(shapes) > 0) & ~shapely.is_empty(shapes)
    return shapes[is_seen], owners[is_seen]


def _valid(shapes: Shapes) -> Shapes:
    is_invalid = ~shapely.is_valid(shapes)
    if is_invalid.any():
        shapes = shapes.copy()
        shapes[is_invalid] = shapely.make_valid(shapes[is_invalid])
    return shapes
