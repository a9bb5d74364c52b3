"""The columns of a page that a reply shows, ``__IntersectedGeom`` among them where it was selected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from geostead.model.entity import EntityPage
from geostead.model.entity_type import INTERSECTED_GEOM, EdmType, EntityType


def selected_columns(page: EntityPage, names: Sequence[str]) -> pa.RecordBatch:
    """Return the key of each entity and what ``names`` lists, each column once."""
    wanted = tuple(dict.fromkeys((page.entity_type.key_name, *names)))
    if page.intersections is None:
        return page.rows.columns(wanted)
    rows = page.rows.columns(_declared(wanted))
    return rows.append_column(pa.field(INTERSECTED_GEOM, pa.binary()), page.intersections)


def types_of(entity_type: EntityType) -> dict[str, EdmType]:
    """Return the type of everything that a reply may show, by name; what is no property stands last."""
    return {p.name: p.type for p in entity_type.properties} | {INTERSECTED_GEOM: EdmType.GEOGRAPHY}


def _declared(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name != INTERSECTED_GEOM)
