"""What nothing needs goes; what anything needs stays, whatever happens meanwhile."""

from dataclasses import dataclass

import pytest

from geostead.blobs.base import BlobStore
from geostead.catalog.base import NewLoad
from geostead.errors import SnapshotMissing
from geostead.model.access import Key
from geostead.model.job import Job, LoadOperation, log_blob, output_blob, snapshot_of, upload_blob
from geostead.operations.expire import expire
from geostead.operations.services import Services
from geostead.snapshots.base import SnapshotStore
from tests.builders import SHOPS, account_of, download_of, ending_of, key_of, load_of, version_of
from tests.entities import batch_of
from tests.installations import Clock
from tests.interleaving import meanwhile

LEASE_S = 60.0
DAY_S = 86_400.0
NOTHING = {"files": 0, "jobs": 0, "stagedVersions": 0, "blobs": 0, "snapshots": 0}


@dataclass
class Site:
    """Does what the doors and workers do, one step at a time."""

    services: Services
    key: Key

    def put_blob(self, name: str) -> None:
        with self.services.blobs.create(name) as blob:
            blob.write(b"bytes")
            blob.commit()

    def accept(self, name: str = "Shops", operation: LoadOperation = LoadOperation.COMPLETE) -> NewLoad:
        load = load_of(self.key, name, at=self.services.now(), operation=operation)
        with self.services.blobs.create(upload_blob(load.job_id)) as blob:
            blob.write(b"bytes")
            blob.commit()
            self.services.catalog.accept_load(load)
        return load

    def claim(self) -> Job:
        job = self.services.catalog.claim("worker", LEASE_S)
        assert job is not None
        return job

    def write_snapshot(self, job: Job) -> str:
        snapshot_id = snapshot_of(job.id, job.attempt)
        self.services.snapshots.write(snapshot_id, SHOPS, [batch_of(SHOPS, [{"EntityID": "1"}])])
        return snapshot_id

    def publish(self, name: str = "Shops", operation: LoadOperation = LoadOperation.COMPLETE) -> Job:
        """Load and complete, with an error log."""
        self.accept(name, operation)
        job = self.claim()
        self.write_snapshot(job)
        self.put_blob(log_blob(job.id, job.attempt))
        ending = ending_of(self.services.now(), error_log=log_blob(job.id, job.attempt))
        self.services.catalog.complete_load(job, "worker", version_of(job, at=self.services.now()), ending)
        return job

    def blobs(self) -> set[str]:
        return set(self.services.blobs.unused())

    def snapshots(self) -> set[str]:
        return set(self.services.snapshots.ids())


@pytest.fixture
def site(services: Services) -> Site:
    account = account_of()
    key = key_of(account)
    services.catalog.add_account(account, [key])
    return Site(services, key)


def test_there_is_nothing_to_do_in_a_new_installation(services: Services) -> None:
    assert expire(services).counts == NOTHING


def test_the_upload_of_a_pending_load_stays_and_goes_when_the_load_has_ended(site: Site) -> None:
    load = site.accept()
    assert expire(site.services).counts == NOTHING
    site.services.catalog.abort(site.claim(), "worker", "unreadable", ending_of())
    assert expire(site.services).counts == NOTHING | {"blobs": 1}
    with pytest.raises(FileNotFoundError):
        site.services.blobs.open(upload_blob(load.job_id))


def test_an_upload_whose_job_was_never_recorded_goes(site: Site) -> None:
    site.put_blob("uploads/abandoned")
    assert expire(site.services).counts == NOTHING | {"blobs": 1}
    assert site.blobs() == set()


def test_logs_and_outputs_go_after_14_days_and_their_jobs_stay(site: Site, clock: Clock) -> None:
    load = site.publish()
    download = download_of(load, at=clock())
    site.services.catalog.accept_download(download)
    site.put_blob(output_blob(download.id, 1))
    ending = ending_of(clock())
    site.services.catalog.complete_download(site.claim(), "worker", output_blob(download.id, 1), ending)
    assert expire(site.services).counts == NOTHING | {"blobs": 1}, "only the upload"
    clock.advance(14 * DAY_S - 1)
    assert expire(site.services).counts == NOTHING
    clock.advance(1)
    assert expire(site.services).counts == NOTHING | {"files": 2, "blobs": 2}
    assert site.blobs() == set()
    assert site.services.catalog.get_job(download.id) is not None
    assert site.snapshots() == {snapshot_of(load.id, 1)}, "the published version is as long as it is published"


