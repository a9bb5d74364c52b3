"""Entities for tests: from plain dicts to the columns that readers produce and snapshots keep."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from geostead.formats.base import EntityBatch
from geostead.model.columns import arrow_schema
from geostead.model.entity_type import EdmType, EntityType

Entity = Mapping[str, object]


def columns_of(entity_type: EntityType, entities: Sequence[Entity]) -> pa.RecordBatch:
    """Return entities as columns; what an entity does not have is missing."""
    arrays = []
    for field, declared in zip(arrow_schema(entity_type), entity_type.properties, strict=True):
        missing = "" if declared.type is EdmType.STRING else None
        values = [entity.get(field.name) for entity in entities]
        arrays.append(pa.array([missing if value is None else value for value in values], field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=arrow_schema(entity_type))


def batch_of(entity_type: EntityType, entities: Sequence[Entity], *, first_row: int = 0) -> EntityBatch:
    """Return entities as a batch of a reader."""
    rows = np.arange(first_row, first_row + len(entities))
    return EntityBatch(columns_of(entity_type, entities), rows, len(entities), ())
