"""Many at once do to a catalog what one after the other could have done. On PostgreSQL, where transactions overlap."""

import os
import random
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from geostead.catalog.sql_catalog import SqlCatalog
from geostead.errors import (
    AccountFull,
    CredentialsExpired,
    GeosteadError,
    InvalidParameter,
    LeaseLost,
    NotAuthorized,
    NotFound,
    OvertakenByEvents,
)
from geostead.model.access import Account, Key
from geostead.model.data_source import MAX_PREVIOUS_VERSIONS
from geostead.model.ids import new_id
from geostead.model.job import (
    AccessOrder,
    ChangeOrder,
    DeleteOrder,
    Job,
    JobKind,
    JobStatus,
    LoadOperation,
    LoadOrder,
    PublishOrder,
    RollbackOrder,
)
from geostead.model.limits import PROFILES
from tests.builders import (
    NOON,
    NOTHING_DONE,
    account_of,
    change_of,
    download_of,
    ending_of,
    key_of,
    load_of,
    version_of,
)

STEPS = int(os.environ.get("GEOSTEAD_TEST_STEPS", "60"))
THREADS = 8
LIMITS = replace(PROFILES["self-hosted"], jobs_in_process=5, data_sources=3)
NAMES = ("Shops", "Cafés", "Bars", "Zoos")
EXPECTED = (
    AccountFull,
    CredentialsExpired,
    InvalidParameter,
    LeaseLost,
    NotAuthorized,
    NotFound,
    OvertakenByEvents,
)


@pytest.fixture
def url(postgres_url: str) -> str:
    with closing(SqlCatalog(postgres_url)) as catalog:
        catalog.migrate()
    return postgres_url


@pytest.fixture
def catalog(url: str) -> Iterator[SqlCatalog]:
    with closing(SqlCatalog(url)) as opened:
        yield opened


class Crowd:
    """Threads that accept, run, end and clean up at random, each with a catalog of its own half of the time."""

    def __init__(self, catalog: SqlCatalog, key: Key) -> None:
        self.catalog = catalog
        self.key = key
        self.loads: list[Job] = []
        self.running: dict[str, str] = {}
        self.lock = threading.Lock()
        self.order_of_completion: dict[str, list[str]] = defaultdict(list)

    def step(self, chance: random.Random) -> None:
        actions = [self.load] * 4 + [self.work] * 6 + [self.change] * 4 + [self.download, self.clean_up, self.other_key]
        with suppress(EXPECTED):
            chance.choice(actions)(chance)

    def load(self, chance: random.Random) -> None:
        operation = chance.choice([LoadOperation.COMPLETE, LoadOperation.COMPLETE_STAGING, LoadOperation.INCREMENTAL])
        asked = load_of(self.key, chance.choice(NAMES), operation=operation, query_key=chance.choice([None, self.key]))
        self.loads.append(self.catalog.accept_load(asked))

    def change(self, chance: random.Random) -> None:
        of = chance.choice(self.loads[-20:]) if self.loads else None
        if of is None:
            return
        orders: list[ChangeOrder] = [
            PublishOrder(),
            RollbackOrder(chance.choice(self.loads).id),
            DeleteOrder(staged_only=chance.random() < 0.7),
            AccessOrder(is_public=chance.random() < 0.5),
        ]
        self.catalog.accept_change(change_of(of, chance.choice(orders)), self.key)

    def download(self, chance: random.Random) -> None:
        if self.loads:
            self.catalog.accept_download(download_of(chance.choice(self.loads)))

    def clean_up(self, chance: random.Random) -> None:
        self.catalog.forget_old(NOON + timedelta(days=chance.choice([1, 40])))

    def other_key(self, chance: random.Random) -> None:
        self.catalog.revoke_key(self.key.account_id, "other", NOON)
        self.catalog.set_master_key(self.key.account_id, chance.choice(NAMES), "master", NOON)

    def work(self, chance: random.Random) -> None:
        worker = new_id()
        job = self.catalog.claim(worker, 60)
        if job is None:
            return
        self.began(job)
        try:
            self.catalog.renew(job, worker, 60, NOTHING_DONE)
            self.end(job, worker, chance)
        except OvertakenByEvents:
            self.ended(job)
            self.catalog.abort(job, worker, "overtaken", ending_of())

    def end(self, job: Job, worker: str, chance: random.Random) -> None:
        self.ended(job)
        fate = chance.random()
        if fate < 0.15:
            self.catalog.abort(job, worker, "because", ending_of())
        elif fate < 0.25:
            self.catalog.release(job, worker)
        elif isinstance(job.order, LoadOrder):
            self.catalog.complete_load(job, worker, version_of(job), ending_of())
        elif job.kind is JobKind.DOWNLOAD:
            self.catalog.complete_download(job, worker, "output", ending_of())
        else:
            self.catalog.complete_change(job, worker, ending_of())

    def began(self, job: Job) -> None:
        """Check that of the queue of each data source one job runs at a time."""
        if job.kind is JobKind.DOWNLOAD:
            return
        with self.lock:
            assert job.data_source_id not in self.running, "two jobs change one data source at once"
            self.running[job.data_source_id] = job.id

    def ended(self, job: Job) -> None:
        with self.lock:
            if self.running.get(job.data_source_id) == job.id:
                del self.running[job.data_source_id]


