"""Make a data source public or private (http-api.md, section 3)."""

from __future__ import annotations

from geostead.model.access import Key
from geostead.model.job import AccessOrder, Job
from geostead.operations.accept_change import accept_change
from geostead.operations.find_data_source import find_data_source
from geostead.operations.services import Services


def set_public(
    services: Services, key: Key, access_id: str, name: str, *, is_public: bool, made_by: str | None = None
) -> Job:
    """Change who may query, at once, and return the job, which is completed.

    ``made_by`` is who asked for it; None: whoever holds the key.

    Raises NotFound; NotAuthorized unless ``key`` is the master key, CredentialsExpired, AccountFull.
    """
    found = find_data_source(services, access_id, name)
    return accept_change(services, key, found.data_source, AccessOrder(is_public), made_by)
