"""Open versions, remembered from one query to the next."""

from __future__ import annotations

from datetime import datetime

from geostead.operations.authenticate import required_digest
from geostead.operations.open_version import EntitySetAddress, OpenVersion, open_version
from geostead.operations.services import Services

MAX_REMEMBERED = 1024


class OpenVersions:
    """Remembers what :func:`open_version` returned for as long as nobody commits anything to the catalog.

    For one thread. The revision of the catalog is read before anything is looked up: what is found is at least as new
    as the revision that it is kept under, and is forgotten as soon as that has passed.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._revision: int | None = None
        self._known: dict[tuple[EntitySetAddress, str], tuple[OpenVersion, datetime | None]] = {}

    def look(self) -> None:
        """Notice what has been committed since the last look. Raises Unavailable."""
        revision = self._services.catalog.revision()
        if revision != self._revision:
            self._known.clear()
            self._revision = revision

    def open(self, key_value: str | None, address: EntitySetAddress) -> OpenVersion:
        """Return what :func:`open_version` returned at some time since the last look. Raises what it raises."""
        asked = address, required_digest(key_value)
        known = self._known.get(asked)
        if known is not None:
            opened, expires_at = known
            if expires_at is None or self._services.now() < expires_at:
                return opened
        opened = open_version(self._services, key_value, address)
        if len(self._known) >= MAX_REMEMBERED:
            self._known.clear()
        self._known[asked] = opened, opened.key.expires_at
        return opened
