"""Workers: which jobs they take, how they stop, what they do about failure."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from geostead.blobs.base import BlobStore, BlobWriter
from geostead.blobs.folder import FolderBlobs
from geostead.catalog.base import Catalog
from geostead.catalog.leases import MAX_LOST_LEASES
from geostead.errors import DiskFull, LeaseLost, Unavailable
from geostead.jobs import worker as module
from geostead.jobs.lease import Lease, WorkerStops
from geostead.jobs.worker import GRACE_S, Worker
from geostead.model.ids import new_id
from geostead.model.job import DownloadOrder, Job, JobKind, JobStatus, LoadOperation, Progress, snapshot_of
from geostead.operations.delete_data_source import delete_data_source
from geostead.operations.expire import expire
from geostead.operations.publish_staged import publish_staged
from geostead.operations.roll_back import roll_back
from geostead.operations.start_download import start_download
from geostead.snapshots.base import SnapshotStore
from tests.installations import Installation, new_installation
from tests.uploads import pipe_upload

LEASE_S = 30.0
ROOT = Path(__file__).parents[2]


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = new_installation(tmp_path)
    yield made
    made.services.catalog.close()


def order_download(installation: Installation, load: Job) -> Job:
    """Order a download of what is published."""
    return start_download(installation.services, installation.key, load.access_id, "Places", None)


def test_a_worker_runs_the_oldest_job_first_and_says_when_there_is_none(installation: Installation):
    first = installation.accept_load("First", pipe_upload(1))
    second = installation.accept_load("Second", pipe_upload(1))
    worker = Worker(installation.services, "worker")

    assert worker.run_next()
    assert installation.job(first.id).status is JobStatus.COMPLETED
    assert installation.job(second.id).status is JobStatus.PENDING
    assert worker.run_next()
    assert not worker.run_next()


def test_a_worker_runs_downloads_too(installation: Installation):
    load = installation.accept_load("Places", pipe_upload(3))
    worker = Worker(installation.services, "worker")
    worker.run_next()
    download = order_download(installation, load)

    worker.run_next()

    job = installation.job(download.id)
    assert (job.status, job.total_count, job.processed_count) == (JobStatus.COMPLETED, 3, 3)
    assert job.output is not None
    with installation.services.blobs.open(job.output) as file:
        assert file.read().count(b"<EntityID>") == 3


def test_a_download_of_a_version_that_went_before_it_was_recorded_is_aborted_with_the_reason(
    installation: Installation,
):
    load = installation.load("Places", pipe_upload(3))
    gone = new_id()
    download = replace(
        installation.job(load.id),
        id=new_id(),
        kind=JobKind.DOWNLOAD,
        order=DownloadOrder(gone, snapshot_of(gone, 1)),
        status=JobStatus.PENDING,
        attempt=0,
    )
    installation.services.catalog.accept_download(download)

    installation.run_all()

    job = installation.job(download.id)
    assert job.status is JobStatus.ABORTED
    assert job.error_message == f"The version {gone} of the data source Places is gone."


def test_workers_publish_roll_back_and_delete(installation: Installation):
    services, key = installation.services, installation.key
    first = installation.load("Places", pipe_upload(1))
    second = installation.load("Places", pipe_upload(2), LoadOperation.COMPLETE_STAGING)
    jobs = [
        publish_staged(services, key, first.access_id, "Places"),
        roll_back(services, key, first.id, "Places"),
        delete_data_source(services, key, first.access_id, "Places", staged_only=False),
    ]
    worker = Worker(services, "worker")

    published = [installation.entity_ids(first)]
    while worker.run_next():
        found = services.catalog.versions_of(second.data_source_id)
        published.append([] if found is None else installation.ids_of(found.published))

    assert [len(ids) for ids in published] == [0, 2, 1, 0], "hidden already while its deletion waits"
    assert {installation.job(job.id).status for job in jobs} == {JobStatus.COMPLETED}
    assert list(services.snapshots.ids()) == []


def test_what_is_not_possible_any_more_aborts_with_a_reason_and_no_line_for_the_operator(
    installation: Installation, caplog: pytest.LogCaptureFixture
):
    load = installation.load("Places", pipe_upload(2), LoadOperation.COMPLETE_STAGING)
    publish_staged(installation.services, installation.key, load.access_id, "Places")
    late = publish_staged(installation.services, installation.key, load.access_id, "Places")

    installation.run_all()

    job = installation.job(late.id)
    assert (job.status, job.error_message) == (
        JobStatus.ABORTED,
        "The data source Places has no staged version any more.",
    )
    assert [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []


def test_a_bug_aborts_the_job_with_a_trace_id_under_which_the_log_has_the_traceback(
    installation: Installation, caplog: pytest.LogCaptureFixture
):
    load = installation.accept_load("Places", pipe_upload(3))
    installation.services.blobs.delete(f"uploads/{load.id}")  # as if somebody had tidied up by hand

    Worker(installation.services, "worker").run_next()

    job = installation.job(load.id)
    record = next(record for record in caplog.records if hasattr(record, "trace"))
    assert job.status is JobStatus.ABORTED
    assert job.error_message is not None
    assert record.trace in job.error_message
    assert "FileNotFoundError" in caplog.text
    assert "FileNotFoundError" not in job.error_message


def test_what_is_wrong_with_the_files_of_a_version_is_for_the_log_alone(
    installation: Installation, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    load = installation.accept_load("Places", pipe_upload(3))
    worker = Worker(installation.services, "worker")
    worker.run_next()
    (manifest,) = tmp_path.glob("snapshots/*/manifest.json")
    manifest.write_text("broken")
    download = order_download(installation, load)

    worker.run_next()

    job = installation.job(download.id)
    assert job.status is JobStatus.ABORTED
    assert job.error_message is not None
    assert str(tmp_path) not in job.error_message
    assert next(record for record in caplog.records if hasattr(record, "trace")).trace in job.error_message
    assert "SnapshotDamaged" in caplog.text


def fill_disk(monkeypatch: pytest.MonkeyPatch, number: int = errno.ENOSPC) -> None:
    """Let everything fail that should reach the disk; the catalog, which syncs by itself, finds room."""

    def fail(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_load_that_finds_no_room_is_aborted_with_the_true_reason_and_leaves_nothing(
    installation: Installation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    number: int,
):
    load = installation.accept_load("Places", pipe_upload(3))
    fill_disk(monkeypatch, number)

    Worker(installation.services, "worker").run_next()

    job = installation.job(load.id)
    assert (job.status, job.error_message) == (JobStatus.ABORTED, str(DiskFull()))
    assert list(tmp_path.glob("snapshots/*")) == []
    assert list(tmp_path.glob("blobs/uploads/*")) == []
    assert [record.job for record in caplog.records if record.levelname == "ERROR"] == [load.id]


def test_a_load_that_finds_no_room_for_its_error_log_leaves_no_snapshot(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
):
    load = installation.accept_load("Places", pipe_upload(3, bad_rows=1))
    create = type(installation.services.blobs).create

    def full(blobs: FolderBlobs, name: str) -> AbstractContextManager[BlobWriter]:
        if name.startswith("logs/"):
            raise DiskFull
        return create(blobs, name)

    monkeypatch.setattr(FolderBlobs, "create", full)

    installation.run_all()

    job = installation.job(load.id)
    assert (job.status, job.error_message) == (JobStatus.ABORTED, str(DiskFull()))
    assert list(installation.services.snapshots.ids()) == []
    assert list(installation.services.blobs.unused()) == []


def test_a_download_that_finds_no_room_is_aborted_with_the_true_reason_and_leaves_nothing(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    load = installation.accept_load("Places", pipe_upload(3))
    worker = Worker(installation.services, "worker")
    worker.run_next()
    download = order_download(installation, load)
    fill_disk(monkeypatch)

    worker.run_next()

    job = installation.job(download.id)
    assert (job.status, job.error_message) == (JobStatus.ABORTED, str(DiskFull()))
    assert list(tmp_path.glob("blobs/downloads/*")) == []
    assert [record.job for record in caplog.records if record.levelname == "ERROR"] == [download.id]


def test_a_job_whose_worker_died_is_run_again_when_the_lease_is_over(installation: Installation):
    load = installation.accept_load("Places", pipe_upload(3))
    assert installation.services.catalog.claim("dead", LEASE_S) is not None
    worker = Worker(installation.services, "alive")

    assert not worker.run_next()
    installation.clock.advance(LEASE_S + 1)
    assert worker.run_next()

    assert installation.job(load.id).status is JobStatus.COMPLETED


class SilentStore:
    """A store of blobs or snapshots that answers nothing until it is back."""

    def __init__(self, store: BlobStore | SnapshotStore) -> None:
        self._store = store
        self.is_back = False

    def __getattr__(self, name: str) -> Any:
        if not self.is_back:
            raise Unavailable("The store does not answer.")
        return getattr(self._store, name)


@pytest.mark.parametrize("silent", ["blobs", "snapshots"])
def test_outages_of_the_store_cost_no_job_however_many_there_are(installation: Installation, silent: str):
    load = installation.accept_load("Places", pipe_upload(3))
    for _ in range(MAX_LOST_LEASES + 1):
        store = SilentStore(getattr(installation.services, silent))
        pauses: list[float] = []

        def come_back_at_the_third(seconds: float, store: SilentStore = store, pauses: list[float] = pauses) -> None:
            pauses.append(seconds)
            store.is_back = len(pauses) == 3

        services = replace(installation.services, **{silent: store})
        assert Worker(services, "worker", pause=come_back_at_the_third).run_next()
        assert len(pauses) == 3
        assert installation.job(load.id).status is JobStatus.PENDING

    installation.run_all()  # at once: no lease has to run out

    assert installation.job(load.id).status is JobStatus.COMPLETED


class SilentAtFirst:
    """A catalog that does not answer the first question."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._is_silent = True

    def __getattr__(self, name: str) -> Any:
        if self._is_silent:
            self._is_silent = False
            raise Unavailable("The catalog does not answer.")
        return getattr(self._catalog, name)


