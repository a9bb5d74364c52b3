"""Look up the places of rows that have an address, and the addresses of rows that have a place, while they load."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from cachetools import LRUCache

from geostead.formats.base import EntityBatch, RowIssue
from geostead.formats.rows.text_columns import shown
from geostead.formats.rows.value_texts import value_texts
from geostead.geo.position import Position
from geostead.geocoding.base import Geocoder, Place
from geostead.model.entity_type import EntityType
from geostead.model.limits import MAX_STRING_LENGTH
from geostead.model.table_reading import TableReading

_REMEMBERED = 100_000

Report = Callable[[int], None]
"""Takes how many entities of a batch are done; raises when the attempt should end."""


class RowLookUp:
    """Completes batches of entities. Equal addresses are looked up once."""

    def __init__(self, geocoder: Geocoder, entity_type: EntityType, reading: TableReading) -> None:
        self._geocoder = geocoder
        self._entity_type = entity_type
        self._reading = reading
        self._places: LRUCache[str, Place | None] = LRUCache(_REMEMBERED)
        self._names: LRUCache[Position, str] = LRUCache(_REMEMBERED)

    def completed(self, batch: EntityBatch, report: Report) -> EntityBatch:
        """Return the batch with what was found; what was not is noted. Raises Unavailable, and what ``report`` does."""
        addresses = list(self._addresses(batch))
        if self._reading.find_places:
            batch = self._with_places(batch, addresses, report)
        if self._reading.found_address is not None:
            batch = self._with_addresses(batch, addresses, self._reading.found_address, report)
        return batch

    def _addresses(self, batch: EntityBatch) -> Iterator[str]:
        """Return the address of each entity; '' where it has none."""
        types = {p.name: p.type for p in self._entity_type.properties}
        columns = [value_texts(batch.entities.column(name), types[name]).to_pylist() for name in self._reading.address]
        for cells in zip(*columns, strict=True) if columns else [()] * batch.entities.num_rows:
            yield ", ".join(part for part in ((cell or "").strip() for cell in cells) if part)

    def _with_places(self, batch: EntityBatch, addresses: list[str], report: Report) -> EntityBatch:
        names = (self._entity_type.latitude_name, self._entity_type.longitude_name)
        is_open = batch.entities.column(names[0]).is_null().to_numpy(zero_copy_only=False)
        latitudes, longitudes = (batch.entities.column(name).to_numpy(zero_copy_only=False).copy() for name in names)
        open_rows = set(batch.rows[is_open].tolist())
        notes: list[RowIssue] = []
        for place in np.flatnonzero(is_open).tolist():
            found = self._find(addresses[place]) if addresses[place] else None
            if found is not None:
                latitudes[place], longitudes[place] = found.position
            if found is None or not found.is_whole_match:
                notes.append(self._note(batch, place, addresses[place], found))
            report(place)
        entities = batch.entities
        for name, numbers in zip(names, (latitudes, longitudes), strict=True):
            column = pa.array(numbers, from_pandas=True)
            entities = entities.set_column(entities.schema.get_field_index(name), entities.schema.field(name), column)
        # Of a row without a place no reader has anything to say but that; the notes of here say more.
        kept = (issue for issue in batch.issues if issue.is_error or issue.row not in open_rows)
        issues = tuple(sorted((*kept, *notes), key=lambda issue: issue.row))
        return replace(batch, entities=entities, issues=issues)

    def _find(self, address: str) -> Place | None:
        if address not in self._places:
            self._places[address] = self._geocoder.find(address)
        return self._places[address]

    def _note(self, batch: EntityBatch, place: int, address: str, found: Place | None) -> RowIssue:
        expected = "an address that is found; the entity has no place"
        if found is not None:
            expected = f"an address that is found whole; the entity is placed at {shown(found.name)}"
        elif not address:
            expected = "a place, or an address that gives one"
        entity_id = batch.entities.column(self._entity_type.key_name)[place].as_py()
        name = self._reading.address[0] if self._reading.address else ""
        return RowIssue(int(batch.rows[place]), shown(entity_id), name, shown(address), expected, is_error=False)

    def _with_addresses(self, batch: EntityBatch, addresses: list[str], name: str, report: Report) -> EntityBatch:
        latitudes, longitudes = (
            batch.entities.column(found).to_pylist()
            for found in (self._entity_type.latitude_name, self._entity_type.longitude_name)
        )
        texts = []
        for place, (latitude, longitude) in enumerate(zip(latitudes, longitudes, strict=True)):
            is_open = latitude is not None and longitude is not None and not addresses[place]
            texts.append(self._name(Position(latitude, longitude)) if is_open else "")
            report(place)
        at = batch.entities.schema.get_field_index(name)
        column = pc.fill_null(pa.array(texts, pa.string()), "")
        return replace(batch, entities=batch.entities.set_column(at, batch.entities.schema.field(at), column))

    def _name(self, position: Position) -> str:
        if position not in self._names:
            found = self._geocoder.reverse(position)
            self._names[position] = "" if found is None else found.name[:MAX_STRING_LENGTH]
        return self._names[position]
