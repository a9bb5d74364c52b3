"""Find a data source within an account, for a member of that account."""

from __future__ import annotations

from dataclasses import dataclass

from geostead.errors import NotFound
from geostead.model.access import Key
from geostead.model.data_source import DataSource, DataSourceVersions
from geostead.operations.services import Services


@dataclass(frozen=True, slots=True)
class OwnDataSource:
    """A data source of an account, with the keys that open it."""

    versions: DataSourceVersions
    master: Key | None
    """The master key, expired perhaps; None while the data source is only reserved."""
    query: Key | None
    """The query key, live or not; None: any key of the account may query."""

    @property
    def data_source(self) -> DataSource:
        """The data source itself."""
        return self.versions.data_source

    def acting_key(self) -> Key:
        """Return the key in whose name a member acts whose role allows what a master key may.

        The role decides, not the key: one that has expired will do, and one that is revoked is no master key. Raises
        NotFound where there is none because nothing has been loaded yet.
        """
        if self.master is None:
            raise NotFound(f"The data source {self.data_source.name} is only reserved: nothing has been loaded yet.")
        return self.master


def find_own(services: Services, account_id: str, name: str) -> OwnDataSource:
    """Return the account's data source of that name, in any case, reserved ones included. Raises NotFound."""
    found = services.catalog.find_by_name(account_id, name)
    if found is None:
        raise NotFound(f"There is no data source {name}.")
    by_id = {key.id: key for key in services.catalog.list_keys(account_id)}
    source = found.data_source
    return OwnDataSource(found, by_id.get(source.master_key_id or ""), by_id.get(source.query_key_id or ""))
