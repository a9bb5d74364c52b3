"""Published, staged, previous and hidden against the obvious ones in a plain object, on every backend."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from geostead.catalog.sql_catalog import SqlCatalog
from geostead.errors import InvalidParameter, NotFound, OvertakenByEvents
from geostead.model.data_source import DataSourceVersions
from geostead.model.job import (
    AccessOrder,
    ChangeOrder,
    DeleteOrder,
    Job,
    LoadOperation,
    LoadOrder,
    PublishOrder,
    RollbackOrder,
)
from tests.builders import account_of, change_of, ending_of, key_of, load_of, version_of
from tests.conformance.conftest import NewDatabase
from tests.installations import Clock

Ids = tuple[str | None, str | None, list[str]]
"""The published version, the staged one, the previous ones."""


@dataclass
class Shops:
    """The data source as one would keep it by hand, and the jobs that wait."""

    published: str | None = None
    staged: str | None = None
    previous: list[str] = field(default_factory=list)
    is_public: bool = False
    ignores_public_of: set[str] = field(default_factory=set)
    queue: list[Job] = field(default_factory=list)

    def has_queued(self, order: DeleteOrder) -> bool:
        return any(job.order == order for job in self.queue)

    @property
    def ids(self) -> Ids:
        return self.published, self.staged, self.previous

    @property
    def shown(self) -> Ids | None:
        """What everyone but jobs sees."""
        if self.has_queued(DeleteOrder(staged_only=False)):
            return None
        return self.published, self.shown_staged, self.previous

    @property
    def shown_staged(self) -> str | None:
        return None if self.has_queued(DeleteOrder(staged_only=True)) else self.staged

    def publish(self, version_id: str) -> None:
        if version_id == self.published:
            return
        self.previous = [v for v in (self.published, *self.previous) if v not in (None, version_id)][:3]
        self.published = version_id
        if self.staged == version_id:
            self.staged = None

    def may_be_ordered(self, order: ChangeOrder) -> bool:
        match order:
            case PublishOrder() | DeleteOrder(staged_only=True):
                return self.shown_staged is not None
            case RollbackOrder(version_id=version_id):
                return version_id in (self.published, self.shown_staged, *self.previous)
            case _:
                return True

    def will_have_base(self, operation: LoadOperation) -> bool:
        """Tell by playing the queue to its end on a copy, as if all of it worked out."""
        later = Shops(self.published, self.staged, list(self.previous))
        for job in self.queue:
            later.run(job)
        return later.published is not None or (operation.is_staging and later.staged is not None)

    def run(self, job: Job) -> bool:
        """Do what a job does to the versions; False if it cannot."""
        match job.order:
            case LoadOrder(operation=operation) if operation.is_staging:
                self.staged = job.id
            case LoadOrder():
                self.publish(job.id)
            case PublishOrder():
                if self.staged is None:
                    return False
                self.publish(self.staged)
            case RollbackOrder(version_id=version_id):
                if version_id not in (self.published, self.staged, *self.previous):
                    return False
                self.publish(version_id)
            case DeleteOrder(staged_only=True):
                self.staged = None
        return True


class Histories(RuleBasedStateMachine):
    """Order anything at any time, run the jobs at any time: the catalog shows what the plain object shows."""

    def __init__(self, new_database: NewDatabase) -> None:
        super().__init__()
        self.catalog = SqlCatalog(new_database(), now=Clock())
        self.catalog.migrate()
        account = account_of()
        self.key = key_of(account)
        self.catalog.add_account(account, [self.key])
        self.shops: Shops | None = None
        self.some_job: Job | None = None
        """Any job of the data source, for what it says about that."""
        self.version_ids: list[str] = []

    def teardown(self) -> None:
        self.catalog.close()

    @initialize(count=st.integers(0, 5))
    def begin_with_versions(self, count: int) -> None:
        for _ in range(count):
            self.load(LoadOperation.COMPLETE, None, at_once=True)

    @rule(
        operation=st.sampled_from(LoadOperation),
        set_public=st.sampled_from([None, False, True]),
        at_once=st.booleans(),
    )
    def load(self, operation: LoadOperation, set_public: bool | None, at_once: bool) -> None:
        load = load_of(self.key, operation=operation, set_public=set_public)
        shops = self.shops or Shops()
        if shops.shown is None or (operation.is_incremental and not shops.will_have_base(operation)):
            with pytest.raises(InvalidParameter):
                self.catalog.check_load(load)
            with pytest.raises(InvalidParameter):
                self.catalog.accept_load(load)
            return
        self.catalog.check_load(load)
        self.some_job = self.catalog.accept_load(load)
        self.version_ids.append(load.job_id)
        shops.queue.append(self.some_job)
        self.shops = shops
        if at_once:
            self.run_all()

    @precondition(lambda self: self.some_job)
    @rule(data=st.data(), at_once=st.booleans())
    def change(self, data: st.DataObject, at_once: bool) -> None:
        rollbacks = [RollbackOrder(version_id) for version_id in self.version_ids[-6:]]
        others = [PublishOrder(), PublishOrder(), DeleteOrder(staged_only=True), DeleteOrder(staged_only=False)]
        if self.accept(data.draw(st.sampled_from([*others, *rollbacks]))) and at_once:
            self.run_all()

    @precondition(lambda self: self.some_job)
    @rule(is_public=st.booleans())
    def set_public(self, is_public: bool) -> None:
        if self.accept(AccessOrder(is_public)):
            assert self.shops is not None
            self.shops.is_public = is_public
            self.shops.ignores_public_of = {job.id for job in self.shops.queue}

    def accept(self, order: ChangeOrder) -> bool:
        assert self.some_job is not None
        change = change_of(self.some_job, order)
        if self.shops is None or self.shops.shown is None or not self.shops.may_be_ordered(order):
            with pytest.raises(NotFound):
                self.catalog.accept_change(change, self.key)
            return False
        accepted = self.catalog.accept_change(change, self.key)
        if not isinstance(order, AccessOrder):
            self.shops.queue.append(accepted)
        return True

    @precondition(lambda self: self.shops and self.shops.queue)
    @rule(works=st.sampled_from([True, True, True, False]))
    def run_next(self, works: bool) -> None:
        assert self.shops is not None
        job = self.catalog.claim("worker", 60)
        expected = self.shops.queue[0]
        assert job is not None
        assert job.id == expected.id
        if works and self.shops.run(job):
            self.complete(job)
        else:
            if works:
                with pytest.raises(OvertakenByEvents):
                    self.complete(job)
            self.catalog.abort(job, "worker", "because", ending_of())
            works = False
        self.shops.queue.pop(0)
        self.settle(job, works)

    def run_all(self) -> None:
        while self.shops is not None and self.shops.queue:
            self.run_next(works=True)

    def complete(self, job: Job) -> None:
        if isinstance(job.order, LoadOrder):
            self.catalog.complete_load(job, "worker", version_of(job), ending_of())
        else:
            self.catalog.complete_change(job, "worker", ending_of())

    def settle(self, job: Job, worked: bool) -> None:
        """Note what the end of a job does beside moving versions."""
        shops = self.shops
        assert shops is not None
        wish = job.order.set_public if isinstance(job.order, LoadOrder) else None
        if worked and wish is not None and job.id not in shops.ignores_public_of:
            shops.is_public = wish
        is_deleted = worked and job.order == DeleteOrder(staged_only=False)
        if is_deleted or (shops.ids == (None, None, []) and not shops.queue):
            self.shops = None

    @invariant()
    def everyone_sees_what_the_plain_object_shows(self) -> None:
        found = self.catalog.find_by_name(self.key.account_id, "Shops")
        expected = None if self.shops is None else self.shops.shown
        assert (None if found is None else ids_of(found)) == expected
        if found is not None and self.shops is not None:
            assert found.data_source.is_public == self.shops.is_public

    @precondition(lambda self: self.some_job)
    @invariant()
    def queries_see_the_same(self) -> None:
        assert self.some_job is not None
        target = self.catalog.query_target(self.some_job.access_id, "Shops", self.key.digest).versions
        shown = None if self.shops is None else self.shops.shown
        assert (None if target is None else ids_of(target)) == (None if shown is None else (*shown[:2], []))

    @precondition(lambda self: self.some_job)
    @invariant()
    def jobs_see_what_is_there_and_only_its_snapshots_are_used(self) -> None:
        assert self.some_job is not None
        found = self.catalog.versions_of(self.some_job.data_source_id)
        assert (None if found is None else ids_of(found)) == (None if self.shops is None else self.shops.ids)
        needed = {file.name for file in self.catalog.needed_files().snapshots}
        assert needed == (set() if found is None else {version.snapshot_id for version in found.every})


def ids_of(found: DataSourceVersions) -> Ids:
    published, staged = (None if version is None else version.job_id for version in (found.published, found.staged))
    return published, staged, [version.job_id for version in found.previous]


def test_versions_move_as_one_would_move_them_by_hand(new_database: NewDatabase, examples: int) -> None:
    run_state_machine_as_test(
        lambda: Histories(new_database), settings=settings(max_examples=examples, stateful_step_count=30, deadline=None)
    )
