"""Reserve a data source, so that old query URLs go on working (http-api.md, section 2, "Moving in")."""

from __future__ import annotations

from geostead.errors import InvalidParameter
from geostead.model.data_source import DATA_SOURCE_NAME, DataSource
from geostead.model.ids import is_hex_id
from geostead.operations.find_account import find_account
from geostead.operations.services import Services


def reserve_data_source(services: Services, account_name: str, name: str, access_id: str) -> DataSource:
    """Record a data source that the first load of that name will fill; its access id is 32 hex digits in any case.

    Raises NotFound (the account), InvalidParameter (``name``, ``access_id``), also for what is taken.
    """
    if not DATA_SOURCE_NAME.match(name):
        raise InvalidParameter("name", name, "1 to 50 letters, digits and characters of ~`!$^_={}-")
    if not is_hex_id(access_id):
        raise InvalidParameter("access_id", access_id, "32 hexadecimal digits")
    data_source = DataSource(
        id=services.new_id(),
        account_id=find_account(services, account_name).id,
        name=name,
        access_id=access_id.lower(),
        master_key_id=None,
        query_key_id=None,
        is_public=False,
        description=None,
        created_at=services.now(),
    )
    services.catalog.reserve(data_source)
    return data_source
