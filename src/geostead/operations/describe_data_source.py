"""Describe one data source (http-api.md, sections 2 and 3)."""

from __future__ import annotations

from geostead.errors import NotFound
from geostead.model.access import Key, check_owner
from geostead.model.data_source import DataSourceVersions
from geostead.operations.find_data_source import find_data_source
from geostead.operations.services import Services


def describe_data_source(services: Services, key: Key, access_id: str, name: str) -> DataSourceVersions:
    """Return a data source of the key's account with its versions, of which there is at least one.

    Raises NotFound, NotAuthorized.
    """
    found = find_data_source(services, access_id, name)
    check_owner(key, found.data_source)
    if found.published is None and found.staged is None:
        raise NotFound(f"The data source {found.data_source.name} has no version yet.")
    return found
