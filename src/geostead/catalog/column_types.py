"""Column types: how the values of our nouns are kept, the same way on every database."""

# ruff: noqa: ARG002  # SQLAlchemy hands a dialect to every column type

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, assert_never

import orjson
from sqlalchemy import JSON, BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

from geostead.model.draft import AddProperty, RemoveProperty, RenameProperty, RetypeProperty, SchemaEdit
from geostead.model.entity_type import EdmType, EntityType
from geostead.model.job import (
    AccessOrder,
    DeleteOrder,
    DownloadOrder,
    InputFormat,
    JobKind,
    LoadOperation,
    LoadOrder,
    Order,
    PublishOrder,
    RollbackOrder,
    kind_of,
)
from geostead.model.limits import Limits
from geostead.model.table_reading import TableReading

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class InstantColumn(TypeDecorator[datetime]):
    """An aware datetime as whole microseconds since 1970 UTC: exact, ordered, and alike on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return the microseconds of an instant."""
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Return the instant, in UTC."""
        return None if value is None else _EPOCH + value * _MICROSECOND


class DayColumn(TypeDecorator[date]):
    """A day as whole days since 1970."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> int | None:
        """Return the number of a day."""
        return None if value is None else (value - _EPOCH.date()).days

    def process_result_value(self, value: int | None, dialect: Dialect) -> date | None:
        """Return the day."""
        return None if value is None else _EPOCH.date() + timedelta(days=value)


class WordsColumn(TypeDecorator[tuple[str, ...]]):
    """Some words as JSON."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> list[str] | None:
        """Return the words as plain data."""
        return None if value is None else list(value)

    def process_result_value(self, value: list[str] | None, dialect: Dialect) -> tuple[str, ...] | None:
        """Read the words."""
        return None if value is None else tuple(value)


class LimitsColumn(TypeDecorator[Limits]):
    """The limits of an account as JSON."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Limits | None, dialect: Dialect) -> dict[str, Any] | None:
        """Return the limits as plain data."""
        return None if value is None else value.to_dict()

    def process_result_value(self, value: dict[str, Any] | None, dialect: Dialect) -> Limits | None:
        """Read the limits."""
        return None if value is None else Limits.from_dict(value)


class EntityTypeColumn(TypeDecorator[EntityType]):
    """An entity type as JSON text. Equal texts are read once, because every look-up for a query passes here."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: EntityType | None, dialect: Dialect) -> str | None:
        """Return the entity type as text."""
        return None if value is None else orjson.dumps(value.to_dict()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> EntityType | None:
        """Read the entity type."""
        return None if value is None else _read_entity_type(value)


_SCHEMA_EDITS = {"add": AddProperty, "rename": RenameProperty, "remove": RemoveProperty, "retype": RetypeProperty}
_WORDS = {kind: word for word, kind in _SCHEMA_EDITS.items()}


class SchemaEditsColumn(TypeDecorator[tuple[SchemaEdit, ...]]):
    """The steps of a change of an entity type as JSON: the fields of each, and in ``step`` what it does."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: tuple[SchemaEdit, ...] | None, dialect: Dialect) -> list[dict[str, str]] | None:
        """Return the steps as plain data."""
        return None if value is None else [{"step": _WORDS[type(edit)]} | asdict(edit) for edit in value]

    def process_result_value(
        self, value: list[dict[str, str]] | None, dialect: Dialect
    ) -> tuple[SchemaEdit, ...] | None:
        """Read the steps."""
        return None if value is None else tuple(_read_schema_edit(**members) for members in value)


def _read_schema_edit(*, step: str, edm_type: str | None = None, **names: str) -> SchemaEdit:
    typed: dict[str, Any] = {} if edm_type is None else {"edm_type": EdmType(edm_type)}
    edit: SchemaEdit = _SCHEMA_EDITS[step](**names, **typed)
    return edit


class OrderColumn(TypeDecorator[Order]):
    """What a job was asked to do as JSON: one member, named after the kind of job."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Order | None, dialect: Dialect) -> dict[str, dict[str, Any]] | None:
        """Return the order as plain data."""
        return None if value is None else {kind_of(value): _members_of(value)}

    def process_result_value(self, value: dict[str, dict[str, Any]] | None, dialect: Dialect) -> Order | None:
        """Read the order."""
        if value is None:
            return None
        ((kind, members),) = value.items()
        return _read_order(JobKind(kind), members)


def _members_of(order: Order) -> dict[str, Any]:
    """Return the members of an order; what older programs do not know is left out where it says nothing."""
    return {name: value for name, value in asdict(order).items() if name != "base" or value is not None}


def _read_order(kind: JobKind, members: dict[str, Any]) -> Order:
    match kind:
        case JobKind.LOAD:
            spelled = {"operation": LoadOperation(members["operation"]), "input": _read_input(members["input"])}
            return LoadOrder(**(members | spelled))
        case JobKind.DOWNLOAD:
            return DownloadOrder(**members)
        case JobKind.PUBLISH:
            return PublishOrder()
        case JobKind.ROLLBACK:
            return RollbackOrder(**members)
        case JobKind.DELETE:
            return DeleteOrder(**members)
        case JobKind.ACCESS:
            return AccessOrder(**members)
        case _:
            assert_never(kind)


def _read_input(value: str | dict[str, Any]) -> InputFormat | TableReading:
    return InputFormat(value) if isinstance(value, str) else TableReading.from_dict(value)


@lru_cache(maxsize=1024)
def _read_entity_type(text: str) -> EntityType:
    return EntityType.from_dict(orjson.loads(text))
