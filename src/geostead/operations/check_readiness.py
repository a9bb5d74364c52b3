"""Find out whether requests can be served (architecture.md, ``/readyz``)."""

from __future__ import annotations

from geostead.model.job import upload_blob
from geostead.operations.services import Services


def check_readiness(services: Services) -> None:
    """Return if the catalog answers and the store takes uploads. Raises Unavailable, with the reason."""
    services.catalog.ping()
    with services.blobs.create(upload_blob(services.new_id())):
        pass  # left without commit, nothing stays behind
