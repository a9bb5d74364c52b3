"""Put the deletion of a data source, or of what is staged, in the queue (http-api.md, section 3)."""

from __future__ import annotations

from geostead.model.access import Key
from geostead.model.job import DeleteOrder, Job
from geostead.operations.accept_change import accept_change
from geostead.operations.find_data_source import find_data_source
from geostead.operations.services import Services


def delete_data_source(
    services: Services, key: Key, access_id: str, name: str, *, staged_only: bool, made_by: str | None = None
) -> Job:
    """Record the job; from the return on nobody sees any more what it will delete.

    ``made_by`` is who asked for it; None: whoever holds the key.

    Raises NotFound, for ``staged_only`` also where nothing is staged; NotAuthorized unless ``key`` is the master key,
    CredentialsExpired, AccountFull.
    """
    found = find_data_source(services, access_id, name)
    return accept_change(services, key, found.data_source, DeleteOrder(staged_only), made_by)
