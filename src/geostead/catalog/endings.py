"""How jobs end: together with what they made, in one transaction, and only by the worker that holds them.

Who cancels a job takes it from its worker.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, not_, select, update

from geostead.catalog.accounts import find_key
from geostead.catalog.base import Ending
from geostead.catalog.database import CatalogPart, transaction
from geostead.catalog.drafts import delete_drafts_of
from geostead.catalog.jobs import has_pending_changes
from geostead.catalog.locks import lock_data_sources, lock_keys
from geostead.catalog.rows import job_of
from geostead.catalog.tables import data_sources, jobs, keys, versions
from geostead.catalog.versions import (
    delete_with_versions,
    find_with_versions,
    insert_version,
    publish,
    stage,
)
from geostead.errors import InvalidParameter, LeaseLost, NotFound, OvertakenByEvents
from geostead.model.data_source import Version
from geostead.model.job import (
    AccessOrder,
    DeleteOrder,
    DownloadOrder,
    Job,
    JobKind,
    JobStatus,
    LoadOrder,
    Order,
    Progress,
    PublishOrder,
    RollbackOrder,
)

CANCELLED = "cancelled"
DELETED = "deleted: the data source {name} was deleted before the job was done."


class SqlEndings(CatalogPart):
    """Implements the part of :class:`geostead.catalog.base.Jobs` with which workers end jobs."""

    @transaction
    def complete_load(self, job: Job, worker: str, version: Version, ending: Ending) -> None:
        """Record the version, publish or stage it, complete the job: one transaction.

        Also applies what the order says about publicity and query key, and the description, and forgets the draft that
        the load carries out. Raises LeaseLost; OvertakenByEvents where the key that is to become the query key is not
        live any more.
        """
        with self._database.writing() as connection:
            _lock(connection, job)
            end_job(connection, job, worker, JobStatus.COMPLETED, ending)
            insert_version(connection, version)
            _apply_order(connection, job, ending.at)
            if isinstance(job.order, LoadOrder) and job.order.operation.is_staging:
                stage(connection, job.data_source_id, version.job_id)
            else:
                publish(connection, job.data_source_id, version.job_id)
            delete_drafts_of(connection, job.id)

    @transaction
    def complete_change(self, job: Job, worker: str, ending: Ending) -> None:
        """Do what a publish, rollback or delete job was ordered to do, and complete it: one transaction.

        Raises LeaseLost; OvertakenByEvents where the version to publish is not there any more.
        """
        with self._database.writing() as connection:
            _lock(connection, job)
            end_job(connection, job, worker, JobStatus.COMPLETED, ending)
            match job.order:
                case PublishOrder():
                    _publish_staged(connection, job)
                case RollbackOrder(version_id=version_id):
                    _roll_back(connection, job, version_id)
                case DeleteOrder(staged_only=True):
                    _delete_staged(connection, job)
                case DeleteOrder():
                    _delete_all(connection, job, ending)
                case AccessOrder() | LoadOrder() | DownloadOrder():
                    raise ValueError(f"no worker completes {job.order} as a change")
                case _:
                    assert_never(job.order)

    @transaction
    def complete_download(self, job: Job, worker: str, output: str, ending: Ending) -> None:
        """Record what a download wrote and complete it. Raises LeaseLost."""
        with self._database.writing() as connection:
            end_job(connection, job, worker, JobStatus.COMPLETED, ending, output=output)

    @transaction
    def abort(self, job: Job, worker: str, reason: str, ending: Ending) -> None:
        """Abort a job with a reason for people. Raises LeaseLost.

        What the acceptance of the job did to its data source is undone.
        """
        with self._database.writing() as connection:
            _lock(connection, job)
            abort_job(connection, job, worker, reason, ending)

    @transaction
    def cancel(self, job_id: str, account_id: str, at: datetime) -> Job:
        """Abort a pending job of an account, whether or not a worker holds it, and return it as it ended.

        Raises NotFound; InvalidParameter (``jobId``) for a job that has ended.
        """
        mine = (jobs.c.id == job_id, jobs.c.account_id == account_id)
        with self._database.writing() as connection:
            job = _find_job(connection, *mine)
            lock_data_sources(connection, data_sources.c.id == job.data_source_id)
            ended = _ended(job, JobStatus.ABORTED, at) | {"error_message": CANCELLED}
            pending = update(jobs).where(*mine, jobs.c.status == JobStatus.PENDING)
            is_cancelled = connection.execute(pending.values(ended)).rowcount == 1
            job = _find_job(connection, *mine)
            if not is_cancelled:
                raise InvalidParameter("jobId", job_id, f"the id of a pending job; this one is {job.status.value}")
            _undo_acceptance(connection, job)
        return job


def _find_job(connection: Connection, *which: ColumnElement[bool]) -> Job:
    row = connection.execute(select(jobs).where(*which)).mappings().first()
    if row is None:
        raise NotFound("The account has no such job, or no longer.")
    return job_of(row)


def _lock(connection: Connection, job: Job) -> None:
    if isinstance(job.order, LoadOrder) and job.order.query_key_id is not None:
        lock_keys(connection, keys.c.id == job.order.query_key_id)
    lock_data_sources(connection, data_sources.c.id == job.data_source_id)


def update_own(connection: Connection, job: Job, holder: str, /, **values: Any) -> None:
    """Change a job that is pending and this worker's attempt. Raises LeaseLost if it is not."""
    own = (
        jobs.c.id == job.id,
        jobs.c.status == JobStatus.PENDING,
        jobs.c.worker == holder,
        jobs.c.attempt == job.attempt,
    )
    if connection.execute(update(jobs).where(*own).values(values)).rowcount != 1:
        raise LeaseLost(f"The job {job.id} is no longer the one of {holder}, attempt {job.attempt}.")


