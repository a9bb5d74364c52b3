"""Versions of a data source: what each would change, publishing, rolling back."""

from __future__ import annotations

from starlette.responses import Response

from geostead.console.own_data_source import (
    JOB,
    own_of,
    state_of,
    status_of,
    to_data_source,
    told,
    under_way,
)
from geostead.console.texts import mark
from geostead.console.visit import Visit
from geostead.errors import OutdatedPage, RequestError
from geostead.model.data_source import DataSourceVersions, Version
from geostead.model.job import DeleteOrder, Job, PublishOrder, RollbackOrder
from geostead.operations.compare_versions import compare_versions, find_version
from geostead.operations.delete_data_source import delete_data_source
from geostead.operations.find_own import OwnDataSource
from geostead.operations.publish_staged import publish_staged
from geostead.operations.roll_back import roll_back
