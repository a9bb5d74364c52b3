"""Choose what keeps the entities of a data source from its next load on; its versions stay where they are."""

from __future__ import annotations

from geostead.errors import InvalidParameter
from geostead.model.data_source import DataSource
from geostead.model.engine import EntityEngine
from geostead.operations.find_account import find_account
from geostead.operations.services import Services


def set_engine(services: Services, account_name: str, data_source_name: str, engine: EntityEngine | None) -> DataSource:
    """Choose the engine of a data source, reserved ones included; None leaves it to the installation again.

    Raises NotFound (account, data source), InvalidParameter (``engine``) for one that this installation does not have.
    """
    if engine is not None and engine not in services.engines:
        raise InvalidParameter("engine", engine, "snapshots: there is no database for entities (GEOSTEAD_ENTITIES_URL)")
    return services.catalog.set_engine(find_account(services, account_name).id, data_source_name, engine)
