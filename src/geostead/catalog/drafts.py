"""Drafts and what is in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Text, cast, delete, func, insert, select, update

from geostead.catalog.database import CatalogPart, transaction
from geostead.catalog.locks import keep, lock_data_sources
from geostead.catalog.tables import accounts, data_sources, draft_changes, drafts, members, people
from geostead.errors import LimitExceeded, NotFound
from geostead.model.draft import MAX_DRAFT_CHANGES, MAX_DRAFT_CHARACTERS, ChangeKind, Draft, EntityChange, SchemaEdit

_COLUMNS = [drafts.c[field.name] for field in fields(Draft)]


class SqlDrafts(CatalogPart):
    """Implements :class:`geostead.catalog.drafts_port.Drafts`."""

    @transaction
    def begin_draft(self, draft: Draft) -> Draft:
        """Return the draft that the person has for the data source, this one if there is none yet.

        Raises NotFound if the data source, or the person's membership, is not there any more.
        """
        with self._database.writing() as connection:
            _lock_owners(connection, draft)
            found = _find(connection, draft.data_source_id, draft.person_id)
            if found is None:
                connection.execute(
                    insert(drafts).values({column.name: getattr(draft, column.name) for column in _COLUMNS})
                )
            return found or draft

    @transaction
    def find_draft(self, data_source_id: str, person_id: str) -> Draft | None:
        """Return the draft of a person for a data source."""
        with self._database.reading() as connection:
            return _find(connection, data_source_id, person_id)

    @transaction
    def draft_changes(self, draft_id: str) -> list[EntityChange]:
        """Return the changes of a draft, by entity id."""
        wanted = select(draft_changes).where(draft_changes.c.draft_id == draft_id).order_by(draft_changes.c.entity_id)
        with self._database.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
        return [_change_of(row) for row in rows]

    @transaction
    def find_draft_change(self, draft_id: str, entity_id: str) -> EntityChange | None:
        """Return what a draft does with one entity."""
        wanted = select(draft_changes).where(
            draft_changes.c.draft_id == draft_id, draft_changes.c.entity_id == entity_id
        )
        with self._database.reading() as connection:
            row = connection.execute(wanted).mappings().first()
        return None if row is None else _change_of(row)

    @transaction
    def count_draft_changes(self, draft_id: str) -> Mapping[ChangeKind, int]:
        """Return how many changes of each kind a draft has; kinds that it has none of are missing."""
        kind = draft_changes.c.kind
        counted = select(kind, func.count()).where(draft_changes.c.draft_id == draft_id).group_by(kind)
        with self._database.reading() as connection:
            return {ChangeKind(kind): count for kind, count in connection.execute(counted)}

    @transaction
    def set_change(self, draft: Draft, change: EntityChange, at: datetime) -> None:
        """Record a change, in place of one of the same entity id. Raises NotFound, LimitExceeded."""
        with self._database.writing() as connection:
            _touch(connection, draft, at)
            _drop(connection, draft, change.entity_id)
            row = {"entity_id": change.entity_id, "kind": change.kind, "values": dict(change.values)}
            connection.execute(insert(draft_changes).values(draft_id=draft.id, **row))
            _check_size(connection, draft)

    @transaction
    def drop_change(self, draft: Draft, entity_id: str, at: datetime) -> None:
        """Take a change back; fine if there is none. Raises NotFound."""
        with self._database.writing() as connection:
            _touch(connection, draft, at)
            _drop(connection, draft, entity_id)

    @transaction
    def set_schema_edits(self, draft: Draft, edits: Sequence[SchemaEdit], at: datetime) -> None:
        """Replace the steps. Raises NotFound, also if the draft was changed since."""
        with self._database.writing() as connection:
            _touch(connection, draft, at, drafts.c.changed_at == draft.changed_at, schema_edits=tuple(edits))

    @transaction
    def send_draft(self, draft: Draft, job_id: str | None, at: datetime) -> Draft:
        """Record which load, of which nothing may be recorded yet, carries out the draft; None: none does after all.

        Raises NotFound, also if the draft was changed since: what was read of it would not be all that is in it.
        """
        with self._database.writing() as connection:
            _touch(connection, draft, at, drafts.c.changed_at == draft.changed_at, job_id=job_id)
        return replace(draft, job_id=job_id, changed_at=at)

    @transaction
    def delete_draft(self, draft_id: str) -> None:
        """Forget a draft with its changes; one that is not there is fine."""
        with self._database.writing() as connection:
            connection.execute(delete(drafts).where(drafts.c.id == draft_id))


def delete_drafts_of(connection: Connection, job_id: str) -> None:
    """Forget the draft that a load has carried out."""
    connection.execute(delete(drafts).where(drafts.c.job_id == job_id))


def _lock_owners(connection: Connection, draft: Draft) -> None:
    """Let nobody end what the draft belongs to until the transaction ends. Raises NotFound if somebody has."""
    keep(connection, accounts, draft.account_id)
    keep(connection, people, draft.person_id)
    lock_data_sources(connection, data_sources.c.id == draft.data_source_id)
    source = select(data_sources.c.id).where(
        data_sources.c.id == draft.data_source_id, data_sources.c.account_id == draft.account_id
    )
    member = select(members.c.role).where(
        members.c.account_id == draft.account_id, members.c.person_id == draft.person_id
    )
    if connection.scalar(source) is None:
        raise NotFound("The data source was deleted meanwhile.")
    if connection.scalar(member.with_for_update(read=True)) is None:
        raise NotFound("You are not a member of the account any more.")


def _find(connection: Connection, data_source_id: str, person_id: str) -> Draft | None:
    wanted = select(*_COLUMNS).where(drafts.c.data_source_id == data_source_id, drafts.c.person_id == person_id)
    row = connection.execute(wanted).mappings().first()
    return None if row is None else Draft(**row)


def _change_of(row: RowMapping) -> EntityChange:
    return EntityChange(row["entity_id"], ChangeKind(row["kind"]), row["values"])


def _touch(connection: Connection, draft: Draft, at: datetime, *conditions: ColumnElement[bool], **more: Any) -> None:
    """Lock a draft and note that it is changed. Raises NotFound unless it is as the caller saw it."""
    same_load = drafts.c.job_id.is_not_distinct_from(draft.job_id)
    touched = update(drafts).where(drafts.c.id == draft.id, same_load, *conditions).values(changed_at=at, **more)
    if connection.execute(touched).rowcount != 1:
        raise NotFound("The draft was changed, published, staged or discarded meanwhile. Look at it again.")


def _drop(connection: Connection, draft: Draft, entity_id: str) -> None:
    mine = (draft_changes.c.draft_id == draft.id, draft_changes.c.entity_id == entity_id)
    connection.execute(delete(draft_changes).where(*mine))


def _check_size(connection: Connection, draft: Draft) -> None:
    """Raise LimitExceeded if a draft has more changes, or larger ones, than it may have."""
    characters = func.length(cast(draft_changes.c["values"], Text))
    measured = select(func.count(), func.sum(characters)).where(draft_changes.c.draft_id == draft.id)
    count, length = connection.execute(measured).one()
    if count > MAX_DRAFT_CHANGES:
        raise LimitExceeded("changes in one draft", count, MAX_DRAFT_CHANGES)
    if length > MAX_DRAFT_CHARACTERS:
        raise LimitExceeded("characters in one draft", length, MAX_DRAFT_CHARACTERS)