def test_after_the_catalog_was_silent_whoever_holds_a_job_may_renew_its_lease_before_others_take_it(
    installation: Installation,
):
    catalog = installation.services.catalog
    held = installation.accept_load("Held", pipe_upload(1))
    job = catalog.claim("alive", LEASE_S)
    assert job is not None
    fresh = installation.accept_load("Fresh", pipe_upload(1))
    installation.clock.advance(LEASE_S + 1)  # while the catalog was silent
    now_s = [0.0]

    def pause(seconds: float) -> None:
        now_s[0] += seconds
        if installation.job(fresh.id).status is JobStatus.COMPLETED and now_s[0] > 2 * module.CLAIM_S:
            worker.stop()

    services = replace(installation.services, catalog=SilentAtFirst(catalog))
    worker = Worker(services, "idle", monotonic_s=lambda: now_s[0], pause=pause)
    worker.run()

    catalog.renew(job, "alive", LEASE_S, Progress(1, 1, 0))
    assert installation.job(held.id).attempt == 1
    installation.clock.advance(LEASE_S + 1)  # and now it died
    now_s[0] += module.LENIENCE_S
    assert worker.run_next()
    assert installation.job(held.id).status is JobStatus.COMPLETED


def test_a_worker_that_has_to_stop_while_the_store_is_silent_gives_its_job_back(installation: Installation):
    load = installation.accept_load("Places", pipe_upload(3))
    now_s = [0.0]

    def stop(seconds: float) -> None:
        worker.stop()
        now_s[0] += GRACE_S + 1

    services = replace(installation.services, blobs=SilentStore(installation.services.blobs))
    worker = Worker(services, "worker", monotonic_s=lambda: now_s[0], pause=stop)

    assert worker.run_next()

    installation.run_all()
    assert installation.job(load.id).status is JobStatus.COMPLETED


