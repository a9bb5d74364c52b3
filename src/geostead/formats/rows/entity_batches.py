"""Rows of text to checked entities: every reader ends here (data-formats.md, section 1).

The rules about one row as a whole are here: what its location is, and which one of its faults is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geostead.formats.base import Deletion, EntityBatch, RowIssue
from geostead.formats.rows.geographies import Geographies, check_geographies, read_geographies
from geostead.formats.rows.text_columns import find_longer, rows_where, shown
from geostead.formats.rows.values import Offence, ValueColumn, read_column, read_strings
from geostead.geo.wkt import Shapes, describe_shape
from geostead.model.columns import arrow_schema
from geostead.model.entity_type import DELETE_ENTITY, EdmType, EntityType, Property
from geostead.model.limits import MAX_ENTITY_ID_LENGTH

_ID_EXPECTED = f"an entity id of 1 to {MAX_ENTITY_ID_LENGTH} characters"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one row, or worth a note."""

    property: str
    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class RawRows:
    """Consecutive rows of an upload, as text."""

    first_row: int
    """Position of the first one among the rows of the upload."""
    texts: Mapping[str, pa.StringArray]
    """By declared property; null where a cell is empty. Columns of equal length, one value for every row."""
    faults: Mapping[int, Fault]
    """Rows (counted from ``first_row``) that are bad before their values are looked at."""
    notes: Mapping[int, Fault] = field(default_factory=dict)
    """Rows that are kept with a remark."""
    shapes: Shapes | None = None
    """Two-dimensional geographies, None where there is none, if the format does not have them as text."""


class _Findings:
    """What was found while columns were read; the first fault of a row stays.

    Of a row that asks for a deletion only the key matters, and whether it could be told apart from other cells at all.
    """

    def __init__(self, raw: RawRows, key_name: str) -> None:
        self.texts = raw.texts
        self._shapes = raw.shapes
        self.faults: dict[int, Fault] = {}
        self.notes: dict[int, Fault] = {}
        self._key_name = key_name
        self._deleted: frozenset[int] = frozenset()
        if DELETE_ENTITY in raw.texts:
            marks = read_column(raw.texts[DELETE_ENTITY], EdmType.BOOLEAN)
            self.add(DELETE_ENTITY, marks.offences)
            self._deleted = frozenset(rows_where(marks.values).tolist())
        self.faults |= {row: fault for row, fault in raw.faults.items() if self._matters(row, fault.property)}
        self.notes |= {row: note for row, note in raw.notes.items() if row not in self._deleted}

    def add(self, name: str, offences: Iterable[Offence]) -> None:
        for offence in offences:
            for row in offence.rows.tolist():
                if self._matters(row, name):
                    self.faults.setdefault(row, self._fault(name, row, offence.expected))

    def note(self, name: str, rows: npt.NDArray[np.int64], expected: str) -> None:
        for row in rows.tolist():
            if row not in self._deleted:
                self.notes.setdefault(row, self._fault(name, row, expected))

    @property
    def deleted(self) -> list[int]:
        """The rows that ask for a deletion and have a good key."""
        return sorted(self._deleted - self.faults.keys())

    def _matters(self, row: int, name: str) -> bool:
        return row not in self._deleted or name in ("", self._key_name)

    def _fault(self, name: str, row: int, expected: str) -> Fault:
        return Fault(name, shown(self._text(name, row)), expected)

    def _text(self, name: str, row: int) -> str | None:
        if name in self.texts:
            return self.texts[name][row].as_py()  # type: ignore[no-any-return]
        return describe_shape(self._shapes[row]) if name and self._shapes is not None else None


def make_batch(entity_type: EntityType, raw: RawRows, max_points: int) -> EntityBatch:
    """Check rows and type their values. ``max_points``: points of one geography at most."""
    ids = raw.texts[entity_type.key_name]
    findings = _Findings(raw, entity_type.key_name)
    columns = _read_columns(entity_type, raw, findings, max_points)
    deletions = tuple(Deletion(raw.first_row + row, ids[row].as_py()) for row in findings.deleted)
    is_kept = np.ones(len(ids), dtype=bool)
    is_kept[[*findings.faults, *findings.deleted]] = False
    entities = pa.RecordBatch.from_arrays(
        [columns[name] for name in entity_type.names], schema=arrow_schema(entity_type)
    )
    if not is_kept.all():
        entities = entities.filter(pa.array(is_kept))
    rows = raw.first_row + np.flatnonzero(is_kept)
    return EntityBatch(entities, rows, len(ids), tuple(_issues(entity_type, raw, findings)), deletions)


