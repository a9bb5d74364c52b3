"""Coordinates out of points, for entity types without a geography."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geostead.geo.wkt import Shapes
from geostead.model.entity_type import EntityType

_POINT = 0


def place_points(entity_type: EntityType, shapes: Shapes, texts: dict[str, pa.StringArray]) -> None:
    """Write the coordinates of points into ``texts``, for all rows that have none of their own there."""
    pairs = ((entity_type.latitude_name, shapely.get_y), (entity_type.longitude_name, shapely.get_x))
    given = [texts.get(name, pa.nulls(len(shapes), pa.string())) for name, _ in pairs]
    is_bare = pc.and_(*map(pc.is_null, given))
    for (name, coordinate_of), own in zip(pairs, given, strict=True):
        numbers = pa.array(coordinate_of(shapes), from_pandas=True).cast(pa.string())
        texts[name] = pc.if_else(is_bare, numbers, own)


def find_no_points(shapes: Shapes) -> npt.NDArray[np.int64]:
    """Return the rows whose geometry is something else."""
    return np.flatnonzero(shapely.get_type_id(shapes) > _POINT)