def test_a_stopped_worker_takes_no_more_jobs(installation: Installation):
    load = installation.accept_load("Places", pipe_upload(3))
    worker = Worker(installation.services, "worker")

    worker.stop()
    worker.run()

    assert installation.job(load.id).status is JobStatus.PENDING


def test_an_idle_worker_starts_a_job_as_soon_as_the_catalog_changes(installation: Installation):
    accepted: list[Job] = []

    def pause(seconds: float) -> None:
        """Accept a load while the worker pauses; stop it when it pauses for the next one."""
        assert seconds == module.LOOK_S
        if accepted:
            worker.stop()
        else:
            accepted.append(installation.accept_load("Places", pipe_upload(1)))

    worker = Worker(installation.services, "worker", monotonic_s=lambda: 0.0, pause=pause)
    worker.run()

    assert installation.job(accepted[0].id).status is JobStatus.COMPLETED


class TestAStopWhileAJobRuns:
    """Each test stops the worker from inside the job: when the upload is opened."""

    def test_the_job_may_go_on_for_the_grace_time(self, installation: Installation):
        assert self._run_stopped(installation, waits_s=GRACE_S - 1).status is JobStatus.COMPLETED

    def test_after_the_grace_time_the_job_is_given_back_and_runnable_at_once(self, installation: Installation):
        job = self._run_stopped(installation, waits_s=GRACE_S + 1)

        assert job.status is JobStatus.PENDING
        assert Worker(installation.services, "next").run_next()
        assert installation.job(job.id).status is JobStatus.COMPLETED
        assert len(list(installation.services.snapshots.ids())) == 1

    def _run_stopped(self, installation: Installation, *, waits_s: float) -> Job:
        load = installation.accept_load("Places", pipe_upload(3))
        now_s = [0.0]
        blobs = installation.services.blobs

        class StoppingBlobs:
            def __getattr__(self, name: str) -> object:
                return getattr(blobs, name)

            def open(self, name: str) -> BinaryIO:
                worker.stop()
                now_s[0] = waits_s
                return blobs.open(name)

        services = replace(installation.services, blobs=StoppingBlobs())  # type: ignore[arg-type]
        worker = Worker(services, "worker", monotonic_s=lambda: now_s[0])
        worker.run()
        return installation.job(load.id)


