"""Reads ``xml``, a data set with inline schema (data-formats.md, section 3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

from geostead.errors import InvalidSchema
from geostead.formats.archive import open_data_file
from geostead.formats.base import EntityBatch, OpenUpload
from geostead.formats.entity_batches import Fault, RawRows, make_batch
from geostead.formats.text_columns import shown
from geostead.formats.xml_schema import DeclaredElements, SchemaElement, is_schema, read_schema
from geostead.formats.xml_stream import MAX_DEPTH, feed, local_name, make_parser, refuse_depth
from geostead.model.entity_type import DELETE_ENTITY, EntityType
from geostead.model.limits import MAX_PROPERTIES, Limits

BATCH_ROWS = 20_000
BATCH_BYTES = 2**23
_MAX_CELL_LENGTH = 2**24
_KEPT_OF_LONG_CELL = 4096
_MAX_SCHEMA_ELEMENTS = 20 * MAX_PROPERTIES

_ROW_DEPTH, _CELL_DEPTH = 2, 3


class XmlReader:
    """One upload of XML."""

    def __init__(self, open_upload: OpenUpload, limits: Limits) -> None:
        """Read the schema. Raises LoadError where there is none or it is not what it should be."""
        self._open_upload = open_upload
        self._limits = limits
        self._declared = self._read_schema()
        properties = [p for p in self._declared.properties if p.name != DELETE_ENTITY]
        self.entity_type = EntityType.declare(self._declared.entity_name, properties, self._declared.keys)

    def batches(self) -> Iterator[EntityBatch]:
        """Read the rows once, from first to last, some ten thousand at a time."""
        rows = _Rows(self._declared)
        parser = make_parser()
        parser.StartElementHandler = rows.start
        parser.EndElementHandler = rows.end
        parser.CharacterDataHandler = rows.text.append
        size = 0
        with open_data_file(self._open_upload, self._limits.upload_bytes) as data:
            for piece_size in feed(parser, data):
                rows.cut_long_text()
                size += piece_size
                if len(rows.cells) >= BATCH_ROWS or size >= BATCH_BYTES:
                    size = 0
                    yield from self._take(rows)
        yield from self._take(rows)

    def locate(self, rows: Iterable[int]) -> dict[int, str]:
        """Say which elements rows are: "element 15" is the 15th after the schema."""
        return {row: f"element {row + 1}" for row in rows}

    def _take(self, rows: _Rows) -> Iterator[EntityBatch]:
        if rows.cells:
            yield make_batch(self.entity_type, rows.take(), self._limits.points_per_shape)

    def _read_schema(self) -> DeclaredElements:
        tree = _SchemaTree()
        parser = make_parser()
        parser.StartElementHandler = tree.start
        parser.EndElementHandler = tree.end
        with open_data_file(self._open_upload, self._limits.upload_bytes) as data:
            for _ in feed(parser, data):
                if tree.is_complete:
                    break
        if tree.root is None:
            raise InvalidSchema(_expected_schema("nothing"))
        return read_schema(tree.root)


class _SchemaTree:
    """Builds the tree of the first child of the root, which must be ``xs:schema``."""

    def __init__(self) -> None:
        self.root: SchemaElement | None = None
        self.is_complete = False
        self._depth = 0
        self._count = 0
        self._path: list[SchemaElement] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self.is_complete or self._depth < _ROW_DEPTH:
            return
        if self._depth == _ROW_DEPTH and not is_schema(name):
            raise InvalidSchema(_expected_schema(f"<{local_name(name)[:60]}>"))
        self._count += 1
        if self._depth > MAX_DEPTH or self._count > _MAX_SCHEMA_ELEMENTS:
            raise InvalidSchema(
                f"The XML schema has more than {_MAX_SCHEMA_ELEMENTS:,} elements or is nested too deep."
            )
        self._add(SchemaElement(local_name(name), {local_name(key): value for key, value in attributes.items()}))

    def end(self, name: str) -> None:  # noqa: ARG002  # the parser gives it
        self._depth -= 1
        if self._path:
            self._path.pop()
            self.is_complete = not self._path

    def _add(self, element: SchemaElement) -> None:
        if self._path:
            self._path[-1].children.append(element)
        else:
            self.root = element
        self._path.append(element)


class _Rows:
    """Collects rows while the parser runs. What is called for every element is kept short."""

    def __init__(self, declared: DeclaredElements) -> None:
        self.cells: list[dict[str, str]] = []
        """For each finished row the text of its elements, by name as the parser gives it."""
        self.text: list[str] = []
        """Pieces of the text of the current element."""
        self._names = {p.name.lower(): p.name for p in declared.properties}
        self._entity_name = declared.entity_name
        self._first_row = 0
        self._faults: dict[int, Fault] = {}
        self._row: dict[str, str] = {}
        self._depth = 0
        self._has_schema = False

    def start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002  # the parser gives them
        self._depth += 1
        if self._depth == _CELL_DEPTH:
            self.text.clear()
        elif self._depth > _CELL_DEPTH:
            self._start_inside_cell(name)
        elif self._depth == _ROW_DEPTH:
            self._row = {}

    def end(self, name: str) -> None:
        self._depth -= 1
        if self._depth == _CELL_DEPTH - 1:
            if name in self._row:
                self._add_fault(local_name(name), "two elements", "one element of this name")
            self._row[name] = "".join(self.text)
        elif self._depth == _ROW_DEPTH - 1:
            self._end_row(name)

    def cut_long_text(self) -> None:
        """Cut a text that no property can hold, so that memory stays bounded; what is left is still too long."""
        if sum(map(len, self.text)) > _MAX_CELL_LENGTH:
            self.text[:] = ["".join(self.text)[:_KEPT_OF_LONG_CELL]]

    def take(self) -> RawRows:
        """Hand over the finished rows and begin anew."""
        names: dict[str, list[str]] = {name: [] for name in self._names.values()}
        unknown: list[str] = []
        for given in sorted(set().union(*self.cells)):
            name = self._names.get(local_name(given).lower())
            (unknown if name is None else names[name]).append(given)
        texts = {name: self._column(given) for name, given in names.items()}
        raw = RawRows(self._first_row, texts, self._faults, self._notes(unknown))
        self._first_row += len(self.cells)
        self.cells = []
        self._faults = {}
        return raw

    def _start_inside_cell(self, name: str) -> None:
        if self._depth > MAX_DEPTH:
            refuse_depth(self._depth)
        if self._has_schema:
            self._add_fault("", f"<{local_name(name)[:60]}> inside a value", "text without elements")

    def _end_row(self, name: str) -> None:
        if not self._has_schema:
            self._has_schema = True  # the first child of the root is the schema, which has been read before
            return
        local = local_name(name)
        if local.lower() != self._entity_name.lower():
            self._add_fault("", f"<{local[:60]}>", f"<{self._entity_name}>")
        self.cells.append(self._row)

    def _add_fault(self, name: str, found: str, expected: str) -> None:
        if self._has_schema:
            self._faults.setdefault(len(self.cells), Fault(name, found, expected))

    def _column(self, given: list[str]) -> pa.StringArray:
        """Return the texts of one property, which rows may spell in different ways."""
        if len(given) <= 1:
            name = given[0] if given else ""
            return pa.array([row.get(name) or None for row in self.cells], pa.string())
        texts = [next((row[name] for name in given if row.get(name)), None) for row in self.cells]
        return pa.array(texts, pa.string())

    def _notes(self, unknown: list[str]) -> dict[int, Fault]:
        notes: dict[int, Fault] = {}
        for name in unknown:
            for row, cells in enumerate(self.cells):
                if name in cells:
                    found = shown(f"<{local_name(name)}>")
                    notes.setdefault(row, Fault("", found, "only elements of the schema; this one is ignored"))
        return notes


def _expected_schema(found: str) -> str:
    return (
        "The XML must begin with its schema: expected <xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'> as the "
        f"first element inside the root element; found {found}."
    )
