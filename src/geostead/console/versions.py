"""Versions of a data source: what each would change, publishing, rolling back."""

from __future__ import annotations

from starlette.responses import Response

from geostead.console.faults import status_of
from geostead.console.own_data_source import (
    JOB,
    begin_deletion,
    own_of,
    state_of,
    to_data_source,
    told,
    under_way,
)
from geostead.console.visit import Visit
from geostead.errors import RequestError
from geostead.model.data_source import DataSourceVersions, Version
from geostead.model.job import DataFormat, Job, PublishOrder, RollbackOrder
from geostead.operations.compare_versions import compare_versions, find_version
from geostead.operations.find_own import OwnDataSource
from geostead.operations.publish_staged import publish_staged
from geostead.operations.roll_back import roll_back


def show(visit: Visit) -> Response:
    """Show a version, and what can be done with it."""
    own = own_of(visit)
    return _page(visit, own, _version_of(visit, own))


def show_changes(visit: Visit) -> Response:
    """Show what would change if the version were published; of the published one, what it has changed."""
    own = own_of(visit)
    version = _version_of(visit, own)
    other = _other(own.versions, version)
    compared = None
    if other is not None:
        name = own.data_source.name
        compared = compare_versions(visit.services, visit.account.id, name, other.job_id, version.job_id)
    return visit.page(
        "version_changes.html",
        own=own,
        version=version,
        state=state_of(own.versions, version),
        other=other,
        difference=None if compared is None else compared.difference,
    )


def publish(visit: Visit) -> Response:
    """Publish the version: what is staged, or once more what was published before."""
    own = own_of(visit)
    version = _version_of(visit, own)
    if version == own.versions.published:
        return to_data_source(visit)  # the form was sent twice
    if visit.text("over") != _published_id(own.versions):
        return _page(visit, own, version, has_moved=True)
    try:
        job = _begin(visit, own, version)
    except RequestError as error:
        return _page(visit, own, version, error)
    return visit.to(JOB, job=job.id)


def delete_staged(visit: Visit) -> Response:
    """Delete the version, which has to be the staged one."""
    own = own_of(visit)
    version = own.versions.find(visit.path["version"])
    if version is None:
        return to_data_source(visit)  # the form was sent twice
    if version != own.versions.staged:
        return _page(visit, own, version, has_moved=True)
    try:
        job = begin_deletion(visit, own, staged_only=True)
    except RequestError as error:
        return _page(visit, own, version, error)
    return visit.to(JOB, job=job.id)


def _begin(visit: Visit, own: OwnDataSource, version: Version) -> Job:
    """Put the publishing of a version in the queue, unless it is there already. Raises NotFound, AccountFull."""
    services, source, made_by = visit.services, own.data_source, visit.person.email
    key = own.acting_key()
    if version == own.versions.staged:
        begun = under_way(visit, own, PublishOrder())
        return begun or publish_staged(services, key, source.access_id, source.name, made_by=made_by)
    begun = under_way(visit, own, RollbackOrder(version.job_id))
    return begun or roll_back(services, key, version.job_id, source.name, made_by=made_by)


def _version_of(visit: Visit, own: OwnDataSource) -> Version:
    return find_version(own.versions, visit.path["version"])


def _other(versions: DataSourceVersions, version: Version) -> Version | None:
    """Return what a version is compared with; None if there is no other."""
    if version == versions.published:
        return versions.previous[0] if versions.previous else None
    return versions.published


def _published_id(versions: DataSourceVersions) -> str:
    return "" if versions.published is None else versions.published.job_id


def _page(
    visit: Visit, own: OwnDataSource, version: Version, error: RequestError | None = None, *, has_moved: bool = False
) -> Response:
    """Show a version. ``has_moved``: what is published or staged has changed since the page was shown."""
    return visit.page(
        "version.html",
        409 if has_moved else 200 if error is None else status_of(error),
        own=own,
        version=version,
        state=state_of(own.versions, version),
        other=_other(own.versions, version),
        over=_published_id(own.versions),
        formats=list(DataFormat),
        has_moved=has_moved,
        error=told(visit, error),
    )
