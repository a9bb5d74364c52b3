"""List the data sources of an account (http-api.md, sections 2 and 3)."""

from __future__ import annotations

from geostead.model.access import Key
from geostead.model.data_source import DataSourceVersions
from geostead.operations.services import Services


def list_data_sources(services: Services, key: Key) -> list[DataSourceVersions]:
    """Return the data sources of the key's account that have a version, by name."""
    return services.catalog.list_data_sources(key.account_id)