STUCK_WORKER = """
import itertools, sys, threading
from pathlib import Path
from geostead.jobs import lease
from geostead.jobs.worker import Worker
from tests.installations import Clock, new_services

lease.BEAT_S = 0.01

def render(*_):
    worker.stop()
    threading.Event().wait()  # as if there was very much to render

hours_s = itertools.count(step=3600.0)
worker = Worker(new_services(Path(sys.argv[1]), Clock(), render), "stuck", monotonic_s=lambda: next(hours_s))
worker.run()
"""


def test_a_job_that_does_not_end_in_time_is_given_back_unharmed_and_its_process_ends(
    installation: Installation, tmp_path: Path
):
    load = installation.accept_load("Places", pipe_upload(3))
    for _ in range(MAX_LOST_LEASES):  # as many as would give the job up if they counted
        ended = subprocess.run([sys.executable, "-c", STUCK_WORKER, str(tmp_path)], check=False, timeout=60, cwd=ROOT)
        assert ended.returncode == 0
    assert len(list(tmp_path.glob("snapshots/*.unfinished"))) == MAX_LOST_LEASES

    assert Worker(installation.services, "next").run_next(), "runnable at once"

    expire(installation.services)
    job = installation.job(load.id)
    assert (job.status, job.attempt) == (JobStatus.COMPLETED, MAX_LOST_LEASES + 1)
    assert [path.name for path in tmp_path.glob("snapshots/*")] == [snapshot_of(job.id, job.attempt)]


def wait_until(is_true: Callable[[], bool]) -> None:
    for _ in range(1000):
        if is_true():
            return
        threading.Event().wait(0.01)
    pytest.fail("it did not come true within ten seconds")


def report_for_long(lease: Lease) -> None:
    for _ in range(1000):
        lease.report(Progress(1, 1, 0))
        threading.Event().wait(0.01)


