"""Steps that tests of the catalog take again and again."""

from __future__ import annotations

from datetime import datetime

from geostead.catalog.base import Catalog
from geostead.model.access import Key
from geostead.model.data_source import DataSourceVersions
from geostead.model.job import ChangeOrder, Job, LoadOperation
from tests.builders import NOON, change_of, ending_of, load_of, version_of

LEASE_S = 60.0


def claimed(catalog: Catalog, worker: str = "worker") -> Job:
    job = catalog.claim(worker, LEASE_S)
    assert job is not None
    return job


def found_job(catalog: Catalog, job: Job) -> Job:
    found = catalog.get_job(job.id)
    assert found is not None
    return found


def versions_of(catalog: Catalog, key: Key, name: str = "Shops") -> DataSourceVersions:
    found = catalog.find_by_name(key.account_id, name)
    assert found is not None
    return found


def completed(catalog: Catalog, job: Job, *, at: datetime = NOON) -> Job:
    """Claim a load, which has to be the next job, and complete it."""
    running = claimed(catalog)
    assert running.id == job.id
    catalog.complete_load(running, "worker", version_of(running, at=at), ending_of(at))
    return running


def load(
    catalog: Catalog,
    key: Key,
    name: str = "Shops",
    *,
    operation: LoadOperation = LoadOperation.COMPLETE,
    at: datetime = NOON,
) -> Job:
    """Accept a load and complete it."""
    return completed(catalog, catalog.accept_load(load_of(key, name, operation=operation, at=at)), at=at)


def stage(catalog: Catalog, key: Key, name: str = "Shops", *, at: datetime = NOON) -> Job:
    """Accept a load into the staged version and complete it."""
    return load(catalog, key, name, operation=LoadOperation.COMPLETE_STAGING, at=at)


def ordered(catalog: Catalog, key: Key, of: Job, order: ChangeOrder) -> Job:
    """Accept a change of the data source of a load."""
    return catalog.accept_change(change_of(of, order), key)


def change(catalog: Catalog, key: Key, of: Job, order: ChangeOrder) -> Job:
    """Accept a change of the data source of a load, and complete it."""
    accepted = ordered(catalog, key, of, order)
    running = claimed(catalog)
    assert running.id == accepted.id
    catalog.complete_change(running, "worker", ending_of())
    return running


def aborted(catalog: Catalog, job: Job) -> None:
    """Claim a job, which has to be the next one, and abort it."""
    running = claimed(catalog)
    assert running.id == job.id
    catalog.abort(running, "worker", "because", ending_of())
