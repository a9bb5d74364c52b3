"""Put the return to another version in the queue (http-api.md, sections 3 and 3.2)."""

from __future__ import annotations

from geostead.errors import NotFound
from geostead.model.access import Key
from geostead.model.job import Job, RollbackOrder
from geostead.operations.accept_change import accept_change
from geostead.operations.services import Services


def roll_back(services: Services, key: Key, version_id: str, name: str, *, made_by: str | None = None) -> Job:
    """Record the job; it publishes any version of the data source of that name of the key's account once more.

    ``version_id`` is the id of the load job that made the version, in either case of its hex digits; ``made_by`` is who
    asked for it, None: whoever holds the key. Raises NotFound, also where the data source has no such version;
    NotAuthorized unless ``key`` is the master key, CredentialsExpired, AccountFull.
    """
    found = services.catalog.find_by_name(key.account_id, name)
    if found is None:
        raise NotFound(f"The account of the key has no data source {name}.")
    return accept_change(services, key, found.data_source, RollbackOrder(version_id.lower()), made_by)
