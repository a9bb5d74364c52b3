"""What a query returns: a page of entities, still as columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import pyarrow as pa

from geostead.model.entity_type import EntityType

Fragment = bytes | memoryview
"""Bytes to be joined; a view where they need not be copied before."""


class PageRows(Protocol):
    """The rows of a page, read from a snapshot only when an encoder asks, and only in the form that it asks for."""

    def __len__(self) -> int:
        """Return the number of rows on this page."""

    def columns(self, names: Sequence[str]) -> pa.RecordBatch:
        """Return these properties (spelled as declared) in this order, rows in page order.

        Types are those of :mod:`geostead.model.columns`.
        """

    def json_fragments(self) -> Sequence[Fragment]:
        """Return for each row the fragment that :func:`geostead.wire.entities_json.render_fragments` made."""


class EntityPage(NamedTuple):
    """Entities in reply order, with what the query asked to know beside them."""

    entity_type: EntityType
    rows: PageRows
    names: tuple[str, ...] | None = None
    """The selected properties in reply order, spelled as declared, ``__IntersectedGeom`` among them if it was selected;
    None for all in schema order."""
    distances_km: Sequence[float] | None = None
    """``__Distance`` of each row, where it was selected and is defined."""
    total_count: int | None = None
    """Matches before paging, where it was asked for."""
    intersections: pa.BinaryArray | None = None
    """``__IntersectedGeom`` of each row as WKB, null where nothing is in common; None where it was not selected."""
