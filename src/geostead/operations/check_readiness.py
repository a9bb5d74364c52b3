"""Find out whether requests can be served (architecture.md, ``/readyz``)."""

from __future__ import annotations

from geostead.operations.services import Services


def check_readiness(services: Services) -> None:
    """Return if the catalog and the store answer. Raises Unavailable, with the reason."""
    services.catalog.ping()
    services.catalog.revision()  # which queries ask over a connection of its own
    services.blobs.check()
