"""A whole installation in a folder, with a clock that the test sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from geostead.blobs.fetch import HttpFiles
from geostead.blobs.folder import FolderBlobs
from geostead.catalog.sql_catalog import SqlCatalog
from geostead.errors import FetchFailed, InvalidParameter
from geostead.jobs.worker import Worker
from geostead.model.access import Account, Key, digest_of
from geostead.model.data_source import DataSourceVersions, Version
from geostead.model.ids import new_id
from geostead.model.job import InputFormat, Job, LoadOperation
from geostead.model.limits import PROFILES, Limits
from geostead.operations.services import Services
from geostead.operations.start_load import LoadRequest, Upload, start_load
from geostead.routing.straight import GreatCircles
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

    def accept_load(
        self,
        name: str,
        upload: bytes,
        operation: LoadOperation = LoadOperation.COMPLETE,
        *,
        strict: bool = False,
        location: str | None = None,
    ) -> Job:
        """Record a load of pipe-separated entities, as the HTTP door does."""
        request = LoadRequest(name, operation, InputFormat.PIPE, strict=strict, location=location)
        return start_load(self.services, self.key, request, Upload([upload]))

    def load(
        self,
        name: str,
        upload: bytes,
        operation: LoadOperation = LoadOperation.COMPLETE,
        *,
        strict: bool = False,
    ) -> Job:
        """Record a load and run all jobs; return the load as it ended."""
        accepted = self.accept_load(name, upload, operation, strict=strict)
        self.run_all()
        return self.job(accepted.id)

    def load_from(self, location: str, pieces: Sequence[bytes | Exception]) -> Job:
        """Load what a location gives, piece by piece, into the data source Places; return the load as it ended."""
        self.services = replace(self.services, remote=FilesElsewhere({location: pieces}))
        accepted = self.accept_load("Places", b"", location=location)
        self.run_all()
        return self.job(accepted.id)

    def run_all(self) -> None:
        """Run jobs until there is none that could run."""
        worker = Worker(self.services, "worker")
        while worker.run_next():
            pass

    def add_key(self, name: str, *, account_name: str = "owner") -> Key:
        """Add a key with the value ``name`` to an account, and the account where there is none of that name."""
        catalog = self.services.catalog
        account = catalog.find_account(account_name) or Account(
            new_id(), account_name, PROFILES["self-hosted"], self.clock()
        )
        key = Key(new_id(), account.id, name, digest_of(name), self.clock())
        if catalog.find_account(account_name) is None:
            catalog.add_account(account, [key])
        else:
            catalog.add_key(key)
        return key

    def versions(self, name: str) -> DataSourceVersions:
        """Return the owner's data source of that name, which has to be there."""
        found = self.services.catalog.find_by_name(self.key.account_id, name)
        assert found is not None
        return found

    def ids_of(self, version: Version | None) -> list[str]:
        """Return the ids of all entities of a version, which has to be there."""
        assert version is not None
        snapshot = self.services.snapshots.open(version.snapshot_id)
        return [id_ for batch in snapshot.batches() for id_ in batch.column(snapshot.entity_type.key_name).to_pylist()]

    def left_behind(self) -> set[str]:
        """Return the names of blobs and snapshots that the catalog does not name."""
        services = self.services
        blobs = set(services.blobs.unused()) - services.catalog.used_blobs()
        return blobs | (set(services.snapshots.ids()) - services.catalog.used_snapshots())

    def job(self, job_id: str) -> Job:
        found = self.services.catalog.get_job(job_id)
        assert found is not None
        return found

    def entity_ids(self, job: Job) -> list[str]:
        """Return the ids of all entities of the published version of a job's data source."""
        found = self.services.catalog.find_data_source(job.access_id, job.data_source_name)
        return [] if found is None or found.published is None else self.ids_of(found.published)

    def log_of(self, job: Job) -> str:
        """Return the text of a job's error log."""
        assert job.error_log is not None
        with self.services.blobs.open(job.error_log) as file:
            return file.read().decode()


@dataclass(frozen=True)
class FilesElsewhere:
    """Implements :class:`geostead.blobs.base.RemoteFiles` with what a test says: nothing leaves this process."""

    files: dict[str, Sequence[bytes | Exception]]
    """The pieces of each file, by URL; an exception in place of a piece is raised. Other URLs are not allowed."""

    def check(self, url: str) -> None:
        if url not in self.files:
            raise InvalidParameter("dataLocation", "a URL", "a URL on an allowed host")

    @contextmanager
    def fetch(self, url: str) -> Iterator[Iterator[bytes]]:
        if url not in self.files:
            raise FetchFailed("The host is not allowed any more.")
        yield self._pieces(url)

    def _pieces(self, url: str) -> Iterator[bytes]:
        for piece in self.files[url]:
            if isinstance(piece, Exception):
                raise piece
            yield piece


def new_installation(
    folder: Path, limits: Limits = PROFILES["self-hosted"], database_url: str | None = None
) -> Installation:
    """Make an installation in an empty folder, on an empty database if one is named. Its catalog has to be closed."""
    clock = Clock()
    services = new_services(folder, clock)
    if database_url is not None:
        services = replace(services, catalog=SqlCatalog(database_url, now=clock))
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
        router=GreatCircles(),
        geocoder=None,
        now=now,
        new_id=new_id,
    )
