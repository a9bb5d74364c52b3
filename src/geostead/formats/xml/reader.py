"""Reads ``xml``, a data set with inline schema (data-formats.md, section 3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.parsers.expat import XMLParserType

import pyarrow as pa

from geostead.errors import InvalidSchema, UnreadableUpload
from geostead.formats.archive import open_data_file
from geostead.formats.base import EntityBatch, OpenUpload
from geostead.formats.rows.entity_batches import Fault, RawRows, make_batch
from geostead.formats.rows.text_columns import shown
from geostead.formats.xml.schema import DeclaredElements, SchemaElement, is_schema, read_schema
from geostead.formats.xml.stream import MAX_DEPTH, feed, local_name, make_parser, refuse_depth
from geostead.model.entity_type import DELETE_ENTITY, EntityType
from geostead.model.limits import MAX_PROPERTIES, Limits

BATCH_ROWS = 20_000
BATCH_BYTES = 2**23
_MAX_ROW_BYTES = 2**26
_MAX_SCHEMA_ELEMENTS = 20 * MAX_PROPERTIES
_MAX_SCHEMA_BYTES = 2**24

_ROW_DEPTH, _CELL_DEPTH = 2, 3

_Cells = dict[str, str | None]
"""The texts of a row by the names of its elements; None where an element is empty."""


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
        rows.attach(parser)
        size = 0
        with open_data_file(self._open_upload, self._limits.upload_bytes) as data:
            for piece_size in feed(parser, data, lambda: rows.next_element):
                size += piece_size
                if len(rows.cells) >= BATCH_ROWS or (rows.cells and size >= BATCH_BYTES):
                    size = 0
                    yield make_batch(self.entity_type, rows.take(), self._limits.points_per_shape)
                if size > _MAX_ROW_BYTES:
                    raise UnreadableUpload(f"{rows.next_element} is longer than {_MAX_ROW_BYTES // 2**20} MB.")
        if rows.cells:
            yield make_batch(self.entity_type, rows.take(), self._limits.points_per_shape)

    def locate(self, rows: Iterable[int]) -> dict[int, str]:
        """Say which elements rows are: "element 15" is the 15th after the schema."""
        return {row: _element(row) for row in rows}

    def _read_schema(self) -> DeclaredElements:
        tree = _SchemaTree()
        parser = make_parser()
        parser.StartElementHandler = tree.start
        parser.EndElementHandler = tree.end
        try:
            self._feed_schema(tree, parser)
        except UnreadableUpload:
            if not tree.is_complete:  # else it is in the rows, and reading those will tell in which
                raise
        if tree.root is None:
            raise InvalidSchema(_expected_schema("nothing"))
        return read_schema(tree.root)

    def _feed_schema(self, tree: _SchemaTree, parser: XMLParserType) -> None:
        size = 0
        with open_data_file(self._open_upload, self._limits.upload_bytes) as data:
            for piece_size in feed(parser, data):
                if tree.is_complete:
                    break
                size += piece_size
                if size > _MAX_SCHEMA_BYTES:
                    raise InvalidSchema(f"The XML schema is longer than {_MAX_SCHEMA_BYTES // 2**20} MB.")


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
        if self._depth > MAX_DEPTH:
            refuse_depth()
        if self._count > _MAX_SCHEMA_ELEMENTS:
            raise InvalidSchema(f"The XML schema has over {_MAX_SCHEMA_ELEMENTS:,} elements.")
        self._add(SchemaElement.make(name, attributes))

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
    """Collects rows while the parser runs."""

    def __init__(self, declared: DeclaredElements) -> None:
        self.cells: list[_Cells] = []
        """For each finished row the text of its elements, by name as the parser gives it."""
        self._text: list[str] = []
        """Pieces of the text of the current element."""
        self._names = {p.name.lower(): p.name for p in declared.properties}
        self._entity_name = declared.entity_name
        self._first_row = 0
        self._faults: dict[int, Fault] = {}
        self._has_schema = False

    def attach(self, parser: XMLParserType) -> None:
        """Let the parser call this. The two functions run for every element: closures are the fastest that can be."""
        depth = 0
        row: _Cells = {}
        text = self._text

        def start(name: str, attributes: object) -> None:  # noqa: ARG001  # the parser gives them
            nonlocal depth
            depth += 1
            text.clear()
            if depth > MAX_DEPTH:
                refuse_depth()

        def end(name: str) -> None:
            nonlocal depth, row
            depth -= 1
            if depth == 2:
                if name in row:
                    self._add_fault(local_name(name), "two elements", "one element of this name")
                row[name] = "".join(text) or None
            elif depth == 1:
                self._end_row(name, row)
                row = {}
            elif depth >= 3:
                self._add_fault("", f"<{local_name(name)[:60]}> inside a value", "text without elements")

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = text.append

    @property
    def next_element(self) -> str:
        """Say for people which row comes next."""
        return _element(self._first_row + len(self.cells)).capitalize()

    def take(self) -> RawRows:
        """Hand over the finished rows and begin anew."""
        names: dict[str, list[str]] = {name: [] for name in self._names.values()}
        unknown: set[str] = set()
        for given in sorted(set().union(*self.cells)):
            name = self._names.get(local_name(given).lower())
            if name is None:
                unknown.add(given)
            else:
                names[name].append(given)
        texts = {name: self._column(given) for name, given in names.items()}
        raw = RawRows(self._first_row, texts, self._faults, self._notes(unknown) if unknown else {})
        self._first_row += len(self.cells)
        self.cells = []
        self._faults = {}
        return raw

    def _end_row(self, name: str, row: _Cells) -> None:
        if not self._has_schema:
            self._has_schema = True  # the first child of the root is the schema, which has been read before
            return
        local = local_name(name)
        if local.lower() != self._entity_name.lower():
            self._add_fault("", f"<{local[:60]}>", f"<{self._entity_name}>")
        self.cells.append(row)

    def _add_fault(self, name: str, found: str, expected: str) -> None:
        if self._has_schema:
            self._faults.setdefault(len(self.cells), Fault(name, found, expected))

    def _column(self, given: list[str]) -> pa.StringArray:
        """Return the texts of one property, which rows may spell in different ways."""
        if len(given) <= 1:
            name = given[0] if given else ""
            return pa.array([row.get(name) for row in self.cells], pa.string())
        texts = [next((row[name] for name in given if row.get(name)), None) for row in self.cells]
        return pa.array(texts, pa.string())

    def _notes(self, unknown: set[str]) -> dict[int, Fault]:
        """Return a note for each row that has elements which the schema does not know."""
        found_by_row = ((row, unknown & cells.keys()) for row, cells in enumerate(self.cells))
        return {
            row: Fault("", shown(f"<{local_name(min(found))}>"), "only elements of the schema; this one is ignored")
            for row, found in found_by_row
            if found
        }


def _element(row: int) -> str:
    return f"element {row + 1}"


def _expected_schema(found: str) -> str:
    return (
        "The XML must begin with its schema: expected <xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'> as the "
        f"first element inside the root element; found {found}."
    )
