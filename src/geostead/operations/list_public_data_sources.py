"""List the public data sources of all accounts (http-api.md, section 3)."""

from __future__ import annotations

from geostead.model.data_source import DataSourceVersions
from geostead.operations.services import Services


def list_public_data_sources(services: Services) -> list[DataSourceVersions]:
    """Return the public data sources that have a published version, by name, then access id. Any live key may ask."""
    return services.catalog.list_public()
