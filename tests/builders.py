"""Nouns for tests, with everything that a test does not care about filled in."""

from __future__ import annotations

from datetime import UTC, datetime

from geostead.catalog.base import Ending, NewLoad
from geostead.model.access import Account, Key, digest_of
from geostead.model.data_source import DataSource, Version
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.model.ids import new_id
from geostead.model.job import (
    ChangeOrder,
    DownloadOrder,
    InputFormat,
    Job,
    JobKind,
    JobStatus,
    LoadOperation,
    LoadOrder,
    Progress,
    kind_of,
    snapshot_of,
    upload_blob,
)
from geostead.model.limits import PROFILES, Limits

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOTHING_DONE = Progress(0, 0, 0)

SHOPS = EntityType.declare(
    "Shops",
    [
        Property("EntityID", EdmType.STRING),
        Property("Latitude", EdmType.DOUBLE),
        Property("Longitude", EdmType.DOUBLE),
        Property("Opened", EdmType.DATETIME),
    ],
    ["EntityID"],
)


def account_of(name: str = "acme", limits: Limits = PROFILES["self-hosted"]) -> Account:
    """Return a new account."""
    return Account(new_id(), name, limits, NOON)


def key_of(account: Account, name: str = "master") -> Key:
    """Return a new key."""
    return Key(new_id(), account.id, name, digest_of(new_id()), NOON)


def load_of(
    key: Key,
    name: str = "Shops",
    *,
    at: datetime = NOON,
    set_public: bool | None = None,
    query_key: Key | None = None,
    description: str | None = None,
    operation: LoadOperation = LoadOperation.COMPLETE,
) -> NewLoad:
    """Return a load to be accepted."""
    job_id = new_id()
    query_key_id = None if query_key is None else query_key.id
    order = LoadOrder(operation, InputFormat.CSV, upload_blob(job_id), set_public, query_key_id)
    return NewLoad(job_id, new_id(), new_id(), key, name, order, description, at)


def download_of(load: Job, *, at: datetime = NOON) -> Job:
    """Return a pending download of what a load made."""
    return Job(
        id=new_id(),
        kind=JobKind.DOWNLOAD,
        account_id=load.account_id,
        data_source_id=load.data_source_id,
        data_source_name=load.data_source_name,
        access_id=load.access_id,
        master_key_id=load.master_key_id,
        order=DownloadOrder(load.id, snapshot_of(load.id, max(load.attempt, 1))),
        status=JobStatus.PENDING,
        created_at=at,
    )


def change_of(load: Job, order: ChangeOrder, *, at: datetime = NOON) -> Job:
    """Return a publish, rollback, delete or access job of the data source that a load went into."""
    return Job(
        id=new_id(),
        kind=kind_of(order),
        account_id=load.account_id,
        data_source_id=load.data_source_id,
        data_source_name=load.data_source_name,
        access_id=load.access_id,
        master_key_id=load.master_key_id,
        order=order,
        status=JobStatus.PENDING,
        created_at=at,
    )


def version_of(job: Job, *, at: datetime = NOON) -> Version:
    """Return what an attempt at a load made."""
    return Version(job.id, job.data_source_id, snapshot_of(job.id, job.attempt), SHOPS, 3, at)


def ending_of(at: datetime = NOON, *, error_log: str | None = None) -> Ending:
    """Return the ending of a job that saw five rows, two of them bad."""
    return Ending(Progress(5, 5, 2), at, error_log)


def reserved(account: Account, name: str = "Shops", *, access_id: str | None = None) -> DataSource:
    """Return a data source to be reserved."""
    return DataSource(new_id(), account.id, name, access_id or new_id(), None, None, False, None, NOON)
