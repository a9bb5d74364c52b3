"""A whole installation in a folder, with a clock that the test sets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from geostead.blobs.fetch import HttpFiles
from geostead.blobs.folder import FolderBlobs
from geostead.catalog.base import NewLoad
from geostead.catalog.sql_catalog import SqlCatalog
from geostead.model.access import Account, Key, digest_of
from geostead.model.ids import new_id
from geostead.model.job import InputFormat, Job, LoadOperation, LoadOrder, upload_blob
from geostead.model.limits import PROFILES, Limits
from geostead.operations.services import Services
from geostead.snapshots.base import RenderFragments
from geostead.snapshots.store import FolderSnapshots
from geostead.wire.entities_json import render_fragments


@dataclass
class Clock:
    """Stands still until it is moved."""

    at: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Installation:
    """Services on a folder, and one account with one key."""

    services: Services
    clock: Clock
    key: Key

    def accept_load(self, name: str, upload: bytes, *, input_: InputFormat = InputFormat.PIPE) -> Job:
        """Record a load with its upload, as the HTTP door does."""
        job_id = new_id()
        order = LoadOrder(LoadOperation.COMPLETE, input_, upload_blob(job_id))
        with self.services.blobs.create(order.upload) as blob:
            blob.write(upload)
            blob.commit()
        load = NewLoad(job_id, new_id(), new_id(), self.key, name, order, None, self.clock())
        return self.services.catalog.accept_load(load)

    def job(self, job_id: str) -> Job:
        found = self.services.catalog.get_job(job_id)
        assert found is not None
        return found

    def entity_ids(self, job: Job) -> list[str]:
        """Return the ids of all entities of the published version of a job's data source."""
        found = self.services.catalog.find_data_source(job.access_id, job.data_source_name)
        if found is None or found.published is None:
            return []
        snapshot = self.services.snapshots.open(found.published.snapshot_id)
        return [id_ for batch in snapshot.batches() for id_ in batch.column(snapshot.entity_type.key_name).to_pylist()]

    def log_of(self, job: Job) -> str:
        """Return the text of a job's error log."""
        assert job.error_log is not None
        with self.services.blobs.open(job.error_log) as file:
            return file.read().decode()


def new_installation(folder: Path, limits: Limits = PROFILES["self-hosted"]) -> Installation:
    """Make an installation in an empty folder. Its catalog has to be closed."""
    clock = Clock()
    services = new_services(folder, clock)
    services.catalog.migrate()
    account = Account(new_id(), "owner", limits, clock())
    key = Key(new_id(), account.id, "master", digest_of("the key"), clock())
    services.catalog.add_account(account, [key])
    return Installation(services, clock, key)


def new_services(folder: Path, now: Callable[[], datetime], render: RenderFragments = render_fragments) -> Services:
    """Return the services of an installation in a folder; its catalog has to be migrated if it is new, and closed."""
    return Services(
        catalog=SqlCatalog(f"sqlite:///{folder / 'catalog.sqlite3'}", now=now),
        snapshots=FolderSnapshots(folder / "snapshots", render),
        blobs=FolderBlobs(folder / "blobs"),
        remote=HttpFiles(()),
        now=now,
        new_id=new_id,
    )
