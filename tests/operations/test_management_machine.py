"""Load, stage, publish, roll back, delete and set public, in any order and with jobs that wait: always as the model."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from geostead.errors import GeosteadError, InvalidParameter, NotAuthorized, NotFound
from geostead.jobs.worker import Worker
from geostead.model.access import Account, Key, digest_of
from geostead.model.data_source import DataSourceVersions, Version
from geostead.model.ids import new_id
from geostead.model.job import InputFormat, Job, JobStatus, LoadOperation
from geostead.model.limits import PROFILES
from geostead.operations.cancel_job import cancel_job
from geostead.operations.delete_data_source import delete_data_source
from geostead.operations.describe_data_source import describe_data_source
from geostead.operations.expire import expire
from geostead.operations.list_data_sources import list_data_sources
from geostead.operations.list_jobs import list_jobs
from geostead.operations.list_public_data_sources import list_public_data_sources
from geostead.operations.open_version import EntitySetAddress, open_version
from geostead.operations.publish_staged import publish_staged
from geostead.operations.roll_back import roll_back
from geostead.operations.set_public import set_public
from geostead.operations.start_load import LoadRequest, Upload, start_load
from tests.installations import Installation, new_installation
from tests.management_model import Delete, Load, Model, Publish, Rollback, Rows, Source
from tests.postgres import Postgres

RUNS = int(os.environ.get("GEOSTEAD_TEST_RUNS", "20"))
"""How many random histories are played; ``make soak`` asks for 1,000."""

HEADER = (
    "Bing Spatial Data Services, 1.0, Place\n"
    "EntityID(Edm.String,primaryKey)|Name(Edm.String)|Latitude(Edm.Double)|Longitude(Edm.Double)|"
    "__deleteEntity(Edm.Boolean)\n"
)
MASTER, FOREIGN = "the key", "a foreign key"

names = st.sampled_from(("Cafes", "Parks"))
rows = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(("x", "y", "z", None))), max_size=6)


def upload_of(some: Rows) -> bytes:
    lines = [f"{id_}|{name or ''}|1|2|{'' if name else 'true'}\n" for id_, name in some]
    return (HEADER + "".join(lines)).encode()


class ManagementMachine(RuleBasedStateMachine):
    """Does the same to the service and to the model; they agree after every step."""

    version_ids = Bundle("version_ids")
    new_database: Callable[[], str | None] = staticmethod(lambda: None)
    """Makes the database of each history; None: a file of SQLite."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="geostead-machine-"))
        self.installation: Installation = new_installation(self.folder, database_url=self.new_database())
        self.services = self.installation.services
        self.key = self.installation.key
        account = Account(new_id(), "strangers", PROFILES["self-hosted"], self.services.now())
        foreign = Key(new_id(), account.id, "master", digest_of(FOREIGN), self.services.now())
        self.services.catalog.add_account(account, [foreign])
        self.worker = Worker(self.services, "worker")
        self.model = Model()
        self.access_ids: dict[str, str] = {}

    def teardown(self) -> None:
        self.services.catalog.close()
        shutil.rmtree(self.folder)

    @rule(
        target=version_ids,
        name=names,
        operation=st.sampled_from(LoadOperation),
        some=rows,
        is_public=st.sampled_from((None, False, True)),
    )
    def load(self, name: str, operation: LoadOperation, some: Rows, is_public: bool | None) -> object:
        if operation.is_staging and is_public:
            is_public = None
        request = LoadRequest(name, operation=operation, input=InputFormat.PIPE, set_public=is_public)
        try:
            job = start_load(self.services, self.key, request, Upload([upload_of(some)]))
        except InvalidParameter:
            assert self._load_may_be_refused(name, operation)
            return multiple()
        assert not self._load_must_be_refused(name, operation)
        self.access_ids[name] = job.access_id
        takes_effect = None if operation.is_staging else is_public
        self.model.accept(name, Load(job.id, operation, some, takes_effect))
        return job.id

    @rule(name=names)
    def publish(self, name: str) -> None:
        source = self.model.find(name)
        if source is None or source.visible_staged is None:
            self._is_not_found(lambda: publish_staged(self.services, self.key, *self._address(name)))
        else:
            job = publish_staged(self.services, self.key, *self._address(name))
            self.model.accept(name, Publish(job.id))

    @rule(name=names, version_id=version_ids)
    def roll_back(self, name: str, version_id: str) -> None:
        source = self.model.find(name)
        if source is None or version_id not in source.visible_versions():
            self._is_not_found(lambda: roll_back(self.services, self.key, version_id, name))
        else:
            job = roll_back(self.services, self.key, version_id, name)
            self.model.accept(name, Rollback(job.id, version_id))

    @rule(name=names, staged_only=st.booleans())
    def delete(self, name: str, staged_only: bool) -> None:
        source = self.model.find(name)
        address = self._address(name)
        if source is None or (staged_only and source.visible_staged is None):
            self._is_not_found(lambda: delete_data_source(self.services, self.key, *address, staged_only=staged_only))
        else:
            job = delete_data_source(self.services, self.key, *address, staged_only=staged_only)
            self.model.accept(name, Delete(job.id, staged_only))

    @rule(name=names, is_public=st.booleans())
    def set_public(self, name: str, is_public: bool) -> None:
        source = self.model.find(name)
        if source is None:
            self._is_not_found(lambda: set_public(self.services, self.key, *self._address(name), is_public=is_public))
        else:
            job = set_public(self.services, self.key, *self._address(name), is_public=is_public)
            self.model.set_public(name, job.id, is_public=is_public)

    @precondition(lambda self: any(source.queue for source in self.model.sources.values()))
    @rule(data=st.data())
    def work(self, data: st.DataObject) -> None:
        for _ in range(data.draw(st.integers(1, 4))):
            before = self._pending()
            assert self.worker.run_next() == bool(before)
            for job_id in before - self._pending():
                (name,) = [n for n, s in self.model.sources.items() if s.queue and s.queue[0].job_id == job_id]
                self.model.run(name)

    @precondition(lambda self: any(source.queue for source in self.model.sources.values()))
    @rule(data=st.data(), is_running=st.booleans())
    def cancel(self, data: st.DataObject, is_running: bool) -> None:
        name = data.draw(st.sampled_from(sorted(name for name, source in self.model.sources.items() if source.queue)))
        job_id = data.draw(st.sampled_from(self.model.sources[name].queue)).job_id
        running = self.services.catalog.claim("another worker", 60) if is_running else None
        cancelled = cancel_job(self.services, self.installation.job(job_id))
        assert (cancelled.status, cancelled.error_message) == (JobStatus.ABORTED, "cancelled")
        self.model.cancel(name, job_id)
        if running is not None and running.id != job_id:
            self.services.catalog.release(running, "another worker")

    @rule()
    def tidy_up(self) -> None:
        expire(self.services)

    @invariant()
    def every_job_is_where_the_model_has_it(self) -> None:
        assert {job.id: job.status for job in self._jobs()} == self.model.statuses

    @invariant()
    def every_version_is_where_the_model_has_it(self) -> None:
        for name in ("Cafes", "Parks"):
            source = self.model.find(name)
            describe = partial(describe_data_source, self.services, self.key, *self._address(name))
            if source is None or not source.visible_versions():
                self._is_not_found(describe)
            else:
                self._has(describe(), source)

    @invariant()
    def the_lists_are_those_of_the_model(self) -> None:
        listed = [found.data_source.name for found in list_data_sources(self.services, self.key)]
        assert listed == [name for name, source in self.model.visible() if source.visible_versions()]
        public = [found.data_source.name for found in list_public_data_sources(self.services)]
        assert public == [name for name, source in self.model.visible() if source.is_public and source.published]

    @invariant()
    def queries_see_what_the_model_has(self) -> None:
        for name in self.access_ids:
            source = self.model.find(name)
            self._query_finds(name, source and source.published, source, staged=False)
            self._query_finds(name, source and source.visible_staged, source, staged=True)
            self._foreign_key_queries(name, source)

    def _has(self, found: DataSourceVersions, source: Source) -> None:
        def ids(*versions: Version | None) -> list[str | None]:
            return [version and version.job_id for version in versions]

        assert ids(found.published, found.staged) == [source.published, source.visible_staged]
        assert ids(*found.previous) == source.previous
        assert found.data_source.is_public == source.is_public
        for version in found.every:
            assert version.entity_count == len(source.contents[version.job_id])
            assert self._entities(version) == source.contents[version.job_id]

    def _query_finds(self, name: str, version_id: str | None, source: Source | None, *, staged: bool) -> None:
        address = EntitySetAddress(*self._address(name), "place", staged)
        if source is None or version_id is None:
            self._is_not_found(lambda: open_version(self.services, MASTER, address))
        else:
            assert open_version(self.services, MASTER, address).version.job_id == version_id

    def _foreign_key_queries(self, name: str, source: Source | None) -> None:
        if source is None:
            return
        for staged in (False, True):
            address = EntitySetAddress(*self._address(name), "Place", staged)
            may = source.is_public and not staged
            try:
                open_version(self.services, FOREIGN, address)
            except NotAuthorized:
                assert not may
            except NotFound:
                assert (may, source.published) == (True, None)
            else:
                assert may
                assert source.published is not None

    def _load_must_be_refused(self, name: str, operation: LoadOperation) -> bool:
        """A base that is there is enough, and nothing at all is not; what jobs ahead will make is not decided here."""
        source = self.model.sources.get(name)
        if source is not None and source.is_deleted:
            return True
        return operation.is_incremental and (source is None or (not source.contents and not source.queue))

    def _load_may_be_refused(self, name: str, operation: LoadOperation) -> bool:
        source = self.model.sources.get(name)
        if source is not None and source.is_deleted:
            return True
        base = source and source.base_of(operation, source.visible_staged)
        return operation.is_incremental and base is None

    def _entities(self, version: Version) -> dict[str, str]:
        snapshot = self.services.snapshots.open(version.snapshot_id)
        return {
            id_: name
            for batch in snapshot.batches()
            for id_, name in zip(batch["EntityID"].to_pylist(), batch["Name"].to_pylist(), strict=True)
        }

    def _jobs(self) -> list[Job]:
        return list_jobs(self.services, self.key)

    def _pending(self) -> set[str]:
        return {job.id for job in self._jobs() if job.completed_at is None}

    def _address(self, name: str) -> tuple[str, str]:
        return self.access_ids.get(name, "0" * 32), name

    @staticmethod
    def _is_not_found(action: Callable[[], object]) -> None:
        try:
            action()
        except GeosteadError as error:
            assert isinstance(error, NotFound), repr(error)  # noqa: PT017  # what else it is matters too
        else:
            raise AssertionError("expected NotFound")


TestManagementMachine = ManagementMachine.TestCase
TestManagementMachine.settings = settings(
    max_examples=RUNS,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def test_the_same_holds_on_postgresql(postgres: Postgres) -> None:
    class OnPostgresql(ManagementMachine):
        new_database = staticmethod(postgres.new_database)

    run_state_machine_as_test(
        OnPostgresql, settings=settings(TestManagementMachine.settings, max_examples=max(3, RUNS // 20))
    )
