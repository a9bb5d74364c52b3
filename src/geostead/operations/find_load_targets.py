"""Find where a member of an account may load a file to."""

from __future__ import annotations

from dataclasses import dataclass

from geostead.model.access import Account
from geostead.model.entity_type import EntityType
from geostead.model.job import LoadOperation
from geostead.operations.services import Services
from geostead.operations.write_changes import check_same


@dataclass(frozen=True, slots=True)
class LoadTargets:
    """Where a file may go."""

    data_sources: tuple[str, ...]
    """Names of those that there are."""
    keys: tuple[str, ...]
    """Names of the live keys that may become the master key of a new one, oldest first."""


def find_load_targets(services: Services, account: Account) -> LoadTargets:
    """Return the data sources of the account, reserved ones included, and its live keys."""
    names = tuple(found.data_source.name for found in services.catalog.list_every(account.id))
    live = (key for key in services.catalog.list_keys(account.id) if key.is_live(services.now()))
    return LoadTargets(names, tuple(key.name for key in live))


def check_fits(
    services: Services, account: Account, data_source_name: str, operation: LoadOperation, entity_type: EntityType
) -> None:
    """Raise InvalidSchema if entities of this type cannot change those of the data source, as things stand now."""
    found = services.catalog.find_by_name(account.id, data_source_name) if operation.is_incremental else None
    base = None if found is None else found.base_of(operation)
    if base is not None:
        check_same(base.entity_type, entity_type)
