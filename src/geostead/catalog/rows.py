"""Nouns out of rows and back. A noun's fields are columns of the same names."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import FromClause, RowMapping

from geostead.catalog.tables import accounts, data_sources, jobs, keys, members, people, sessions, versions
from geostead.model.access import Account, Key
from geostead.model.data_source import DataSource, Version
from geostead.model.job import Job
from geostead.model.person import Member, Person, Session

_Noun = TypeVar("_Noun", Account, Key, DataSource, Version, Job, Person, Member, Session)

_NOUNS = (Account, Key, DataSource, Version, Job, Person, Member, Session)
_FIELDS = {noun: tuple(field.name for field in fields(noun)) for noun in _NOUNS}


def account_of(row: RowMapping) -> Account:
    """Read an account."""
    return _read(Account, row, accounts)


def key_of(row: RowMapping) -> Key:
    """Read a key."""
    return _read(Key, row, keys)


def data_source_of(row: RowMapping) -> DataSource:
    """Read a data source."""
    return _read(DataSource, row, data_sources)


def version_of(row: RowMapping, table: FromClause = versions) -> Version | None:
    """Read a version out of ``table``, the table or an alias of it. None if an outer join found none."""
    return None if row[table.c.job_id] is None else _read(Version, row, table)


def job_of(row: RowMapping) -> Job:
    """Read a job."""
    return _read(Job, row, jobs)


def person_of(row: RowMapping) -> Person:
    """Read a person."""
    return _read(Person, row, people)


def member_of(row: RowMapping) -> Member:
    """Read a member."""
    return _read(Member, row, members)


def session_of(row: RowMapping) -> Session:
    """Read a session."""
    return _read(Session, row, sessions)


def values_of(noun: Account | Key | DataSource | Version | Job | Person | Member | Session) -> dict[str, Any]:
    """Return the columns of a noun."""
    return {name: getattr(noun, name) for name in _FIELDS[type(noun)]}


def _read(noun: type[_Noun], row: RowMapping, table: FromClause) -> _Noun:
    return noun(**{name: row[table.c[name]] for name in _FIELDS[noun]})
