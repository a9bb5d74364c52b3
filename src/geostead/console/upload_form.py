"""What a person decides about a file: read out of the form, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from geostead.console.texts import mark
from geostead.console.visit import Visit, whole_number
from geostead.model.data_source import DATA_SOURCE_NAME
from geostead.model.entity_type import DELETE_ENTITY, ENTITY_TYPE_NAME, PROPERTY_NAME
from geostead.model.job import InputFormat, LoadOperation
from geostead.model.table_reading import (
    DELIMITERS,
    ENCODINGS,
    MAX_HEADER_ROWS,
    ColumnReading,
    DayOrder,
    TableForm,
    TableReading,
    Use,
)
from geostead.operations.start_load import MAX_DESCRIPTION, LoadRequest

Word = TypeVar("Word", bound=StrEnum)

BAD_NAME = mark("1 to 50 letters without accents, digits and underscores, the first no digit")
TAKEN_NAME = mark("A name that no other property has")
TAKEN_COORDINATE = mark("Another column is that already: one column for each coordinate")


@dataclass(frozen=True, slots=True)
class Target:
    """Where the entities go."""

    data_source: str = ""
    is_incremental: bool = False
    is_staging: bool = False
    public: str = ""
    """``1``, ``0``, or '' for as it is."""
    key: str = ""
    """Name of the key that becomes the master key of a new data source; '' for the oldest live one."""
    description: str = ""
    is_strict: bool = False

    @property
    def operation(self) -> LoadOperation:
        """How the load combines with what is there, and where its version goes."""
        return LoadOperation.of(is_incremental=self.is_incremental, is_staging=self.is_staging)

    def request(self, read_as: InputFormat | TableReading) -> LoadRequest:
        """Return what to ask for."""
        return LoadRequest(
            data_source_name=self.data_source,
            operation=self.operation,
            input=read_as,
            set_public=None if self.is_staging or not self.public else self.public == "1",
            description=self.description or None,
            strict=self.is_strict,
        )


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided, and by field what is wrong with it."""

    target: Target
    reading: TableReading | None = None
    """None for a file that says itself how it is read."""
    faults: Mapping[str, str] = field(default_factory=dict)
    is_anew: bool = False
    """Whether the reading is proposed because the table turned out to be another one; nobody has seen it yet."""


def read_target(visit: Visit) -> Decided:
    """Read where the entities go."""
    target = Target(
        data_source=visit.text("data_source").strip(),
        is_incremental=visit.text("mode") == "incremental",
        is_staging=visit.text("when") == "stage",
        public=visit.text("public"),
        key=visit.text("key"),
        description=visit.text("description").strip(),
        is_strict=visit.text("strict") == "1",
    )
    faults: dict[str, str] = {}
    if not DATA_SOURCE_NAME.match(target.data_source):
        faults["data_source"] = mark("1 to 50 letters, digits or hyphens, for example Shops")
    if len(target.description) > MAX_DESCRIPTION:
        faults["description"] = mark("At most 2,560 characters")
    return Decided(target, None, faults)


def read_form(visit: Visit, known: TableForm) -> TableForm:
    """Read how a table is written; what is not possible stays as it is known."""
    typed = whole_number(visit.text("header_rows"), 3)
    header_rows = known.header_rows if typed is None else typed
    encoding, delimiter = visit.text("encoding"), visit.text("delimiter")
    return replace(
        known,
        encoding=encoding if encoding in ENCODINGS else known.encoding,
        delimiter=delimiter if delimiter in DELIMITERS else known.delimiter,
        sheet=visit.text("sheet")[:200],
        header_rows=min(header_rows, MAX_HEADER_ROWS),
    )


def read_reading(visit: Visit, proposed: TableReading) -> Decided:
    """Read all that was decided about a table; of columns that the form has not got, what is proposed stays."""
    decided = read_target(visit)
    columns = [_read_column(visit, place, column) for place, column in enumerate(proposed.columns)]
    key_place = whole_number(visit.text("key_column"), 3)
    if key_place is not None and key_place < len(columns):
        columns[key_place] = replace(columns[key_place], use=Use.STRING)
    else:
        key_place = None
    found_address = visit.text("found_address").strip() if visit.text("find_addresses") == "1" else None
    reading = replace(
        proposed,
        entity_type_name=visit.text("entity_type_name").strip(),
        columns=tuple(columns),
        key=None if key_place is None else columns[key_place].name,
        geometry=(visit.text("geometry_name").strip() or "Geom") if visit.text("geometry") == "shapes" else None,
        decimal_comma=visit.text("decimal_comma") == "1",
        day_order=_word(DayOrder, visit.text("day_order")) or DayOrder.YEAR_FIRST,
        address=tuple(_read_address(visit, columns)),
        find_places=visit.text("find_places") == "1",
        found_address=found_address,
    )
    faults = {**decided.faults, **_faults(reading)}
    return Decided(decided.target, reading, faults)


def _read_column(visit: Visit, place: int, proposed: ColumnReading) -> ColumnReading:
    use = _word(Use, visit.text(f"c{place}-use"))
    if use is None:
        return proposed
    return replace(proposed, name=visit.text(f"c{place}-name").strip(), use=use)


def _read_address(visit: Visit, columns: list[ColumnReading]) -> list[str]:
    return [
        column.name
        for place, column in enumerate(columns)
        if visit.text(f"c{place}-address") == "1"
        and column.use not in (Use.OMIT, Use.LATITUDE, Use.LONGITUDE, Use.GEOGRAPHY)
    ]


def _faults(reading: TableReading) -> dict[str, str]:
    """Say which names are not possible, by field. What else is wrong the entity type says."""
    faults: dict[str, str] = {}
    if not ENTITY_TYPE_NAME.match(reading.entity_type_name):
        faults["entity_type_name"] = mark("1 to 50 letters without accents, digits, hyphens and underscores")
    uses = [column.use for column in reading.columns]
    again = {place for place, use in enumerate(uses) if use in (Use.LATITUDE, Use.LONGITUDE) and use in uses[:place]}
    faults |= {f"c{place}-use": TAKEN_COORDINATE for place in again}
    taken: set[str] = set()
    for place, column in enumerate(reading.columns):
        if column.property is None or place in again:
            continue
        name = column.property.name
        if not PROPERTY_NAME.match(name) and name != DELETE_ENTITY:
            faults[f"c{place}-name"] = BAD_NAME
        elif name.lower() in taken:
            faults[f"c{place}-name"] = TAKEN_NAME
        taken.add(name.lower())
    for place_of, added in (("found_address", reading.found_address), ("geometry_name", reading.geometry)):
        if added is not None and not PROPERTY_NAME.match(added):
            faults[place_of] = BAD_NAME
        elif added is not None and added.lower() in taken:
            faults[place_of] = TAKEN_NAME
    return faults


def _word(words: type[Word], value: str) -> Word | None:
    return next((word for word in words if word.value == value), None)
