"""How an entity type becomes a table: one column a property, named so that it can be written without quotes.

A column is called as its property in lower case, which PostgreSQL makes of any name without quotes; property names are
1 to 50 letters, digits and underscores and differ by more than case. Where PostgreSQL has a column of that name in
every table (``xmin`` and a few others), two underscores go before it: no property begins like that.

==================  ==========================  ================================================================
Edm type            column                      a missing value is
==================  ==========================  ================================================================
``Edm.String``      ``text COLLATE "C"``        ``''``; never null
``Edm.Int64``       ``bigint``                  null
``Edm.Boolean``     ``boolean``                 null
``Edm.Double``      ``double precision``        null
``Edm.DateTime``    ``bigint``                  null; else ticks of 100 ns since the year 1
``Edm.Geography``   ``geometry(Geometry,4326)`` null; edges across ±180° are cut there
==================  ==========================  ================================================================

Beside these: ``__point`` and ``__x``, ``__y``, ``__z``, the place of the entity in the plane and on the unit sphere
(null for an entity without coordinates), and ``__loaded``, the geography as it was loaded where that is not the same.
Whatever a statement calls something itself begins with two underscores as well: ``ORDER BY`` would take the name of a
function that is selected, like ``coalesce``, for the property of that name.
There are at most 352 properties, far below what a table may have (1,600 columns).

Text cannot hold U+0000. Entities cannot either: such a row is bad (data-formats.md, section 1), like one with half of
a surrogate pair. A query may name such a text; :mod:`geostead.snapshots.postgis.predicate` knows that nothing has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from psycopg import sql

from geostead.model.entity_type import EdmType, EntityType, Property

SCHEMA = "geostead"
"""The schema of everything that this engine makes."""

_OF_EVERY_TABLE = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})
_SQL_TYPES = {
    EdmType.STRING: 'text COLLATE "C"',
    EdmType.INT64: "bigint",
    EdmType.BOOLEAN: "boolean",
    EdmType.DOUBLE: "double precision",
    EdmType.DATETIME: "bigint",
    EdmType.GEOGRAPHY: "geometry(Geometry,4326)",
}
VECTOR_COLUMNS = ("__x", "__y", "__z")
LOADED_COLUMN = "__loaded"
ROW_COLUMN = "__row"
DELETES_COLUMN = "__deletes"

POINT = sql.Identifier("__point")


@dataclass(frozen=True)
class Layout:
    """The table of one snapshot."""

    snapshot_id: str
    entity_type: EntityType

    @property
    def table(self) -> sql.Identifier:
        """The name of the table, quoted."""
        return table_of(self.snapshot_id)

    @property
    def key(self) -> sql.Identifier:
        """The column of entity ids."""
        return column_of(self.entity_type.key_name)

    @cached_property
    def geography(self) -> sql.Identifier | None:
        """The column of geographies, if there is one."""
        name = self.entity_type.geography_name
        return None if name is None else column_of(name)

    def find(self, name: str) -> Property:
        """Return a property by its name as it was declared."""
        found = self.entity_type.find(name)
        assert found is not None
        return found

    def value(self, name: str) -> sql.Composable:
        """Return what a property is selected by: its column; for a geography its well-known binary as it was loaded."""
        column = column_of(name)
        if self.find(name).type is not EdmType.GEOGRAPHY:
            return column
        return sql.SQL("COALESCE({}, ST_AsBinary({}, 'NDR')) AS __value").format(sql.Identifier(LOADED_COLUMN), column)

    def values(self, names: Sequence[str]) -> sql.Composable:
        """Return what some properties are read by, separated by commas."""
        return sql.SQL(", ").join(map(self.value, names))

    @cached_property
    def written_columns(self) -> tuple[str, ...]:
        """The columns that a load fills, unquoted; all but the point, which PostgreSQL computes."""
        loaded = (LOADED_COLUMN,) if self.geography is not None else ()
        return (*(column_name_of(p.name) for p in self.entity_type.properties), *VECTOR_COLUMNS, *loaded)

    @cached_property
    def written(self) -> sql.Composable:
        """The columns of :attr:`written_columns`, quoted, separated by commas."""
        return sql.SQL(", ").join(map(sql.Identifier, self.written_columns))

    def create(self) -> sql.Composed:
        """Return the statement that makes the table, with a column for rows of the upload that goes in the end."""
        point = sql.SQL(
            "{} geometry(Point,4326) GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint({}, {}), 4326)) STORED"
        ).format(POINT, column_of(self.entity_type.longitude_name), column_of(self.entity_type.latitude_name))
        columns = [*self._definitions(is_strict=True), point, sql.SQL("{} bigint").format(sql.Identifier(ROW_COLUMN))]
        return sql.SQL("CREATE TABLE {} ({})").format(self.table, sql.SQL(", ").join(columns))

    def create_changes(self, table: sql.Identifier) -> sql.Composed:
        """Return the statement that makes a table for the changes of an upload, which goes with the transaction."""
        more = [
            sql.SQL("{} bigint NOT NULL").format(sql.Identifier(ROW_COLUMN)),
            sql.SQL("{} boolean NOT NULL").format(sql.Identifier(DELETES_COLUMN)),
        ]
        columns = sql.SQL(", ").join([*self._definitions(is_strict=False), *more])
        return sql.SQL("CREATE TEMPORARY TABLE {} ({}) ON COMMIT DROP").format(table, columns)

    def indexes(self) -> Iterator[sql.Composed]:
        """Return the statements that drop the rows of the upload, and index what is left."""
        yield sql.SQL("ALTER TABLE {} DROP COLUMN {}").format(self.table, sql.Identifier(ROW_COLUMN))
        yield sql.SQL("ALTER TABLE {} ADD PRIMARY KEY ({})").format(self.table, self.key)
        for column in (POINT, self.geography):
            if column is not None:
                yield sql.SQL("CREATE INDEX ON {} USING gist ({})").format(self.table, column)
        yield sql.SQL("ANALYZE {}").format(self.table)

    def _definitions(self, *, is_strict: bool) -> Iterator[sql.Composable]:
        for p in self.entity_type.properties:
            never_null = " NOT NULL" if is_strict and p.type is EdmType.STRING else ""
            yield sql.SQL("{} {}").format(column_of(p.name), sql.SQL(_SQL_TYPES[p.type] + never_null))
        for name in VECTOR_COLUMNS:
            yield sql.SQL("{} double precision").format(sql.Identifier(name))
        if self.geography is not None:
            yield sql.SQL("{} bytea").format(sql.Identifier(LOADED_COLUMN))


def table_of(snapshot_id: str) -> sql.Identifier:
    """Return the name of a snapshot's table, quoted."""
    return sql.Identifier(SCHEMA, snapshot_id)


def column_of(property_name: str) -> sql.Identifier:
    """Return the column of a property, quoted."""
    return sql.Identifier(column_name_of(property_name))


def column_name_of(property_name: str) -> str:
    """Return the name of the column of a property."""
    name = property_name.lower()
    return f"__{name}" if name in _OF_EVERY_TABLE else name
