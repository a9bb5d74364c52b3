"""How much accounts and keys are used: counts that grow, and times that move forward."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, case, select

from geostead.catalog.database import CatalogPart, transaction
from geostead.catalog.tables import accounts, key_uses, keys, usage_counts
from geostead.model.usage_count import UsageCount


class SqlUses(CatalogPart):
    """Implements :class:`geostead.catalog.uses_port.Uses`."""

    @transaction
    def add_uses(self, counts: Sequence[UsageCount], key_uses: Mapping[str, datetime]) -> None:
        """Add to the counts, and move the last uses of keys (by id) forward, in one transaction.

        What belongs to an account or key that is not there any more is left out.
        """
        with self._database.writing() as connection:
            _add_counts(connection, counts)
            _add_key_uses(connection, key_uses)

    @transaction
    def usage_counts(self, account_id: str, since: date) -> list[UsageCount]:
        """Return the counts of an account from a day on, by day, data source and operation."""
        columns = usage_counts.c
        wanted = select(usage_counts).where(columns.account_id == account_id, columns.day >= since)
        with self._database.reading() as connection:
            found = [UsageCount(**row) for row in connection.execute(wanted).mappings()]
        return sorted(found, key=lambda count: (count.day, count.data_source_name, count.operation))

    @transaction
    def key_uses(self, account_id: str) -> dict[str, datetime]:
        """Return by key id when each key of an account was last used; keys that never were are missing."""
        wanted = select(key_uses.c.key_id, key_uses.c.last_used_at).join(keys, keys.c.id == key_uses.c.key_id)
        with self._database.reading() as connection:
            found = connection.execute(wanted.where(keys.c.account_id == account_id))
            return {row.key_id: row.last_used_at for row in found}


def _add_counts(connection: Connection, counts: Sequence[UsageCount]) -> None:
    known = _still_there(connection, accounts.c.id, {count.account_id for count in counts})
    summed: Counter[tuple[str, date, str, str]] = Counter()  # no statement may change one row twice
    for count in counts:
        summed[count.account_id, count.day, count.data_source_name, count.operation] += count.requests
    names = [column.name for column in usage_counts.primary_key]
    rows = [
        {**dict(zip(names, which, strict=True)), "requests": requests}
        for which, requests in sorted(summed.items())
        if which[0] in known
    ]
    if rows:
        added = _insert(connection, usage_counts)
        grown = {"requests": usage_counts.c.requests + added.excluded.requests}
        connection.execute(added.on_conflict_do_update(index_elements=names, set_=grown), rows)


def _add_key_uses(connection: Connection, uses: Mapping[str, datetime]) -> None:
    known = _still_there(connection, keys.c.id, uses.keys())
    rows = [{"key_id": key_id, "last_used_at": uses[key_id]} for key_id in sorted(known)]
    if rows:
        added = _insert(connection, key_uses)
        mine, theirs = added.excluded.last_used_at, key_uses.c.last_used_at
        later = {"last_used_at": case((mine > theirs, mine), else_=theirs)}
        connection.execute(added.on_conflict_do_update(index_elements=[key_uses.c.key_id], set_=later), rows)


def _still_there(connection: Connection, column: Column[str], ids: Collection[str]) -> set[str]:
    """Return those of the ids that the column has; nobody deletes their rows until the transaction ends."""
    found = select(column).where(column.in_(sorted(ids))).order_by(column)
    return set(connection.scalars(found.with_for_update(read=True, key_share=True)))


def _insert(connection: Connection, table: Table) -> Any:
    """Return the ``INSERT`` of the database at hand, which can say what to do with a row that is there already."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # 0.1 s that an installation on SQLite does not need

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)
