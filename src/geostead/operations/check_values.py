"""Hold the values of one entity, as they were typed, against the rules of an upload (data-formats.md, section 1)."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from geostead.formats.base import EntityBatch
from geostead.formats.rows.entity_batches import RawRows, make_batch
from geostead.formats.rows.value_texts import shown_texts
from geostead.model.entity_type import EntityType

Texts = Mapping[str, str]
"""By property, '' for none."""


def check_values(entity_type: EntityType, typed: Texts, max_points: int) -> tuple[Texts, Texts]:
    """Return the values as a download would have them, and what was expected where they are wrong, by property.

    ``typed`` has any of the properties. Coordinates that a geography gives are filled in. Where anything is wrong the
    values are as they were typed. ``max_points``: points of a geography at most.
    """
    texts = {name: typed.get(name, "") for name in entity_type.names}
    faults: dict[str, str] = {}
    left = dict(texts)
    while True:
        batch = _read(entity_type, left, max_points)
        fault = next((issue for issue in batch.issues if issue.is_error and issue.property not in faults), None)
        if fault is None:
            break
        faults[fault.property] = fault.expected
        if fault.property == entity_type.key_name:
            break  # nothing can be told without an id; what else is wrong is found once there is one
        left[fault.property] = ""
    if faults:
        return texts, faults
    return text_rows(entity_type, batch.entities)[0], {}


def text_rows(entity_type: EntityType, entities: pa.RecordBatch) -> list[dict[str, str]]:
    """Return the values of entities as texts, those that a download would have."""
    columns = [shown_texts(entities.column(declared.name), declared.type) for declared in entity_type.properties]
    return [dict(zip(entity_type.names, row, strict=True)) for row in zip(*columns, strict=True)]


def _read(entity_type: EntityType, texts: Texts, max_points: int) -> EntityBatch:
    columns = {name: pa.array([text or None], pa.string()) for name, text in texts.items()}
    return make_batch(entity_type, RawRows(0, columns, {}), max_points)
