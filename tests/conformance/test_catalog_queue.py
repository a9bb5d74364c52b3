"""The queue against the obvious one, a list, on every backend."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from geostead.catalog.sql_catalog import SqlCatalog
from geostead.errors import LeaseLost
from geostead.model.job import Job, JobKind, JobStatus
from tests.builders import NOTHING_DONE, account_of, download_of, ending_of, key_of, load_of, version_of
from tests.conformance.conftest import NewDatabase
from tests.installations import Clock

LEASE_S = 60


@dataclass
class Entry:
    """A job as the obvious queue keeps it."""

    job: Job
    status: JobStatus = JobStatus.PENDING
    attempt: int = 0
    leased_until_s: float | None = None
    lost_leases: int = 0


class ObviousQueue:
    """All jobs in the order of acceptance."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    @property
    def pending(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.status is JobStatus.PENDING]

    def claim(self, now_s: float) -> Entry | None:
        for entry in self.pending:
            if not self.is_runnable(entry, now_s):
                continue
            entry.lost_leases += entry.leased_until_s is not None
            if entry.lost_leases < 3:
                entry.attempt += 1
                entry.leased_until_s = now_s + LEASE_S
                return entry
            entry.status = JobStatus.ABORTED
        return None

    def is_runnable(self, entry: Entry, now_s: float) -> bool:
        if entry.leased_until_s is not None and entry.leased_until_s > now_s:
            return False
        if entry.job.kind is JobKind.DOWNLOAD:
            return True
        loads = [e for e in self.pending if e.job.kind is JobKind.LOAD]
        return next(e for e in loads if e.job.data_source_id == entry.job.data_source_id) is entry

    def holder(self, claimed: Job) -> Entry | None:
        """Return the entry whose lease a claim still holds."""
        entry = next(entry for entry in self.pending + self.entries if entry.job.id == claimed.id)
        leased = entry.status is JobStatus.PENDING and entry.leased_until_s is not None
        return entry if leased and entry.attempt == claimed.attempt else None


class Queues(RuleBasedStateMachine):
    """Accept, claim, end, give back and lose jobs in any order: the catalog does as the list does."""

    def __init__(self, new_database: NewDatabase) -> None:
        super().__init__()
        self.clock = Clock()
        self.began_at = self.clock()
        self.catalog = SqlCatalog(new_database(), now=self.clock)
        self.catalog.migrate()
        account = account_of()
        self.key = key_of(account)
        self.catalog.add_account(account, [self.key])
        self.queue = ObviousQueue()
        self.claims: list[Job] = []

    def teardown(self) -> None:
        self.catalog.close()

    @property
    def now_s(self) -> float:
        return (self.clock() - self.began_at).total_seconds()

    @rule(name=st.sampled_from(["Shops", "Pubs"]))
    def accept_load(self, name: str) -> None:
        self.queue.entries.append(Entry(self.catalog.accept_load(load_of(self.key, name))))

    @precondition(lambda self: self.queue.entries)
    @rule(data=st.data())
    def accept_download(self, data: st.DataObject) -> None:
        download = download_of(data.draw(st.sampled_from(self.queue.entries)).job)
        self.catalog.accept_download(download)
        self.queue.entries.append(Entry(download))

    @rule(seconds=st.sampled_from([LEASE_S / 2, LEASE_S]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule()
    def claim(self) -> None:
        expected = self.queue.claim(self.now_s)
        claimed = self.catalog.claim("worker", LEASE_S)
        if expected is None:
            assert claimed is None
        else:
            assert claimed is not None
            assert (claimed.id, claimed.attempt) == (expected.job.id, expected.attempt)
            self.claims.append(claimed)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), way=st.sampled_from(["complete", "abort", "release", "renew"]))
    def leave(self, data: st.DataObject, way: str) -> None:
        job = data.draw(st.sampled_from(self.claims))
        entry = self.queue.holder(job)
        if entry is None:
            with pytest.raises(LeaseLost):
                self.tell_catalog(way, job)
        else:
            self.tell_catalog(way, job)
            self.tell_entry(way, entry)

    def tell_catalog(self, way: str, job: Job) -> None:
        match way:
            case "complete" if job.kind is JobKind.LOAD:
                self.catalog.complete_load(job, "worker", version_of(job), ending_of())
            case "complete":
                self.catalog.complete_download(job, "worker", "downloads/1", ending_of())
            case "abort":
                self.catalog.abort(job, "worker", "because", ending_of())
            case "release":
                self.catalog.release(job, "worker")
            case "renew":
                self.catalog.renew(job, "worker", LEASE_S, NOTHING_DONE)

    def tell_entry(self, way: str, entry: Entry) -> None:
        match way:
            case "complete":
                entry.status = JobStatus.COMPLETED
            case "abort":
                entry.status = JobStatus.ABORTED
            case "release":
                entry.leased_until_s = None
            case "renew":
                entry.leased_until_s = self.now_s + LEASE_S

    @invariant()
    def jobs_stand_where_the_list_says(self) -> None:
        for entry in self.queue.entries:
            job = self.catalog.get_job(entry.job.id)
            assert job is not None
            assert (job.status, job.attempt) == (entry.status, entry.attempt)

    @invariant()
    def a_data_source_exists_while_a_load_of_it_is_pending_or_was_completed(self) -> None:
        kept = {e.job.data_source_id for e in self.queue.entries if self.keeps_its_data_source(e)}
        for entry in self.queue.entries:
            found = self.catalog.find_data_source(entry.job.access_id, entry.job.data_source_name)
            assert (found is not None) == (entry.job.data_source_id in kept)

    def keeps_its_data_source(self, entry: Entry) -> bool:
        return entry.job.kind is JobKind.LOAD and entry.status is not JobStatus.ABORTED


def test_jobs_run_as_an_obvious_queue_would_run_them(new_database: NewDatabase, examples: int) -> None:
    run_state_machine_as_test(
        lambda: Queues(new_database), settings=settings(max_examples=examples, stateful_step_count=30, deadline=None)
    )
