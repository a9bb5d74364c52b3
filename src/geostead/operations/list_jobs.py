"""List the jobs of an account (http-api.md, section 3)."""

from __future__ import annotations

from datetime import timedelta

from geostead.model.access import Key
from geostead.model.job import Job
from geostead.operations.services import Services

LISTED = timedelta(days=15)
"""How long a job stays in the list after it was accepted; a pending one stays anyway."""


def list_jobs(services: Services, key: Key) -> list[Job]:
    """Return the jobs of the key's account but downloads: the pending ones, then the others.

    Each part newest first by the date of acceptance.
    """
    return services.catalog.list_jobs(key.account_id, services.now() - LISTED)
