"""Put a change of a data source in the queue: what publish, rollback, delete and access requests share."""

from __future__ import annotations

from typing import assert_never

from geostead.model.access import Key
from geostead.model.data_source import DataSource
from geostead.model.job import (
    AccessOrder,
    ChangeOrder,
    DeleteOrder,
    Job,
    JobKind,
    JobStatus,
    PublishOrder,
    RollbackOrder,
)
from geostead.operations.services import Services


def accept_change(services: Services, key: Key, data_source: DataSource, order: ChangeOrder) -> Job:
    """Record the job, which is durable when this returns; whether it may be is checked in the same transaction.

    Raises NotFound, with what is missing, NotAuthorized unless ``key`` is the master key, CredentialsExpired,
    AccountFull.
    """
    job = Job(
        id=services.new_id(),
        kind=_kind_of(order),
        account_id=data_source.account_id,
        data_source_id=data_source.id,
        data_source_name=data_source.name,
        access_id=data_source.access_id,
        master_key_id=key.id,
        order=order,
        status=JobStatus.PENDING,
        created_at=services.now(),
    )
    return services.catalog.accept_change(job, key)


def _kind_of(order: ChangeOrder) -> JobKind:
    match order:
        case PublishOrder():
            return JobKind.PUBLISH
        case RollbackOrder():
            return JobKind.ROLLBACK
        case DeleteOrder():
            return JobKind.DELETE
        case AccessOrder():
            return JobKind.ACCESS
        case unknown:
            assert_never(unknown)
