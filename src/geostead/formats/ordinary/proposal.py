"""Proposes how an ordinary table is read, from a sample of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

import pyarrow as pa
import pyarrow.compute as pc

from geostead.errors import UnreadableUpload
from geostead.formats.archive import open_data_file
from geostead.formats.base import OpenUpload
from geostead.formats.gis.legal_names import LegalNames, make_legal
from geostead.formats.ordinary.column_meaning import Meaning, is_part_of_address, meaning_of, to_ascii
from geostead.formats.ordinary.feature_table import FEATURE_ID, FeatureTable
from geostead.formats.ordinary.plain_values import plain_texts
from geostead.formats.ordinary.table import Table, TableBlock
from geostead.formats.ordinary.text_form import find_delimiter, find_encoding, find_header_rows
from geostead.formats.ordinary.text_table import TextTable, open_recoded
from geostead.formats.ordinary.value_kinds import find_day_order, find_use, has_decimal_comma, words_of
from geostead.formats.ordinary.workbook import Workbook
from geostead.formats.rows.text_columns import shown
from geostead.formats.rows.values import read_column
from geostead.model.entity_type import DELETE_ENTITY, LATITUDE, LONGITUDE, EdmType
from geostead.model.limits import MAX_ENTITY_ID_LENGTH, MAX_STRING_LENGTH, Limits
from geostead.model.table_reading import (
    MAX_HEADER_ROWS,
    NUMBERED_KEY,
    ColumnReading,
    DayOrder,
    Decimals,
    TableForm,
    TableFormat,
    TableReading,
    Use,
)

SAMPLE_ROWS = 5_000
_SAMPLE_BYTES = 2**20
_CONTROLS = "".join(chr(code) for code in range(32) if chr(code) not in "\t\n\r")
_FEW, _RARE = 100, 50
"""Control characters stand in texts less often than once among so many."""
_GEOMETRY_NAME = "Geom"
_ELEVATION = "elevation"
_MOST = 0.8
"""Of the values of a coordinate: the rest may be bad rows."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows of a table."""

    form: TableForm
    names: tuple[str, ...]
    rows: TableBlock
    is_whole: bool
    """Whether these are all rows."""
    sheets: tuple[str, ...] = ()
    """The sheets of a workbook."""

    def first_rows(self, count: int) -> list[tuple[str, ...]]:
        """Return the cells of the first rows as they stand in the file, shortened."""
        columns = (column[:count].to_pylist() for column in self.rows.columns)
        return [tuple(map(shown, cells)) for cells in zip(*columns, strict=True)]


