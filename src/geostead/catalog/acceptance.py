"""How jobs are accepted: what is checked, and what it does to their data source at once.

A transaction that accepts locks what it decides by (:mod:`geostead.catalog.locks`). So of two that would together
exceed a limit, or of a load and a revocation of its key, the second one sees what the first one did.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from sqlalchemy import ColumnElement, Connection, select, update

from geostead.catalog.account_limits import check_limits
from geostead.catalog.accounts import check_not_revoked, select_account
from geostead.catalog.base import NewLoad
from geostead.catalog.data_sources import insert_data_source
from geostead.catalog.database import CatalogPart, transaction
from geostead.catalog.jobs import find_job, insert_job, pending_changes
from geostead.catalog.locks import lock_account, lock_data_sources, lock_keys
from geostead.catalog.tables import data_sources, keys
from geostead.catalog.versions import find_with_versions
from geostead.errors import InvalidParameter, NotFound
from geostead.model.access import Key, check_master
from geostead.model.data_source import DataSource, DataSourceVersions
from geostead.model.job import (
    AccessOrder,
    DeleteOrder,
    DownloadOrder,
    Job,
    JobKind,
    JobStatus,
    LoadOperation,
    LoadOrder,
    Order,
    PublishOrder,
    RollbackOrder,
)


class SqlAcceptance(CatalogPart):
    """Implements the part of :class:`geostead.catalog.base.Jobs` that puts jobs in the queue."""

    @transaction
    def check_load(self, load: NewLoad) -> None:
        """Raise what :meth:`accept_load` would, as things stand: worth knowing before an upload is read."""
        with self._database.reading() as connection:
            _check_load(connection, load)

    @transaction
    def accept_load(self, load: NewLoad) -> Job:
        """Record a load, and its data source if that is new, in one transaction; or return the job of that id.

        Raises NotAuthorized, CredentialsExpired, InvalidParameter (``dataSourceName``, ``loadOperation``) and
        AccountFull, as the port says.
        """
        with self._database.writing() as connection:
            _lock(connection, load.key, *_named(load))
            accepted = find_job(connection, load.job_id)
            if accepted is not None:
                return accepted
            existing = _check_load(connection, load)
            data_source = _create(connection, load) if existing is None else _take_over(connection, load, existing)
            job = _pending_load(load, data_source)
            insert_job(connection, job)
        return job

    @transaction
    def accept_change(self, job: Job, key: Key) -> Job:
        """Record a publish, rollback, delete or access job of an existing data source, in one transaction.

        Raises NotFound, NotAuthorized, CredentialsExpired and AccountFull, as the port says. An access job has been
        done when this returns.
        """
        with self._database.writing() as connection:
            _lock(connection, key, data_sources.c.id == job.data_source_id)
            check_not_revoked(connection, key)
            found = find_with_versions(connection, data_sources.c.id == job.data_source_id)
            if found is None:
                raise NotFound(f"There is no data source {job.data_source_name}.")
            check_master(key, found.data_source, _action(job.order))
            _check_possible(found, job.order)
            account = select_account(connection, found.data_source.account_id)
            check_limits(connection, account, job.created_at, new_data_source=False)
            accepted = _begin(connection, job)
            insert_job(connection, accepted)
        return accepted

    @transaction
    def accept_download(self, job: Job) -> None:
        """Record a pending download."""
        with self._database.writing() as connection:
            insert_job(connection, job)


def _lock(connection: Connection, key: Key, *which: ColumnElement[bool]) -> None:
    lock_account(connection, key.account_id)
    lock_keys(connection, keys.c.id == key.id)
    lock_data_sources(connection, *which)


def _named(load: NewLoad) -> tuple[ColumnElement[bool], ...]:
    name = load.data_source_name.lower()
    return data_sources.c.account_id == load.key.account_id, data_sources.c.lower_name == name


def _check_load(connection: Connection, load: NewLoad) -> DataSource | None:
    """Return the data source that the load goes into, None for a new one. Raises what is wrong with the load."""
    check_not_revoked(connection, load.key)
    account = select_account(connection, load.key.account_id)
    found = find_with_versions(connection, *_named(load), as_jobs_see=True)
    if found is not None and found.data_source.master_key_id is not None:
        check_master(load.key, found.data_source, "load into")
    _check_no_deletion(connection, load, found)
    _check_base(connection, load, found)
    check_limits(connection, account, load.accepted_at, new_data_source=found is None)
    return None if found is None else found.data_source


def _check_no_deletion(connection: Connection, load: NewLoad, found: DataSourceVersions | None) -> None:
    if found is None:
        return
    if connection.scalar(select(data_sources.c.is_deleting).where(data_sources.c.id == found.data_source.id)):
        raise InvalidParameter(
            "dataSourceName", load.data_source_name, "a name that is free; the job that deletes this one is pending"
        )


def _check_base(connection: Connection, load: NewLoad, found: DataSourceVersions | None) -> None:
    """Raise InvalidParameter for an incremental load that will find nothing to change, whatever becomes of others."""
    operation = load.order.operation
    if not operation.is_incremental:
        return
    if found is None or not _will_have_base(operation, found, pending_changes(connection, found.data_source.id)):
        raise InvalidParameter(
            "loadOperation",
            operation.value,
            f"complete or completeStaging, for {load.data_source_name} has no version yet that could be changed",
        )


def _will_have_base(operation: LoadOperation, found: DataSourceVersions, queue: Iterable[Job]) -> bool:
    """Tell whether there is a version to change, once all jobs of the queue have been completed."""
    published = None if found.published is None else found.published.job_id
    staged = None if found.staged is None else found.staged.job_id
    for job in queue:
        match job.order:
            case LoadOrder(operation=earlier) if earlier.is_staging:
                staged = job.id
            case LoadOrder():
                published = job.id
            case PublishOrder():
                published, staged = staged or published, None
            case RollbackOrder(version_id=version_id):
                published, staged = version_id, None if version_id == staged else staged
            case DeleteOrder():
                staged = None
            case AccessOrder() | DownloadOrder():
                pass
            case _:
                assert_never(job.order)
    return published is not None or (operation.is_staging and staged is not None)


def _take_over(connection: Connection, load: NewLoad, existing: DataSource) -> DataSource:
    """Make the key of the load the master key where there is none yet."""
    if existing.master_key_id is None:
        taken_over = update(data_sources).where(data_sources.c.id == existing.id)
        connection.execute(taken_over.values(master_key_id=load.key.id))
    return existing


def _create(connection: Connection, load: NewLoad) -> DataSource:
    data_source = DataSource(
        id=load.data_source_id,
        account_id=load.key.account_id,
        name=load.data_source_name,
        access_id=load.access_id,
        master_key_id=load.key.id,
        query_key_id=None,
        is_public=False,
        description=None,
        created_at=load.accepted_at,
    )
    insert_data_source(connection, data_source, reserved=False)
    return data_source


def _pending_load(load: NewLoad, data_source: DataSource) -> Job:
    return Job(
        id=load.job_id,
        kind=JobKind.LOAD,
        account_id=data_source.account_id,
        data_source_id=data_source.id,
        data_source_name=data_source.name,
        access_id=data_source.access_id,
        master_key_id=load.key.id,
        order=load.order,
        status=JobStatus.PENDING,
        created_at=load.accepted_at,
        description=load.description,
        trace=load.trace,
        made_by=load.made_by,
    )


def _action(order: Order) -> str:
    """Return what the order is, as in "The key may not … the data source"."""
    match order:
        case PublishOrder():
            return "publish the staged version of"
        case RollbackOrder():
            return "roll back"
        case DeleteOrder():
            return "delete"
        case AccessOrder():
            return "make public or private"
        case LoadOrder() | DownloadOrder():
            raise ValueError(f"{order} does not change a data source in the catalog alone")
        case _:
            assert_never(order)


def _check_possible(found: DataSourceVersions, order: Order) -> None:
    """Raise NotFound where what the order is about is not there."""
    name = found.data_source.name
    match order:
        case PublishOrder() | DeleteOrder(staged_only=True) if found.staged is None:
            raise NotFound(f"The data source {name} has no staged version.")
        case RollbackOrder(version_id=version_id) if found.find(version_id) is None:
            raise NotFound(f"The data source {name} has no version {version_id}.")


def _begin(connection: Connection, job: Job) -> Job:
    """Do what takes effect in the moment of acceptance, and return the job as it stands then."""
    data_source = update(data_sources).where(data_sources.c.id == job.data_source_id)
    match job.order:
        case DeleteOrder(staged_only=staged_only):
            connection.execute(data_source.values({"is_staged_deleting" if staged_only else "is_deleting": True}))
            return job
        case AccessOrder(is_public=is_public):
            connection.execute(data_source.values(is_public=is_public))
            return replace(job, status=JobStatus.COMPLETED, completed_at=job.created_at)
        case _:
            return job
