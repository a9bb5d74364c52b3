"""The entity type that our own GeoJSON and GeoParquet files carry, read with the distrust that uploads deserve."""

from __future__ import annotations

from geostead.errors import InvalidSchema
from geostead.formats.rows.type_names import TYPES_OF_TEXT, find_type
from geostead.model.entity_type import DELETE_ENTITY, EntityType, Property


def read_declared_type(declared: object) -> EntityType:
    """Read what :meth:`EntityType.to_dict` wrote. Raises InvalidSchema, LimitReached."""
    match declared:
        case {"name": str(name), "key": str(key), "properties": list(properties)}:
            read = [_read_property(declared_property) for declared_property in properties]
            return EntityType.declare(name, [p for p in read if p.name != DELETE_ENTITY], [key])
    raise InvalidSchema(
        'The entity type in "geostead" cannot be read: expected a name, a key and properties, like {"name": "Shops", '
        '"key": "EntityID", "properties": [{"name": "EntityID", "type": "Edm.String"}]}. Without "geostead" the types '
        "follow from the values."
    )


def _read_property(declared: object) -> Property:
    match declared:
        case {"name": str(name), "type": str(type_name)}:
            edm_type = find_type(type_name)
            if edm_type is not None:
                return Property(name, edm_type)
    found = str(declared)[:100]
    raise InvalidSchema(
        f'In "geostead", among the properties: found {found}; expected a name and a type, one of {TYPES_OF_TEXT}.'
    )
