"""What queries look up, remembered from one to the next."""

from __future__ import annotations

from geostead.errors import SnapshotDamaged, SnapshotMissing
from geostead.operations.authenticate import required_digest
from geostead.operations.open_version import EntitySetAddress, OpenVersion, Target, open_target, open_version
from geostead.operations.services import Services

MAX_REMEMBERED = 1024


class OpenVersions:
    """Remembers what :func:`open_version` found for as long as nobody commits anything to the catalog.

    Snapshots are kept open by their store, not here.

    For one thread. The revision of the catalog is read before anything is looked up: what is found is at least as new
    as the revision that it is kept under, and is forgotten as soon as that has passed.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._revision: int | None = None
        self._known: dict[tuple[str, str, str, bool, str], Target] = {}

    def look(self) -> None:
        """Notice what has been committed since the last look. Raises Unavailable."""
        revision = self._services.catalog.revision()
        if revision != self._revision:
            self._known.clear()
            self._revision = revision

    def open(self, key_value: str | None, address: EntitySetAddress) -> OpenVersion | Target:
        """Return what :func:`open_version` returned at some time since the last look. Raises what it raises."""
        access_id, name, type_name, staged = address
        asked = access_id.lower(), name.lower(), type_name.lower(), staged, required_digest(key_value)
        target = self._known.get(asked)
        if target is not None and target.key.is_live(self._services.now()):
            try:
                return open_target(self._services, target)
            except (SnapshotMissing, SnapshotDamaged):
                pass  # perhaps replaced since the look
        opened = open_version(self._services, key_value, address)
        if len(self._known) >= MAX_REMEMBERED:
            self._known.clear()
        self._known[asked] = opened.target if isinstance(opened, OpenVersion) else opened
        return opened
