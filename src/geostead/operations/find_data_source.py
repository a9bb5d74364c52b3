"""Find the data source that a URL names."""

from __future__ import annotations

from geostead.errors import NotFound
from geostead.model.data_source import DataSourceVersions
from geostead.operations.services import Services


def find_data_source(services: Services, access_id: str, name: str) -> DataSourceVersions:
    """Return the data source with all its versions; access id and name in any case. Raises NotFound."""
    found = services.catalog.find_data_source(access_id, name)
    if found is None:
        raise no_data_source(access_id, name)
    return found


def no_data_source(access_id: str, name: str) -> NotFound:
    """Make the error for a data source that does not exist."""
    return NotFound(f"There is no data source {name} with the access id {access_id}.")
