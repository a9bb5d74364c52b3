"""Excel workbooks made by hand, so that a test can also make what no program would."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = (
    f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)

Cell = str | float | bool | None


def workbook(sheets: Mapping[str, Iterable[Sequence[Cell]]]) -> bytes:
    """Return an ``.xlsx`` with sheets of cells; a text that begins with ``<`` is the XML of a cell's content."""
    return packed({name: sheet_xml(rows) for name, rows in sheets.items()})


def packed(sheets: Mapping[str, str]) -> bytes:
    """Return an ``.xlsx`` of sheets whose XML is given."""
    listed = "".join(f'<sheet name="{escape(n)}" sheetId="{i}" r:id="rId{i}"/>' for i, n in enumerate(sheets, 1))
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{_LINKS}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _RELATIONS)
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>{listed}</sheets></workbook>',
        )
        relations = f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'
        archive.writestr("xl/_rels/workbook.xml.rels", relations)
        for i, xml in enumerate(sheets.values(), 1):
            archive.writestr(f"xl/worksheets/sheet{i}.xml", xml)
    return made.getvalue()


def sheet_xml(rows: Iterable[Sequence[Cell]]) -> str:
    """Return the XML of a sheet."""
    lines = "".join(
        f'<row r="{number}">{"".join(_cell(number, column, cell) for column, cell in enumerate(cells))}</row>'
        for number, cells in enumerate(rows, 1)
    )
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{lines}</sheetData></worksheet>'


def _cell(row: int, column: int, value: Cell) -> str:
    place = f"{chr(ord('A') + column)}{row}"
    match value:
        case None:
            return ""
        case bool():
            return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
        case str() if value.startswith("<"):
            return f'<c r="{place}">{value}</c>'
        case str():
            return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        case _:
            return f'<c r="{place}"><v>{value!r}</v></c>'