def run_at_once(work: Callable[[random.Random], None], steps: int) -> None:
    """Do a piece of work on many threads, so many times on each."""

    def run(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(steps):
            work(chance)

    with ThreadPoolExecutor(THREADS) as threads:
        for running in [threads.submit(run, seed) for seed in range(THREADS)]:
            running.result()


def account_in(catalog: SqlCatalog) -> tuple[Account, Key]:
    account = account_of(limits=LIMITS)
    key = key_of(account)
    catalog.add_account(account, [key, key_of(account, "other")])
    return account, key


def test_whatever_many_do_at_once_data_sources_stay_whole(catalog: SqlCatalog) -> None:
    account, key = account_in(catalog)
    crowd = Crowd(catalog, key)
    run_at_once(crowd.step, STEPS)
    assert len(crowd.loads) > THREADS
    check_whole(catalog, account)
    while (job := catalog.claim("last", 60)) is not None:  # what still waits runs in the order of acceptance
        ends_somehow(catalog, job)
    check_whole(catalog, account)
    assert [job for job in catalog.list_jobs(account.id, NOON) if job.status is JobStatus.PENDING] == []


def ends_somehow(catalog: SqlCatalog, job: Job) -> None:
    try:
        if isinstance(job.order, LoadOrder):
            catalog.complete_load(job, "last", version_of(job), ending_of())
        elif job.kind is JobKind.DOWNLOAD:
            catalog.complete_download(job, "last", "output", ending_of())
        else:
            catalog.complete_change(job, "last", ending_of())
    except GeosteadError:
        catalog.abort(job, "last", "because", ending_of())


def check_whole(catalog: SqlCatalog, account: Account) -> None:
    """Check what holds between any two transactions."""
    usage = catalog.usage(account.id, NOON)
    assert usage.data_sources <= 3
    assert usage.jobs_in_process <= 5
    pending = [job for job in catalog.list_jobs(account.id, NOON) if job.status is JobStatus.PENDING]
    snapshots = catalog.used_snapshots()
    known = {found.data_source.id: found for found in catalog.list_every(account.id)}
    for found in known.values():
        assert len(found.previous) <= MAX_PREVIOUS_VERSIONS
        assert {version.snapshot_id for version in found.every} <= snapshots
        assert all(version.data_source_id == found.data_source.id for version in found.every)
        assert found.every or any(job.data_source_id == found.data_source.id for job in pending), "nothing is left"


def test_of_many_loads_at_once_no_more_are_accepted_than_the_limits_allow(catalog: SqlCatalog) -> None:
    account, key = account_in(catalog)
    accepted: list[Job] = []

    def accept(chance: random.Random) -> None:
        with suppress(AccountFull):
            accepted.append(catalog.accept_load(load_of(key, chance.choice(NAMES))))

    run_at_once(accept, 3)
    assert len(accepted) == LIMITS.jobs_in_process
    assert len({job.data_source_id for job in accepted}) == len({job.data_source_name for job in accepted}) <= 3
    assert catalog.usage(account.id, NOON).jobs_in_process == LIMITS.jobs_in_process


def test_jobs_of_a_data_source_run_in_the_order_in_which_they_were_acknowledged(catalog: SqlCatalog) -> None:
    account = account_of()
    key = key_of(account)
    catalog.add_account(account, [key])
    acknowledged: list[str] = []
    begun: list[str] = []
    lock = threading.Lock()

    def accept_and_run(chance: random.Random) -> None:
        if chance.random() < 0.5:
            with lock:  # so that there is an order to speak of
                acknowledged.append(catalog.accept_load(load_of(key)).id)
        elif (job := catalog.claim(worker := new_id(), 60)) is not None:
            begun.append(job.id)
            catalog.complete_load(job, worker, version_of(job), ending_of())

    run_at_once(accept_and_run, 15)
    assert begun == acknowledged[: len(begun)]


def test_a_job_is_claimed_once_however_many_want_it(catalog: SqlCatalog) -> None:
    account = account_of()
    key = key_of(account)
    catalog.add_account(account, [key])
    accepted = [catalog.accept_load(load_of(key, f"Shops{number}")).id for number in range(THREADS * 3)]
    claimed: list[str] = []

    def claim(chance: random.Random) -> None:
        job = catalog.claim(new_id(), 60)
        assert job is not None, "there is one for each"
        claimed.append(job.id)

    run_at_once(claim, 3)
    assert sorted(claimed) == sorted(accepted)


def test_of_many_accounts_of_one_name_one_is_made_and_the_others_are_told(catalog: SqlCatalog) -> None:
    outcomes: list[str] = []

    def add(chance: random.Random) -> None:
        try:
            catalog.add_account(account_of("one"), [])
        except InvalidParameter as error:
            outcomes.append(str(error))

    run_at_once(add, 1)
    assert len(outcomes) == THREADS - 1
    assert [account.name for account in catalog.list_accounts()] == ["one"]


def test_an_account_may_go_while_it_is_busy(catalog: SqlCatalog) -> None:
    account, key = account_in(catalog)
    crowd = Crowd(catalog, key)

    def step(chance: random.Random) -> None:
        if chance.random() < 0.02:
            with suppress(NotFound):
                catalog.delete_account(account.id)
        elif catalog.find_account(account.name) is not None:
            crowd.load(chance) if chance.random() < 0.5 else crowd.work(chance)

    def tolerant(chance: random.Random) -> None:
        with suppress(EXPECTED):
            step(chance)

    run_at_once(tolerant, STEPS // 2)
    if catalog.find_account(account.name) is not None:
        catalog.delete_account(account.id)
    assert catalog.used_snapshots() == set()
    assert catalog.used_blobs() == set()