def columns_of(progress: Progress) -> dict[str, int]:
    """Return the columns that a progress sets."""
    return {name: number for name, number in asdict(progress).items() if number is not None}


def end_job(connection: Connection, job: Job, worker: str, status: JobStatus, ending: Ending, **found: str) -> None:
    """End a job without any effect on its data source. Raises LeaseLost."""
    values = columns_of(ending.progress) | _ended(job, status, ending.at) | {"error_log": ending.error_log}
    update_own(connection, job, worker, **(values | found))


def _ended(job: Job, status: JobStatus, at: datetime) -> dict[str, Any]:
    """Return the columns of a job that nobody holds any more."""
    return {
        "status": status,
        "order": _without_secrets(job.order),
        "completed_at": at,
        "worker": None,
        "leased_until": None,
    }


def _without_secrets(order: Order) -> Order:
    """Return an order as it is kept when it has been carried out: of a location without what may be a signature."""
    if isinstance(order, LoadOrder) and order.location is not None:
        return replace(order, location=order.location.partition("?")[0])
    return order


def abort_job(connection: Connection, job: Job, worker: str, reason: str, ending: Ending) -> None:
    """Abort a job, and undo what accepting it did to its data source, which has to be locked. Raises LeaseLost."""
    end_job(connection, job, worker, JobStatus.ABORTED, ending, error_message=reason)
    _undo_acceptance(connection, job)


def _undo_acceptance(connection: Connection, job: Job) -> None:
    if isinstance(job.order, DeleteOrder):
        _show_again(connection, job, job.order)
    remove_if_nothing_is_left(connection, job.data_source_id)


def remove_if_nothing_is_left(connection: Connection, data_source_id: str) -> None:
    """Remove a data source that has no version and no pending job that may yet make one.

    A reserved one stays, and has no master key again.
    """
    nothing_is_left = and_(
        data_sources.c.id == data_source_id,
        not_(exists().where(versions.c.data_source_id == data_sources.c.id)),
        not_(has_pending_changes),
    )
    connection.execute(delete(data_sources).where(nothing_is_left, not_(data_sources.c.is_reserved)))
    connection.execute(update(data_sources).where(nothing_is_left).values(master_key_id=None))


