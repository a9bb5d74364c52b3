"""The database that entities are kept in: the one row of ``geostead._installation`` names its owner."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress

from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from geostead.errors import SnapshotMissing
from geostead.snapshots.postgis.layout import SCHEMA
from geostead.snapshots.postgis.registry import list_ids
from geostead.snapshots.postgis.server import Server

_OWNER = sql.Identifier(SCHEMA, "_installation")  # no snapshot id begins like that
_ONE_AT_A_TIME = sql.SQL("SELECT pg_advisory_xact_lock(hashtext('geostead._installation'))")
_CREATE_SCHEMA = sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(SCHEMA))
_CREATE = sql.SQL("CREATE TABLE IF NOT EXISTS {} (one boolean PRIMARY KEY CHECK (one), id text NOT NULL)").format(
    _OWNER
)
_SELECT = sql.SQL("SELECT id FROM {}").format(_OWNER)
_CLAIM = sql.SQL("INSERT INTO {} VALUES (true, %s) ON CONFLICT DO NOTHING").format(_OWNER)
_SEIZE = sql.SQL("INSERT INTO {} VALUES (true, %s) ON CONFLICT (one) DO UPDATE SET id = EXCLUDED.id").format(_OWNER)


class PostgisPlace:
    """Implements :class:`geostead.ownership.base.Place`. Connects when it is asked, and keeps no connection."""

    def __init__(self, url: str) -> None:
        self._url = url

    @property
    def name(self) -> str:
        """What it is and where."""
        return f"the schema {SCHEMA} of the database for entities"

    def owner(self) -> str | None:
        """Return the id of the installation that it belongs to; None if nobody has claimed it."""
        with suppress(SnapshotMissing), closing(Server(self._url)) as server:
            found = server.read(lambda connection: connection.execute(_SELECT).fetchone())
            return None if found is None else str(found[0])
        return None

    def claim(self, installation_id: str) -> None:
        """Name an owner where there is none. Of several that do so at once, one becomes it.

        Nothing happens where the server does not let us make the schema: then nothing can be kept there either.
        """
        self._write(_CLAIM, installation_id)

    def seize(self, installation_id: str) -> None:
        """Name an owner in place of the one that there is, as with :meth:`claim`."""
        self._write(_SEIZE, installation_id)

    def snapshot_ids(self) -> Iterator[str]:
        """List the ids of the snapshots that are there."""
        with suppress(SnapshotMissing), closing(Server(self._url)) as server:
            yield from server.read(list_ids)

    def _write(self, statement: sql.Composed, installation_id: str) -> None:
        with suppress(InsufficientPrivilege), closing(Server(self._url)) as server, server.writing() as connection:
            for step in (_ONE_AT_A_TIME, _CREATE_SCHEMA, _CREATE):
                connection.execute(step)
            connection.execute(statement, [installation_id])
