"""What queries look up, remembered from one to the next."""

from __future__ import annotations

from geostead.errors import SnapshotDamaged, SnapshotMissing
from geostead.model.referrer import check_referrer
from geostead.operations.authenticate import required_digest
from geostead.operations.open_version import EntitySetAddress, OpenVersion, Target, open_target, open_version
from geostead.operations.services import Services

MAX_REMEMBERED = 1024
_Asked = tuple[str, str, str, bool, str]


class OpenVersions:
    """Remembers what :func:`open_version` found for as long as nobody commits anything to the catalog.

    Snapshots are kept open by their store, not here.

    The revision of the catalog is read before anything is looked up: what is found is at least as new as the revision
    that it is kept under, and is forgotten as soon as that has passed. Threads may look up while one of them looks:
    what they find then is kept with what has been forgotten.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._revision: int | None = None
        self._known: dict[_Asked, Target] = {}

    def look(self) -> None:
        """Notice what has been committed since the last look. Raises Unavailable."""
        revision = self._services.catalog.revision()
        if revision != self._revision:
            self._known = {}
            self._revision = revision

    def remembered(
        self, key_value: str | None, address: EntitySetAddress, page: str | None = None
    ) -> OpenVersion | Target | None:
        """Return what :meth:`open` would without asking the catalog; None if it has to.

        Raises NoCredentials; NotAuthorized where the key is restricted to other pages.
        """
        target = self._known.get(_asked(key_value, address))
        if target is None or not target.key.is_live(self._services.now()):
            return None
        if target.key.referrers:
            check_referrer(target.key, page)
        try:
            return open_target(self._services, target)
        except (SnapshotMissing, SnapshotDamaged):
            return None  # perhaps replaced since the look

    def open(self, key_value: str | None, address: EntitySetAddress, page: str | None = None) -> OpenVersion | Target:
        """Return what :func:`open_version` returned at some time since the last look. Raises what it raises."""
        known = self._known
        remembered = self.remembered(key_value, address, page)
        if remembered is not None:
            return remembered
        opened = open_version(self._services, key_value, address, page)
        if len(known) >= MAX_REMEMBERED:
            known.clear()
        known[_asked(key_value, address)] = opened.target if isinstance(opened, OpenVersion) else opened
        return opened


def _asked(key_value: str | None, address: EntitySetAddress) -> _Asked:
    access_id, name, type_name, staged = address
    return access_id.lower(), name.lower(), type_name.lower(), staged, required_digest(key_value)
