"""What the pages about one data source share."""

from __future__ import annotations

from starlette.responses import Response

from geostead.console.visit import Visit
from geostead.errors import RequestError
from geostead.http.errors import message_of
from geostead.model.data_source import DataSourceVersions, Version
from geostead.model.job import DeleteOrder, Job, Order
from geostead.operations.delete_data_source import delete_data_source
from geostead.operations.find_own import OwnDataSource, find_own
from geostead.operations.pending_jobs import pending_jobs

ALL = "/accounts/{account}/data-sources"
ONE = f"{ALL}/{{name}}"
JOB = "/accounts/{account}/jobs/{job}"


def own_of(visit: Visit) -> OwnDataSource:
    """Return the data source that the URL names, of the account that it names. Raises NotFound."""
    return find_own(visit.services, visit.account.id, visit.path["name"])


def under_way(visit: Visit, own: OwnDataSource, order: Order) -> Job | None:
    """Return a pending job that does just that: whoever submits a form twice is led to one job."""
    return next((job for job in pending_jobs(visit.services, own.data_source) if job.order == order), None)


def begin_deletion(visit: Visit, own: OwnDataSource, *, staged_only: bool) -> Job:
    """Put a deletion in the queue, unless it is there already. Raises NotFound, AccountFull."""
    source = own.data_source
    return under_way(visit, own, DeleteOrder(staged_only)) or delete_data_source(
        visit.services,
        own.acting_key(),
        source.access_id,
        source.name,
        staged_only=staged_only,
        made_by=visit.person.email,
    )


def state_of(versions: DataSourceVersions, version: Version) -> str:
    """Return ``published``, ``staged`` or ``previous``."""
    if version == versions.published:
        return "published"
    return "staged" if version == versions.staged else "previous"


def told(visit: Visit, error: RequestError | None) -> str:
    """Return what a page says about an error; '' if there is none."""
    return "" if error is None else message_of(error, visit.trace_id)


def to_data_source(visit: Visit) -> Response:
    """Lead to the page of the data source of the URL."""
    return visit.to(ONE, name=visit.path["name"])