def _read_columns(entity_type: EntityType, raw: RawRows, findings: _Findings, max_points: int) -> dict[str, pa.Array]:
    columns: dict[str, pa.Array] = {}
    geographies: Geographies | None = None
    for declared in entity_type.properties:
        name, texts = declared.name, raw.texts.get(declared.name)
        if declared.type is EdmType.GEOGRAPHY:
            geographies = _read_geographies(raw, name, max_points)
            columns[name] = geographies.wkb
            findings.add(name, geographies.offences)
            findings.note(name, geographies.repaired, "a valid polygon; it was repaired")
        elif texts is None:  # Latitude or Longitude, which a geography will give
            columns[name] = pa.nulls(len(raw.texts[entity_type.key_name]), pa.float64())
        else:
            column = _read_property(entity_type, declared, texts)
            columns[name] = column.values
            findings.add(name, column.offences)
    _locate(entity_type, columns, geographies, findings)
    return columns


def _read_geographies(raw: RawRows, name: str, max_points: int) -> Geographies:
    if raw.shapes is None:
        return read_geographies(raw.texts[name], max_points)
    return check_geographies(raw.shapes.copy(), max_points)


def _read_property(entity_type: EntityType, declared: Property, texts: pa.StringArray) -> ValueColumn:
    if declared.name == entity_type.key_name:
        return _read_ids(texts)
    column = read_column(texts, declared.type)
    if declared.name == entity_type.latitude_name:
        return _check_range(column, 90)
    if declared.name == entity_type.longitude_name:
        return _check_range(column, 180)
    return column


def _read_ids(texts: pa.StringArray) -> ValueColumn:
    column = read_strings(texts)
    blank = rows_where(pc.equal(pc.utf8_trim_whitespace(column.values), ""))
    too_long = find_longer(texts, MAX_ENTITY_ID_LENGTH)
    offences = (Offence(blank, _ID_EXPECTED), Offence(too_long, _ID_EXPECTED), *column.offences)
    return ValueColumn(column.values, offences)


def _check_range(column: ValueColumn, limit: int) -> ValueColumn:
    outside = Offence(rows_where(pc.greater(pc.abs(column.values), float(limit))), f"a number from -{limit} to {limit}")
    return ValueColumn(column.values, (*column.offences, outside))


def _locate(
    entity_type: EntityType, columns: dict[str, pa.Array], geographies: Geographies | None, findings: _Findings
) -> None:
    """Compute missing coordinates; find rows with only one coordinate, and rows with none."""
    latitude, longitude = entity_type.latitude_name, entity_type.longitude_name
    no_latitude, no_longitude = pc.is_null(columns[latitude]), pc.is_null(columns[longitude])
    findings.add(
        latitude, [Offence(rows_where(pc.and_not(no_latitude, no_longitude)), f"a value, as {longitude} has one")]
    )
    findings.add(
        longitude, [Offence(rows_where(pc.and_not(no_longitude, no_latitude)), f"a value, as {latitude} has one")]
    )
    neither = pc.and_(no_latitude, no_longitude)
    if geographies is not None and pc.any(neither).as_py():
        columns[latitude] = _filled(columns[latitude], neither, geographies.latitudes)
        columns[longitude] = _filled(columns[longitude], neither, geographies.longitudes)
        neither = pc.is_null(columns[latitude])
    expected = f"a location: {latitude} and {longitude}" + (
        f", or {entity_type.geography_name}" if geographies is not None else ""
    )
    findings.note("", rows_where(neither), expected)


def _filled(values: pa.Array, where: pa.BooleanArray, numbers: npt.NDArray[np.float64]) -> pa.Array:
    return pc.if_else(where, pa.array(numbers, from_pandas=True), values)


def _issues(entity_type: EntityType, raw: RawRows, findings: _Findings) -> Iterator[RowIssue]:
    """Return one error for every bad row, and the notes about the others, in row order."""
    ids = raw.texts[entity_type.key_name]
    for row in sorted(findings.faults.keys() | findings.notes.keys()):
        fault = findings.faults.get(row) or findings.notes[row]
        yield RowIssue(
            raw.first_row + row,
            shown(ids[row].as_py()),
            fault.property,
            fault.found,
            fault.expected,
            is_error=row in findings.faults,
        )
