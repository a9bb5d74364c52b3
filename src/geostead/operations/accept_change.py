"""Put a change of a data source in the queue: what publish, rollback, delete and access requests share."""

from __future__ import annotations

from geostead.model.access import Key
from geostead.model.data_source import DataSource
from geostead.model.job import ChangeOrder, Job, JobStatus, kind_of
from geostead.operations.services import Services
from geostead.telemetry.trace import written_trace


def accept_change(
    services: Services, key: Key, data_source: DataSource, order: ChangeOrder, made_by: str | None = None
) -> Job:
    """Record the job, which is durable when this returns; whether it may be is checked in the same transaction.

    ``made_by`` says who asked for it; None: whoever holds the key.

    Raises NotFound, with what is missing, NotAuthorized unless ``key`` is the master key, CredentialsExpired,
    AccountFull.
    """
    job = Job(
        id=services.new_id(),
        kind=kind_of(order),
        account_id=data_source.account_id,
        data_source_id=data_source.id,
        data_source_name=data_source.name,
        access_id=data_source.access_id,
        master_key_id=key.id,
        order=order,
        status=JobStatus.PENDING,
        created_at=services.now(),
        trace=written_trace(),
        made_by=made_by or key.name,
    )
    return services.catalog.accept_change(job, key)