def _apply_order(connection: Connection, job: Job, at: datetime) -> None:
    """Set what a load sets beside the version; None in the order means as it is. Raises OvertakenByEvents."""
    if not isinstance(job.order, LoadOrder):
        return
    which = data_sources.c.id == job.data_source_id
    wishes = {
        "is_public": None if _is_overruled(connection, job) else job.order.set_public,
        "query_key_id": _query_key_to_set(connection, job, job.order, at),
        "description": job.description,
    }
    changes = {name: value for name, value in wishes.items() if value is not None}
    if changes:
        connection.execute(update(data_sources).where(which).values(changes))


def _query_key_to_set(connection: Connection, job: Job, order: LoadOrder, at: datetime) -> str | None:
    """Return the id of the query key that a load sets, None for none. Raises OvertakenByEvents if it is not live.

    One that opens nothing must not be set: it would lock out every other key of the account.
    """
    master_key_id = select(data_sources.c.master_key_id).where(data_sources.c.id == job.data_source_id)
    if order.query_key_id is None or order.query_key_id == connection.scalar(master_key_id):
        return None  # it may have become the master key since
    key = find_key(connection, keys.c.id == order.query_key_id)
    if key is None or not key.is_live(at):
        raise OvertakenByEvents(
            "The key that the load was to make the query key was revoked or has expired since the load was accepted."
        )
    return key.id


def _is_overruled(connection: Connection, job: Job) -> bool:
    """Tell whether an access job was accepted after the load: then it has the last word on the publicity."""
    accepted = select(jobs.c.number).where(jobs.c.id == job.id).scalar_subquery()
    later = jobs.alias("later")
    access = (later.c.data_source_id == job.data_source_id, later.c.kind == JobKind.ACCESS, later.c.number > accepted)
    return connection.scalar(select(later.c.number).where(*access).limit(1)) is not None


def _publish_staged(connection: Connection, job: Job) -> None:
    found = find_with_versions(connection, data_sources.c.id == job.data_source_id, as_jobs_see=True)
    if found is None or found.staged is None:
        raise OvertakenByEvents(f"The data source {job.data_source_name} has no staged version any more.")
    publish(connection, job.data_source_id, found.staged.job_id)


def _roll_back(connection: Connection, job: Job, version_id: str) -> None:
    found = find_with_versions(connection, data_sources.c.id == job.data_source_id, as_jobs_see=True)
    version = None if found is None else found.find(version_id)
    if version is None:
        raise OvertakenByEvents(f"The data source {job.data_source_name} has no version {version_id} any more.")
    publish(connection, job.data_source_id, version.job_id)


def _delete_staged(connection: Connection, job: Job) -> None:
    stage(connection, job.data_source_id, None)
    _show_again(connection, job, DeleteOrder(staged_only=True))
    remove_if_nothing_is_left(connection, job.data_source_id)


def _delete_all(connection: Connection, job: Job, ending: Ending) -> None:
    delete_with_versions(connection, job.data_source_id)
    cancelled = (jobs.c.data_source_id == job.data_source_id, jobs.c.status == JobStatus.PENDING)
    aborted = {
        "status": JobStatus.ABORTED,
        "completed_at": ending.at,
        "error_message": DELETED.format(name=job.data_source_name),
        "worker": None,
        "leased_until": None,
    }
    connection.execute(update(jobs).where(*cancelled).values(aborted))


def _show_again(connection: Connection, job: Job, order: DeleteOrder) -> None:
    """Take back what accepting a deletion hides."""
    hidden = "is_staged_deleting" if order.staged_only else "is_deleting"
    connection.execute(update(data_sources).where(data_sources.c.id == job.data_source_id).values({hidden: False}))
