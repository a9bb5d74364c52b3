"""The two header lines of delimited files (data-formats.md, section 2).

Spreadsheets do things to these lines: they put quotes around cells with commas, take the key's unquoted comma for a
delimiter, and add delimiters until all lines have the same number of cells. All of that is read as it was meant.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from geostead.errors import InvalidSchema
from geostead.formats.rows.type_names import TYPES_OF_TEXT, find_type
from geostead.model.entity_type import Property, declared_property

PRODUCT = "Bing Spatial Data Services"
VERSION = "1.0"

# Each repetition is possessive and stops where the next part begins, so that a long cell is read once.
_PROPERTY = re.compile(r"([^()]*+)\(([^(),|\t]*+)(?:[,|\t]([^()]*+))?\)\Z")
_FILLING = " \t,|"
_SHOWN = 100
_MAX_FIRST_LINE = 10_000
"""Characters; far more than there can be, and fewer than the ``csv`` module refuses."""


@dataclass(frozen=True, slots=True)
class DeclaredColumns:
    """What the second line declares."""

    properties: tuple[Property, ...]
    """One a column, from the first."""
    keys: tuple[str, ...]
    """The properties that are marked as primary key."""
    surplus: int
    """Empty columns after them, which a spreadsheet added."""


def read_first_line(line: str) -> str:
    """Return the name of the entity type. Raises InvalidSchema, showing the line that was expected."""
    line = line.strip(_FILLING)
    if len(line) > _MAX_FIRST_LINE:
        raise InvalidSchema(_expected_first_line(line))
    cells = next(csv.reader([line], skipinitialspace=True), [])
    if len(cells) == 1:  # quoted as a whole, as spreadsheets do where the delimiter is not the comma
        cells = cells[0].strip(_FILLING).split(",")
    cells = [cell.strip() for cell in cells]
    if len(cells) != 3 or cells[0].lower() != PRODUCT.lower() or not cells[2]:
        raise InvalidSchema(_expected_first_line(line))
    if cells[1] != VERSION:
        raise InvalidSchema(f"Line 1 gives the version '{cells[1][:_SHOWN]}'; the only one there is is {VERSION}.")
    return cells[2]


def read_second_line(line: str, delimiter: str) -> DeclaredColumns:
    """Return the declared properties. Raises InvalidSchema, showing the cell that is not a declaration."""
    cells = [_unquoted(cell) for cell in _split(line, delimiter)]
    count = max((i for i, cell in enumerate(cells, 1) if cell), default=0)
    declared = [_read_property(cell, column) for column, cell in enumerate(cells[:count], 1)]
    properties = tuple(found for found, _ in declared)
    return DeclaredColumns(properties, tuple(p.name for p, is_key in declared if is_key), len(cells) - count)


def _expected_first_line(line: str) -> str:
    expected = f"expected the line: {PRODUCT}, {VERSION}, NameOfTheEntityType"
    if "(" in line and ")" in line:
        return f"Line 1 is missing: the file begins with its property line. Before it, {expected}"
    if PRODUCT.lower() in line.lower():
        return f"Line 1 is '{_shown(line)}'; {expected}"
    return (
        f"Line 1 is '{_shown(line)}', which looks like an ordinary header or data; {expected}. After it comes one line "
        "of properties with their types, like EntityID(Edm.String,primaryKey) Name(Edm.String) Latitude(Edm.Double) "
        "Longitude(Edm.Double), and then the data."
    )


def _read_property(cell: str, column: int) -> tuple[Property, bool]:
    found = _PROPERTY.match(cell)
    if found is None:
        raise InvalidSchema(
            f"Line 2, column {column}: found '{_shown(cell)}'; expected a name and a type, like Name(Edm.String), or "
            "EntityID(Edm.String,primaryKey) for the primary key."
        )
    name, type_name = found[1].strip(), found[2].strip()
    edm_type = find_type(type_name)
    if edm_type is None:
        raise InvalidSchema(
            f"Line 2, column {column}: '{_shown(type_name)}' is not a type; "
            f"expected {TYPES_OF_TEXT} for '{_shown(name)}'."
        )
    mark = "".join((found[3] or "").split()).lower()
    if mark not in ("", "primarykey"):
        raise InvalidSchema(
            f"Line 2, column {column}: found '{_shown(cell)}'; after the comma only primaryKey is possible."
        )
    return declared_property(name, edm_type), mark == "primarykey"


def _split(line: str, delimiter: str) -> list[str]:
    """Split at delimiters that are neither inside parentheses nor inside quotes."""
    outside = re.compile(rf'(?:"[^"]*"|\([^()]*\)|[^{re.escape(delimiter)}])*+')
    cells, at = [], 0
    while at <= len(line):
        found = outside.match(line, at)
        assert found is not None
        cells.append(found[0])
        at = found.end() + 1
    return cells


def _unquoted(cell: str) -> str:
    stripped = cell.strip()
    is_quoted = len(stripped) >= 2 and stripped[0] == stripped[-1] == '"'
    return stripped[1:-1].replace('""', '"').strip() if is_quoted else stripped


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
