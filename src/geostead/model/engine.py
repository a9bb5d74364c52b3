"""Where the entities of a version are kept: the id of its snapshot tells."""

from __future__ import annotations

from enum import StrEnum

_POSTGIS_ENDING = "-postgis"


class EntityEngine(StrEnum):
    """What keeps and searches entities."""

    SNAPSHOTS = "snapshots"
    """Files, in a folder or an object store."""
    POSTGIS = "postgis"
    """Tables of PostgreSQL."""

    def named(self, snapshot_id: str) -> str:
        """Return the id that a snapshot has if it is made with this engine."""
        return snapshot_id + _POSTGIS_ENDING if self is EntityEngine.POSTGIS else snapshot_id


def engine_of(snapshot_id: str) -> EntityEngine:
    """Return the engine that a snapshot was made with."""
    return EntityEngine.POSTGIS if snapshot_id.endswith(_POSTGIS_ENDING) else EntityEngine.SNAPSHOTS


def scratch_of(snapshot_id: str) -> str:
    """Return the id of the copy of a base that is made when a load changes the engine, for as long as it runs."""
    return engine_of(snapshot_id).named(snapshot_id.removesuffix(_POSTGIS_ENDING) + "-base")