def test_jobs_go_15_days_after_they_ended(site: Site, clock: Clock) -> None:
    load = site.publish()
    clock.advance(15 * DAY_S - 1)
    assert expire(site.services).counts["jobs"] == 0
    clock.advance(1)
    assert expire(site.services).counts["jobs"] == 1
    assert site.services.catalog.get_job(load.id) is None
    assert site.snapshots() == {snapshot_of(load.id, 1)}, "its version is as long as it is published"


def test_a_staged_version_goes_after_30_days_in_one_run_with_its_files(site: Site, clock: Clock) -> None:
    published = site.publish()
    staged = site.publish(operation=LoadOperation.COMPLETE_STAGING)
    assert site.snapshots() == {snapshot_of(published.id, 1), snapshot_of(staged.id, 1)}
    clock.advance(30 * DAY_S - 1)
    assert expire(site.services).counts["stagedVersions"] == 0
    clock.advance(1)
    assert expire(site.services).counts == NOTHING | {"stagedVersions": 1, "snapshots": 1}
    assert site.snapshots() == {snapshot_of(published.id, 1)}


def test_a_second_run_finds_nothing_left_to_do(site: Site, clock: Clock) -> None:
    site.publish()
    site.publish(operation=LoadOperation.COMPLETE_STAGING)
    clock.advance(31 * DAY_S)
    assert expire(site.services).counts != NOTHING
    assert expire(site.services).counts == NOTHING


def test_snapshots_of_dropped_versions_go(site: Site) -> None:
    jobs = [site.publish() for _ in range(6)]
    assert len(expire(site.services).deleted.snapshots) == 2
    assert site.snapshots() == {snapshot_of(job.id, 1) for job in jobs[2:]}


def test_the_snapshot_of_a_killed_attempt_goes_when_another_has_begun(site: Site, clock: Clock) -> None:
    site.accept()
    killed = site.write_snapshot(site.claim())
    clock.advance(LEASE_S)
    assert expire(site.services).counts == NOTHING, "its worker may only be slow"
    other = site.write_snapshot(site.claim())
    assert expire(site.services).counts == NOTHING | {"snapshots": 1}
    assert site.snapshots() == {other} != {killed}


def test_what_a_slow_worker_wrote_before_it_was_overtaken_is_still_there_when_it_completes(
    site: Site, clock: Clock
) -> None:
    site.accept()
    job = site.claim()
    snapshot_id = site.write_snapshot(job)
    clock.advance(10 * LEASE_S)
    expire(site.services)
    site.services.catalog.complete_load(job, "worker", version_of(job), ending_of())
    assert site.services.snapshots.open(snapshot_id).entity_count == 1


def test_the_snapshot_of_an_aborted_load_goes(site: Site) -> None:
    site.accept()
    job = site.claim()
    snapshot_id = site.write_snapshot(job)
    site.services.catalog.abort(job, "worker", "because", ending_of())
    assert expire(site.services).counts == NOTHING | {"blobs": 1, "snapshots": 1}
    with pytest.raises(SnapshotMissing):
        site.services.snapshots.open(snapshot_id)