def _find_form_of_text(open_upload: OpenUpload, limits: Limits) -> TableForm:
    with open_data_file(open_upload, limits.upload_bytes, is_text=False) as data:
        head = data.read(_SAMPLE_BYTES)
        is_whole = not data.read(1)
    encoding = find_encoding(head, is_whole=is_whole)
    with open_recoded(open_upload, limits.upload_bytes, encoding) as read:
        text = read(_SAMPLE_BYTES).decode(errors="replace")
    controls = sum(map(text.count, _CONTROLS))
    if controls > max(_FEW, len(text) // _RARE):
        raise UnreadableUpload("The file is neither text nor of another format that can be loaded.")
    form = TableForm(TableFormat.TEXT, encoding, find_delimiter(text), header_rows=0)
    rows = TextTable(open_upload, limits, form, block_bytes=_SAMPLE_BYTES).first_rows(50)
    return replace(form, header_rows=find_header_rows(rows))


def take_sample(open_upload: OpenUpload, limits: Limits, wanted: TableFormat | TableForm) -> Sample:
    """Read the first rows; of a mere format find out how it is written.

    Raises UnreadableUpload for a table without rows and what is none, LimitReached.
    """
    table: Table
    sheets: tuple[str, ...] = ()
    match wanted:
        case TableFormat.GEOJSON | TableForm(format=TableFormat.GEOJSON):
            table, form = FeatureTable(open_upload, limits), TableForm(TableFormat.GEOJSON, header_rows=0)
        case TableFormat.WORKBOOK | TableForm(format=TableFormat.WORKBOOK):
            table = book = _open_workbook(open_upload, limits, wanted)
            form, sheets = book.form, book.sheets
        case _:
            form = wanted if isinstance(wanted, TableForm) else _find_form_of_text(open_upload, limits)
            table = TextTable(open_upload, limits, form, block_bytes=_SAMPLE_BYTES)
    blocks = table.blocks()
    first = next(blocks, None)
    if first is None:
        raise UnreadableUpload("The table has no rows.")
    is_whole = first.row_count <= SAMPLE_ROWS and next(blocks, None) is None
    return Sample(form, table.names, first.cut(0, min(first.row_count, SAMPLE_ROWS)), is_whole, sheets)


def _open_workbook(open_upload: OpenUpload, limits: Limits, wanted: TableFormat | TableForm) -> Workbook:
    max_rows = SAMPLE_ROWS + MAX_HEADER_ROWS + 1
    if isinstance(wanted, TableFormat):
        return Workbook(open_upload, limits, max_rows=max_rows)
    return Workbook(open_upload, limits, sheet=wanted.sheet, header_rows=wanted.header_rows, max_rows=max_rows)


def propose(sample: Sample, file_name: str, *, can_look_up: bool) -> TableReading:
    """Propose how the table is read; ``can_look_up``: whether there is a geocoder."""
    words = [words_of(column) for column in sample.rows.columns]
    decimal_comma, day_order = has_decimal_comma(words), find_day_order(words)
    decimals = sample.form.decimals(Use.DOUBLE, has_comma=decimal_comma)
    uses = [
        find_use(texts, known, decimals=decimals, day_order=day_order)
        for texts, known in zip(sample.rows.columns, words, strict=True)
    ]
    uses = list(_with_meaning(sample, uses, decimal_comma=decimal_comma))
    columns = tuple(_named(sample.names, uses))
    key = _find_key(sample, columns)
    if key is not None:
        columns = tuple(replace(column, use=Use.STRING) if column.name == key else column for column in columns)
    geometry = _find_geometry(sample, columns)
    return _with_address(
        TableReading(
            form=sample.form,
            entity_type_name=make_legal(to_ascii(PurePath(file_name).name.split(".")[0])) or "Places",
            columns=columns,
            key=key,
            geometry=geometry,
            decimal_comma=decimal_comma,
            day_order=day_order if any(column.use is Use.DATETIME for column in columns) else DayOrder.YEAR_FIRST,
        ),
        can_look_up=can_look_up,
    )


def _with_meaning(sample: Sample, uses: Sequence[Use], *, decimal_comma: bool) -> Iterator[Use]:
    """Say which columns are coordinates, and which only look like numbers."""
    has_shapes = sample.rows.shapes is not None
    latitude = None if has_shapes else _find_coordinate(sample, Meaning.LATITUDE, 90, decimal_comma)
    longitude = None if has_shapes else _find_coordinate(sample, Meaning.LONGITUDE, 180, decimal_comma)
    geography = None
    for place, (name, use) in enumerate(zip(sample.names, uses, strict=True)):
        if None not in (latitude, longitude) and place in (latitude, longitude):
            yield Use.LATITUDE if place == latitude else Use.LONGITUDE
        elif use is Use.GEOGRAPHY:
            is_first, geography = geography is None and not has_shapes, place
            yield Use.GEOGRAPHY if is_first else Use.STRING
        elif use is Use.INT64 and meaning_of(name) is Meaning.CODE:
            yield Use.STRING
        elif (name.startswith("Column ") or name == FEATURE_ID) and not sample.rows.columns[place].drop_null():
            yield Use.OMIT
        else:
            yield _storable(use, sample.rows.columns[place])


def _storable(use: Use, texts: pa.StringArray) -> Use:
    """Leave out what is too long for a string."""
    if use is Use.STRING and (pc.max(pc.utf8_length(texts)).as_py() or 0) > MAX_STRING_LENGTH:
        return Use.OMIT
    return use


def _find_coordinate(sample: Sample, meaning: Meaning, limit: int, decimal_comma: bool) -> int | None:
    """Return the column of that name with numbers in range, but for a few; a longer name is more certain."""
    decimals = sample.form.decimals(Use.LATITUDE, has_comma=decimal_comma)
    found = [
        place
        for place, name in enumerate(sample.names)
        if meaning_of(name) is meaning and _are_mostly_within(sample.rows.columns[place], limit, decimals)
    ]
    return max(found, key=lambda place: len(sample.names[place]) > 1, default=None)


def _are_mostly_within(texts: pa.StringArray, limit: int, decimals: Decimals) -> bool:
    plain = plain_texts(texts, EdmType.DOUBLE, decimals=decimals, day_order=DayOrder.YEAR_FIRST)
    numbers = read_column(plain, EdmType.DOUBLE).values
    good = pc.sum(pc.less_equal(pc.abs(numbers), limit)).as_py() or 0
    return good > 0 and good >= _MOST * (len(texts) - texts.null_count)


def _named(names: Sequence[str], uses: Sequence[Use]) -> Iterator[ColumnReading]:
    """Name the properties: legal, each different from all others, and none like a coordinate that it is not."""
    legal = LegalNames((LATITUDE, LONGITUDE, _GEOMETRY_NAME if Use.GEOGRAPHY not in uses else ""))
    for name, use in zip(names, uses, strict=True):
        if name.lower() == DELETE_ENTITY.lower():
            yield ColumnReading(name, DELETE_ENTITY, Use.STRING)
        elif use in (Use.LATITUDE, Use.LONGITUDE):
            yield ColumnReading(name, LATITUDE if use is Use.LATITUDE else LONGITUDE, use)
        elif name.lower() == _ELEVATION and use not in (Use.INT64, Use.DOUBLE):
            legal.add(_ELEVATION)
            yield ColumnReading(name, legal.add(name), use)
        else:
            made = legal.add(to_ascii(name).strip())
            is_height = made.lower() == _ELEVATION and use is Use.INT64
            yield ColumnReading(name, made, Use.DOUBLE if is_height else use)


def _find_key(sample: Sample, columns: Sequence[ColumnReading]) -> str | None:
    """Return the property that identifies: called so, there in every row, different in each, and short enough."""
    found = [
        column.name
        for column, texts in zip(columns, sample.rows.columns, strict=True)
        if meaning_of(column.source) is Meaning.KEY or column.source == FEATURE_ID
        if column.use in (Use.STRING, Use.INT64) and _identifies(texts)
    ]
    is_taken = {column.name.lower() for column in columns if column.use is not Use.OMIT}
    if not found and NUMBERED_KEY.lower() in is_taken:
        return next((c.name for c in columns if c.name.lower() == NUMBERED_KEY.lower()), None)
    return found[0] if found else None


def _identifies(texts: pa.StringArray) -> bool:
    is_there = texts.null_count == 0 and pc.min(pc.utf8_length(pc.utf8_trim_whitespace(texts))).as_py() > 0
    is_short = is_there and pc.max(pc.utf8_length(texts)).as_py() <= MAX_ENTITY_ID_LENGTH
    return bool(is_short and len(texts.unique()) == len(texts))


def _find_geometry(sample: Sample, columns: Sequence[ColumnReading]) -> str | None:
    """Return the name of the property for geometries beside the columns; None where they are all points."""
    shapes = sample.rows.shapes
    if shapes is None or not any(shape is not None and shape.geom_type != "Point" for shape in shapes):
        return None
    return LegalNames(column.name for column in columns).add(_GEOMETRY_NAME)


def _with_address(reading: TableReading, *, can_look_up: bool) -> TableReading:
    """Say which columns make up the address; look up the places if there are no others."""
    address = tuple(
        column.name
        for column in reading.columns
        if column.use not in (Use.OMIT, Use.LATITUDE, Use.LONGITUDE, Use.GEOGRAPHY)
        and is_part_of_address(column.source)
    )
    has_place = reading.form.format is TableFormat.GEOJSON or any(
        column.use in (Use.LATITUDE, Use.GEOGRAPHY) for column in reading.columns
    )
    return replace(reading, address=address, find_places=bool(address) and not has_place and can_look_up)
