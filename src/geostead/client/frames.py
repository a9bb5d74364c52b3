"""Entities as a GeoDataFrame, for who has geopandas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from geostead.client.entities import Entity, Types
from geostead.client.errors import NotInstalled
from geostead.client.geography import Geography
from geostead.client.values import PropertyType

if TYPE_CHECKING:
    import geopandas

_DTYPES = {
    PropertyType.STRING: "string",
    PropertyType.INT64: "Int64",
    PropertyType.DOUBLE: "float64",
    PropertyType.BOOLEAN: "boolean",
    PropertyType.DATETIME: "datetime64[ms, UTC]",
    PropertyType.GEOGRAPHY: "string",
}
"""The types of columns; integers and booleans may be missing in these."""


def to_geodataframe(entities: Sequence[Entity], types: Types) -> geopandas.GeoDataFrame:
    """Return entities as a GeoDataFrame in WGS 84, with entity ids as index. Raises NotInstalled.

    The geography is in the column ``geometry``, or the point for those that have none.
    """
    try:
        import geopandas
        import pandas as pd
    except ImportError as error:
        raise NotInstalled("This needs geopandas: pip install 'geostead[geodataframe]'.") from error
    names = list(entities[0]) if entities else list(types)
    shapes = {entity.geography_name for entity in entities} | {
        name for name, type_ in types.items() if type_ is PropertyType.GEOGRAPHY
    }
    columns = {
        name: pd.Series([entity[name] for entity in entities], dtype=_DTYPES[types[name]] if name in types else None)
        for name in names
        if name not in shapes
    }
    frame = pd.DataFrame(columns).set_axis(pd.Index([entity.id for entity in entities], name="id", dtype="string"))
    return geopandas.GeoDataFrame(frame, geometry=[_shape(entity) for entity in entities], crs="EPSG:4326")


def _shape(entity: Entity) -> Any:
    """Return what is to be drawn of an entity; None if it is nowhere."""
    import shapely

    name = entity.geography_name
    value = None if name is None else entity[name]
    if isinstance(value, Geography):
        return value.shape
    if entity.position is None:
        return None
    latitude, longitude = entity.position
    return shapely.Point(longitude, latitude)