def test_files_that_cannot_be_deleted_are_logged_and_the_others_go(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("uploads/a1", "uploads/a2", "uploads/a3"):
        site.put_blob(name)
    for snapshot_id in ("b1", "b2", "b3"):
        site.services.snapshots.write(snapshot_id, SHOPS, [batch_of(SHOPS, [{"EntityID": "1"}])])
    refuse(monkeypatch, site.services.blobs, "uploads/a2")
    refuse(monkeypatch, site.services.snapshots, "b2")

    report = expire(site.services)

    assert report.deleted.blobs == {"uploads/a1", "uploads/a3"}
    assert report.deleted.snapshots == {"b1", "b3"}
    assert (site.blobs(), site.snapshots()) == ({"uploads/a2"}, {"b2"})
    assert [record.__dict__["file"] for record in caplog.records] == ["uploads/a2", "b2"]


def refuse(monkeypatch: pytest.MonkeyPatch, store: BlobStore | SnapshotStore, name: str) -> None:
    """Let a store not be able to delete one of its files."""
    original = store.delete

    def delete(deleted: str) -> None:
        if deleted == name:
            raise PermissionError(13, "Permission denied", name)
        original(deleted)

    monkeypatch.setattr(store, "delete", delete)


def test_a_blob_that_is_being_written_or_recorded_stays(site: Site) -> None:
    with site.services.blobs.create("uploads/a1") as blob:
        blob.write(b"bytes")
        assert expire(site.services).counts == NOTHING
        blob.commit()
        assert expire(site.services).counts == NOTHING
        with site.services.blobs.open("uploads/a1") as file:
            assert file.read() == b"bytes"


MOMENTS = [
    "catalog.forget_old",
    "blobs.unused",
    "snapshots.ids",
    "catalog.list_accounts",
    "catalog.used_blobs",
    "catalog.used_snapshots",
]
before_or_after = pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
at_every_moment = pytest.mark.parametrize("moment", MOMENTS)


@at_every_moment
@before_or_after
def test_a_load_that_is_accepted_and_claimed_meanwhile_keeps_its_files(
    site: Site, monkeypatch: pytest.MonkeyPatch, moment: str, after: bool
) -> None:
    def accept_and_run() -> None:
        site.accept()
        site.write_snapshot(site.claim())

    meanwhile(site.services, monkeypatch, moment, accept_and_run, after=after)
    assert expire(site.services).counts == NOTHING
    assert (len(site.blobs()), len(site.snapshots())) == (1, 1)


@at_every_moment
@before_or_after
def test_a_load_that_is_given_back_and_claimed_again_meanwhile_keeps_what_it_writes(
    site: Site, monkeypatch: pytest.MonkeyPatch, moment: str, after: bool
) -> None:
    site.accept()
    first = site.claim()
    site.write_snapshot(first)
    written: list[str] = []

    def run_again() -> None:
        site.services.catalog.release(first, "worker")
        written.append(site.write_snapshot(site.claim()))

    meanwhile(site.services, monkeypatch, moment, run_again, after=after)
    expire(site.services)
    assert set(written) <= site.snapshots()


@at_every_moment
@before_or_after
def test_a_load_that_completes_meanwhile_is_whole(
    site: Site, monkeypatch: pytest.MonkeyPatch, moment: str, after: bool
) -> None:
    site.accept()
    job = site.claim()
    snapshot_id = site.write_snapshot(job)
    site.put_blob(log_blob(job.id, job.attempt))

    def complete() -> None:
        ending = ending_of(site.services.now(), error_log=log_blob(job.id, job.attempt))
        site.services.catalog.complete_load(job, "worker", version_of(job), ending)

    meanwhile(site.services, monkeypatch, moment, complete, after=after)
    expire(site.services)
    assert snapshot_id in site.snapshots()
    assert log_blob(job.id, job.attempt) in site.blobs()


@at_every_moment
@before_or_after
def test_a_download_that_is_written_again_meanwhile_keeps_its_output(
    site: Site, clock: Clock, monkeypatch: pytest.MonkeyPatch, moment: str, after: bool
) -> None:
    download = download_of(site.publish(), at=clock())
    site.services.catalog.accept_download(download)
    site.claim()
    site.put_blob(output_blob(download.id, 1))
    clock.advance(LEASE_S)

    def run_again() -> None:
        job = site.claim()
        site.put_blob(output_blob(job.id, job.attempt))
        site.services.catalog.complete_download(job, "worker", output_blob(job.id, job.attempt), ending_of(clock()))

    meanwhile(site.services, monkeypatch, moment, run_again, after=after)
    expire(site.services)
    assert output_blob(download.id, 2) in site.blobs()
