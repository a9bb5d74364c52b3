"""Show a few entities of a version, so that examples are about what is really there."""

from __future__ import annotations

from geostead.errors import SnapshotDamaged, SnapshotMissing
from geostead.model.data_source import Version
from geostead.operations.services import Services
from geostead.query.bound import BoundQuery

SAMPLE_SIZE = 25


def sample_entities(services: Services, version: Version) -> list[dict[str, object]]:
    """Return the first entities of a version by id, each by property name; none where looking might have to wait."""
    try:
        snapshot = services.snapshots.open_at_once(version.snapshot_id)
    except (SnapshotMissing, SnapshotDamaged):
        return []
    page = None if snapshot is None else snapshot.search_at_once(BoundQuery(top=SAMPLE_SIZE))
    return [] if page is None else page.rows.columns(version.entity_type.names).to_pylist()
