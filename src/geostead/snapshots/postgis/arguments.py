"""The values of a statement: they travel beside its text, never in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psycopg import sql

from geostead.model.entity_type import EdmType
from geostead.query.bound import Literal

_CASTS = {
    EdmType.STRING: "text",
    EdmType.INT64: "bigint",
    EdmType.BOOLEAN: "boolean",
    EdmType.DOUBLE: "double precision",
    EdmType.DATETIME: "bigint",
}


class Arguments:
    """Collects values, and returns what stands for each in the text."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}

    def number(self, value: float) -> sql.Composable:
        """Return what stands for a double: the same one, to the last bit."""
        return self._add(float(value), "double precision")

    def count(self, value: int) -> sql.Composable:
        """Return what stands for a number of rows; beyond what PostgreSQL can count there are none."""
        return self._add(min(value, 2**62), "bigint")

    def numbers(self, values: Sequence[float]) -> sql.Composable:
        """Return what stands for an array of doubles."""
        return self._add([float(value) for value in values], "double precision[]")

    def text(self, value: str) -> sql.Composable:
        """Return what stands for a text."""
        return self._add(value, "text")

    def texts(self, values: Sequence[str]) -> sql.Composable:
        """Return what stands for an array of texts."""
        return self._add(list(values), "text[]")

    def literal(self, value: Literal, edm_type: EdmType) -> sql.Composable:
        """Return what stands for a literal of the type of its property."""
        return self._add(value, _CASTS[edm_type])

    def literals(self, values: Iterable[Literal], edm_type: EdmType) -> sql.Composable:
        """Return what stands for an array of literals."""
        return self._add(list(values), f"{_CASTS[edm_type]}[]")

    def _add(self, value: object, cast: str) -> sql.Composable:
        name = f"a{len(self.values)}"
        self.values[name] = value
        return sql.SQL("{}::{}").format(sql.Placeholder(name), sql.SQL(cast))
