"""Hostile XML data sets."""

from __future__ import annotations

from tests.hostile.packing import MEGABYTE, Files, gzip_bomb, gzips_of, zips_of
from tests.hostile.xml_text import XmlText

_PROPERTIES = (
    ("EntityID", "string"),
    ("Name", "string"),
    ("Size", "long"),
    ("Since", "dateTime"),
    ("Latitude", "double"),
    ("Longitude", "double"),
    ("Area", "anyType"),
)


def _schema(more: str = "", key: str = "EntityID") -> str:
    properties = "".join(f'<xs:element name="{n}" type="xs:{t}" minOccurs="0"/>' for n, t in _PROPERTIES)
    return (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:msdata="urn:schemas-microsoft-com:xml-msdata">'
        '<xs:element name="HutsData" msdata:IsDataSet="true"><xs:complexType><xs:choice maxOccurs="unbounded">'
        f'<xs:element name="Huts"><xs:complexType><xs:sequence>{properties}{more}</xs:sequence></xs:complexType>'
        '</xs:element></xs:choice></xs:complexType><xs:unique name="Key" msdata:PrimaryKey="true">'
        f'<xs:selector xpath=".//Huts"/><xs:field xpath="{key}"/></xs:unique></xs:element></xs:schema>'
    )


def _row(entity_id: str, **cells: object) -> str:
    cells = {"EntityID": entity_id, "Name": "Hut", "Size": 1, "Latitude": 1, "Longitude": 2, **cells}
    return "<Huts>" + "".join(f"<{name}>{value}</{name}>" for name, value in cells.items()) + "</Huts>"


def _file(rows: str, schema: str | None = None) -> bytes:
    opening = '<?xml version="1.0" encoding="UTF-8"?>\n<Root a="1">'
    return (opening + (_schema() if schema is None else schema) + rows + "</Root>").encode()


_ROWS = "".join(_row(f"H{n}", Name=f"Hütte {n}", Size=n, Latitude=n) for n in range(30))
GOOD = _file(_ROWS)
_OPEN = GOOD.removesuffix(b"</Root>")


def groups() -> list[Files]:
    """Return what makes each file."""
    packed = (gzips_of(GOOD), zips_of("huts.xml", GOOD), _bombs())
    return [*XmlText(GOOD, b"H5").groups(), _schemas(), _rows(), *packed]


def _schemas() -> Files:
    many = "".join(f'<xs:element name="P{n}" type="xs:string"/>' for n in range(100_000))
    deep = "<xs:element><xs:complexType>" * 50_000
    return {
        "a schema of 100,000 properties": lambda: _file(_ROWS, _schema(many)),
        "a schema without end": lambda: _file("", _schema(deep)),
        "no schema": lambda: _file(_ROWS, ""),
        "a schema that includes a file": lambda: _file(
            _ROWS, _schema().replace("<xs:element", '<xs:include schemaLocation="file:///etc/passwd"/><xs:element', 1)
        ),
        "two schemas": lambda: _file(_ROWS, _schema() * 2),
        "a schema behind the rows": lambda: _file(_ROWS + _schema(), ""),
        "a schema without key": lambda: _file(_ROWS, _schema(key="")),
        "a key that leads elsewhere": lambda: _file(_ROWS, _schema(key="../../Other/@id")),
        "a property twice": lambda: _file(_ROWS, _schema('<xs:element name="NAME" type="xs:string"/>')),
        "a name of 1 MB": lambda: _file(_ROWS, _schema(f'<xs:element name="{"x" * MEGABYTE}" type="xs:string"/>')),
        "no rows": lambda: _file(""),
    }


def _rows() -> Files:
    return {
        "a number of 10 MB": lambda: _file(_ROWS + _row("a", Size="1" * 10 * MEGABYTE)),
        "a value twice": lambda: _file(_ROWS + _row("a", Name="b</Name><Name>c")),
        "an element in a value": lambda: _file(_ROWS + _row("a", Name="<b>c</b>")),
        "collections 100,000 deep": lambda: _file(_ROWS + _row("a", Area="GEOMETRYCOLLECTION (" * 100_000)),
        "text between rows": lambda: _file(_ROWS + "x" * MEGABYTE + _row("a")),
        "a row of 100,000 values": lambda: _file(_ROWS + _row("a", Name="</Name><Name>" * 100_000)),
        "a date of 10 MB": lambda: _file(_ROWS + _row("a", Since="2020-01-01" + " " * 10 * MEGABYTE)),
        "a geography of 10 MB": lambda: _file(_ROWS + _row("a", Area="POLYGON " + "(" * 10 * MEGABYTE)),
        "a row that is longer than rows may be": lambda: _file(_ROWS + _row("a", Name="x" * 100 * MEGABYTE)),
        "100,000 bad rows": lambda: _file(_ROWS + _row("a", Size="b") * 100_000),
    }


def _bombs() -> Files:
    return {
        "gzip bomb of open elements": lambda: gzip_bomb(b"", b"<a>"),
        "gzip bomb of one comment": lambda: gzip_bomb(_OPEN + b"<!--", b"x"),
        "gzip bomb of one name": lambda: gzip_bomb(_OPEN, b"x"),
        "gzip bomb of blanks": lambda: gzip_bomb(_OPEN, b" "),
        "gzip bomb of one row": lambda: gzip_bomb(_OPEN, _row("a").encode()),
        "gzip bomb of empty rows": lambda: gzip_bomb(_OPEN, b"<Huts/>"),
    }
