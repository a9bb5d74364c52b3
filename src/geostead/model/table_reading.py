"""How an ordinary table, whose file says nothing about types, is read as entities (data-formats.md, section 9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from geostead.model.entity_type import DELETE_ENTITY, LATITUDE, LONGITUDE, EdmType, EntityType, Property

NUMBERED_KEY = "EntityID"
"""The primary key of a table whose rows are numbered."""
MAX_COLUMNS = 500
"""Columns of a table, those included that are left out."""
MAX_HEADER_ROWS = 100

ENCODINGS = (
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp1257",
    "iso8859-15",
    "mac-roman",
    "cp437",
    "shift_jis",
    "gb18030",
    "big5",
    "euc-kr",
)
"""The encodings that a table of text may have, by Python's names."""
DELIMITERS = (",", ";", "\t", "|")


class TableFormat(StrEnum):
    """What kind of file a table is in."""

    TEXT = "text"
    WORKBOOK = "workbook"
    GEOJSON = "geojson"


class Use(StrEnum):
    """What becomes of a column."""

    OMIT = "omit"
    STRING = "string"
    INT64 = "int64"
    DOUBLE = "double"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    LATITUDE = "latitude"
    LONGITUDE = "longitude"
    GEOGRAPHY = "geography"
    """Well-known text."""

    @property
    def type(self) -> EdmType:
        """The type of the property; of one that is left out a string."""
        return _TYPES.get(self, EdmType.STRING)


_TYPES = {
    Use.INT64: EdmType.INT64,
    Use.DOUBLE: EdmType.DOUBLE,
    Use.BOOLEAN: EdmType.BOOLEAN,
    Use.DATETIME: EdmType.DATETIME,
    Use.LATITUDE: EdmType.DOUBLE,
    Use.LONGITUDE: EdmType.DOUBLE,
    Use.GEOGRAPHY: EdmType.GEOGRAPHY,
}
_COORDINATES = {Use.LATITUDE: LATITUDE, Use.LONGITUDE: LONGITUDE}


class DayOrder(StrEnum):
    """How days are written, besides ``2026-11-22``, which is always understood."""

    YEAR_FIRST = "year"
    """2026-11-22 only."""
    DAY_FIRST = "day"
    """22.11.2026, 22/11/2026 or 22-11-2026."""
    MONTH_FIRST = "month"
    """11/22/2026, 11.22.2026 or 11-22-2026."""


class Decimals(StrEnum):
    """How numbers are written, besides ``1234.5``, which is always understood."""

    POINT = "point"
    """1234.5 only."""
    COMMA = "comma"
    """1234,5 and 1.234,5."""
    COMMA_AND_DOTS = "comma and dots"
    """These, and 1.234 is a thousand and more."""


@dataclass(frozen=True, slots=True)
class TableForm:
    """Where in a file a table is, and how it is written."""

    format: TableFormat
    encoding: str = "utf-8"
    """Of text: one of :data:`ENCODINGS`."""
    delimiter: str = ","
    """Of text: one of :data:`DELIMITERS`."""
    sheet: str = ""
    """Of a workbook."""
    header_rows: int = 1
    """Rows above the first entity, blank ones not counted; the last of them names the columns. 0: nothing does."""

    def decimals(self, use: Use, *, has_comma: bool) -> Decimals:
        """Return how the numbers of a column are written in a table that has decimal commas, or has not.

        Dots are for thousands only in text, where they are written by those who write the commas; workbooks and GeoJSON
        have numbers of their own. No coordinate is a thousand.
        """
        if not has_comma:
            return Decimals.POINT
        has_dots = self.format is TableFormat.TEXT and use not in _COORDINATES
        return Decimals.COMMA_AND_DOTS if has_dots else Decimals.COMMA

    @staticmethod
    def from_dict(data: dict[str, Any]) -> TableForm:
        """Read what :func:`dataclasses.asdict` made of one. Raises ValueError, TypeError, KeyError."""
        return TableForm(**(data | {"format": TableFormat(data["format"])}))


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """What becomes of one column."""

    source: str
    """Its name in the file, made unique."""
    name: str
    """Of the property; for a coordinate it does not matter."""
    use: Use

    @property
    def property(self) -> Property | None:
        """The property that holds the values; None where the column is left out."""
        if self.use is Use.OMIT:
            return None
        return Property(_COORDINATES.get(self.use, self.name), self.use.type)


@dataclass(frozen=True, slots=True)
class TableReading:
    """How each row of a table becomes an entity."""

    form: TableForm
    entity_type_name: str
    columns: tuple[ColumnReading, ...]
    """All columns, in the order of the file."""
    key: str | None
    """The property that is the primary key, a string; None: rows are numbered from 1 in :data:`NUMBERED_KEY`."""
    geometry: str | None = None
    """Of GeoJSON: the property that holds the geometries. None: they are points, and the coordinates."""
    decimal_comma: bool = False
    """Whether numbers may be written like 1.234,5 as well; see :meth:`TableForm.decimals`."""
    day_order: DayOrder = DayOrder.YEAR_FIRST
    address: tuple[str, ...] = ()
    """The properties that make up the address of an entity, in the order in which it is written."""
    find_places: bool = False
    """Whether the address gives the coordinates of entities that have none."""
    found_address: str | None = None
    """The property for the address that is looked up of entities with coordinates and without an address; None: no
    address is looked up."""

    @property
    def looks_up(self) -> bool:
        """Whether a geocoder is asked."""
        return self.find_places or self.found_address is not None

    def entity_type(self) -> EntityType:
        """Return the entity type. Raises InvalidSchema, LimitReached."""
        properties = [p for p in self._properties() if p.name != DELETE_ENTITY]
        if self._has_coordinates_of_its_own(properties):
            declared = {p.name for p in properties}
            properties += [Property(n, EdmType.DOUBLE) for n in (LATITUDE, LONGITUDE) if n not in declared]
        return EntityType.declare(self.entity_type_name, properties, [self.key or NUMBERED_KEY])

    def _properties(self) -> Iterator[Property]:
        if self.key is None:
            yield Property(NUMBERED_KEY, EdmType.STRING)
        for column in self.columns:
            if column.property is not None:
                yield column.property
        if self.geometry is not None:
            yield Property(self.geometry, EdmType.GEOGRAPHY)
        if self.found_address is not None:
            yield Property(self.found_address, EdmType.STRING)

    def _has_coordinates_of_its_own(self, properties: list[Property]) -> bool:
        """Tell whether coordinates come from elsewhere than from columns."""
        has_geography = any(p.type is EdmType.GEOGRAPHY for p in properties)
        is_points = self.form.format is TableFormat.GEOJSON and self.geometry is None
        return not has_geography and (is_points or self.find_places)

    def to_dict(self) -> dict[str, Any]:
        """Return the reading as plain data, for the catalog."""
        return asdict(self)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> TableReading:
        """Read what :meth:`to_dict` wrote."""
        spelled = {
            "form": TableForm.from_dict(data["form"]),
            "columns": tuple(ColumnReading(**(column | {"use": Use(column["use"])})) for column in data["columns"]),
            "day_order": DayOrder(data["day_order"]),
            "address": tuple(data["address"]),
        }
        return TableReading(**(data | spelled))
