"""Put the publishing of what is staged in the queue (http-api.md, section 3)."""

from __future__ import annotations

from geostead.model.access import Key
from geostead.model.job import Job, PublishOrder
from geostead.operations.accept_change import accept_change
from geostead.operations.find_data_source import find_data_source
from geostead.operations.services import Services


def publish_staged(services: Services, key: Key, access_id: str, name: str, *, made_by: str | None = None) -> Job:
    """Record the job; it publishes the version that is staged when it runs.

    ``made_by`` is who asked for it; None: whoever holds the key.

    Raises NotFound, also where nothing is staged; NotAuthorized unless ``key`` is the master key, CredentialsExpired,
    AccountFull.
    """
    found = find_data_source(services, access_id, name)
    return accept_change(services, key, found.data_source, PublishOrder(), made_by)