class TestALease:
    """What a running job notices of its lease."""

    def test_it_carries_the_progress_into_the_catalog(
        self, installation: Installation, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("geostead.jobs.lease.BEAT_S", 0.01)
        load = installation.accept_load("Places", pipe_upload(3))
        catalog = installation.services.catalog
        job = catalog.claim("worker", LEASE_S)
        assert job is not None

        with Lease(catalog, job, "worker", lambda: False) as lease:
            lease.report(Progress(30, 20, 1))
            wait_until(lambda: installation.job(load.id).processed_count == 20)

        found = installation.job(load.id)
        assert (found.total_count, found.processed_count, found.failed_count) == (30, 20, 1)

    def test_it_is_renewed_again_after_a_beat_that_failed_for_no_known_reason(
        self, installation: Installation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ):
        monkeypatch.setattr("geostead.jobs.lease.BEAT_S", 0.01)
        load = installation.accept_load("Places", pipe_upload(3))
        catalog = installation.services.catalog
        job = catalog.claim("worker", LEASE_S)
        assert job is not None
        failures = [RuntimeError("odd"), Unavailable("locked")]

        class FailingAtFirst:
            def renew(self, *arguments: Any) -> None:
                if failures:
                    raise failures.pop(0)
                catalog.renew(*arguments)

        with Lease(FailingAtFirst(), job, "worker", lambda: False) as lease:  # type: ignore[arg-type]
            lease.report(Progress(30, 20, 1))
            wait_until(lambda: installation.job(load.id).processed_count == 20)

        assert "odd" in caplog.text

    def test_a_report_after_another_worker_took_the_job_raises(
        self, installation: Installation, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("geostead.jobs.lease.BEAT_S", 0.01)
        installation.accept_load("Places", pipe_upload(3))
        catalog = installation.services.catalog
        job = catalog.claim("worker", LEASE_S)
        assert job is not None
        installation.clock.advance(LEASE_S + 1)
        catalog.claim("other", LEASE_S)

        with Lease(catalog, job, "worker", lambda: False) as lease, pytest.raises(LeaseLost):
            report_for_long(lease)

    def test_a_stuck_job_that_another_worker_took_ends_its_process_and_stays_the_others(
        self, installation: Installation, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("geostead.jobs.lease.BEAT_S", 0.01)
        load = installation.accept_load("Places", pipe_upload(3))
        catalog = installation.services.catalog
        job = catalog.claim("worker", LEASE_S)
        assert job is not None
        installation.clock.advance(LEASE_S + 1)
        taken = catalog.claim("other", LEASE_S)
        assert taken is not None
        exit_codes: list[int] = []

        with Lease(catalog, job, "worker", lambda: True, exit_codes.append):
            wait_until(lambda: exit_codes == [0])

        catalog.renew(taken, "other", LEASE_S, Progress(1, 1, 0))
        assert installation.job(load.id).processed_count == 1

    def test_a_stuck_job_is_given_back_as_soon_as_the_catalog_answers(
        self, installation: Installation, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("geostead.jobs.lease.BEAT_S", 0.01)
        installation.accept_load("Places", pipe_upload(3))
        catalog = installation.services.catalog
        job = catalog.claim("worker", LEASE_S)
        assert job is not None
        failures = [Unavailable("locked"), RuntimeError("odd")]
        exit_codes: list[int] = []

        class FailingAtFirst:
            renew = catalog.renew

            def release(self, *arguments: Any) -> None:
                assert exit_codes == []
                if failures:
                    raise failures.pop(0)
                catalog.release(*arguments)

        with Lease(FailingAtFirst(), job, "worker", lambda: True, exit_codes.append):  # type: ignore[arg-type]
            wait_until(lambda: exit_codes == [0])

        assert catalog.claim("next", LEASE_S) is not None

    def test_a_report_raises_when_the_worker_must_stop(self, installation: Installation):
        installation.accept_load("Places", pipe_upload(3))
        job = installation.services.catalog.claim("worker", LEASE_S)
        assert job is not None

        with Lease(installation.services.catalog, job, "worker", lambda: True) as lease, pytest.raises(WorkerStops):
            lease.report(Progress(1, 1, 0))
