"""Accepting an upload: durable before it is acknowledged, nothing left behind when it is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NoReturn

import pytest

from geostead.blobs.base import BlobWriter
from geostead.catalog.base import NewLoad
from geostead.errors import AccountFull, InvalidParameter, NotAuthorized, Unavailable, UploadTooLarge
from geostead.model.access import digest_of
from geostead.model.ids import new_id
from geostead.model.job import InputFormat, Job, LoadOperation, LoadOrder
from geostead.model.limits import PROFILES
from geostead.operations.delete_data_source import delete_data_source
from geostead.operations.services import Services
from geostead.operations.start_load import LoadRequest, Upload, start_load
from tests.http.door import World
from tests.installations import FilesElsewhere, Installation
from tests.uploads import pipe_upload

REQUEST = LoadRequest("Places", LoadOperation.COMPLETE, InputFormat.CSV)


@pytest.fixture
def world(services: Services) -> World:
    made = World(services)
    made.account("owners", "master", "third", limits=replace(PROFILES["self-hosted"], upload_bytes=10, data_sources=1))
    made.account("strangers", "stranger")
    return made


class Recorder:
    """Notes in which order store and catalog were used, and hands everything on to them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.steps: list[str] = []

    @contextmanager
    def create(self, name: str) -> Iterator[BlobWriter]:
        with self._services.blobs.create(name) as blob:
            yield self._noting(blob)
            self.steps.append("leave")

    def _noting(self, blob: BlobWriter) -> BlobWriter:
        steps = self.steps

        class Noting:
            size_bytes = property(lambda _self: blob.size_bytes)

            def write(self, data: bytes) -> int:
                return blob.write(data)

            def commit(self) -> None:
                blob.commit()
                steps.append("blob durable")

        return Noting()

    def accept_load(self, load: NewLoad) -> Any:
        self.steps.append("accept")
        return self._services.catalog.accept_load(load)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._services.catalog, name)


def never_read() -> Iterator[bytes]:
    pytest.fail("the upload was read")
    yield b""


def test_the_upload_is_durable_before_the_job_is_recorded_and_in_use_until_it_is(
    services: Services, world: World
) -> None:
    recorder = Recorder(services)
    recorded = replace(services, blobs=recorder, catalog=recorder)  # type: ignore[arg-type]
    job = start_load(recorded, world.key("master"), REQUEST, Upload([b"a", b"b"]))
    assert recorder.steps == ["blob durable", "accept", "leave"]
    assert services.catalog.get_job(job.id) == job
    with services.blobs.open(f"uploads/{job.id}") as upload:
        assert upload.read() == b"ab"


@pytest.mark.parametrize(
    ("chunks", "error"),
    [([], InvalidParameter), ([b""], InvalidParameter), ([b"12345", b"678901"], UploadTooLarge)],
)
def test_an_empty_or_too_large_upload_leaves_nothing(
    services: Services, world: World, chunks: list[bytes], error: type[Exception]
) -> None:
    with pytest.raises(error):
        start_load(services, world.key("master"), REQUEST, Upload(chunks))
    assert list(services.blobs.unused()) == []
    assert services.catalog.claim("worker", 1) is None


def test_what_is_announced_as_too_large_is_not_read(services: Services, world: World) -> None:
    with pytest.raises(UploadTooLarge):
        start_load(services, world.key("master"), REQUEST, Upload(never_read(), announced_bytes=11))


def test_a_key_without_the_right_is_refused_before_the_upload_is_read(services: Services, world: World) -> None:
    world.publish("master")
    with pytest.raises(NotAuthorized):
        start_load(services, world.key("third"), REQUEST, Upload(never_read()))


@pytest.mark.parametrize("value", ["master", "stranger", "nobody"])
def test_a_query_key_is_another_key_of_the_account(services: Services, world: World, value: str) -> None:
    with pytest.raises(InvalidParameter, match="another key of the account") as caught:
        start_load(services, world.key("master"), replace(REQUEST, query_key=value), Upload(never_read()))
    assert value not in str(caught.value)


def test_a_revoked_key_is_no_query_key(services: Services, world: World) -> None:
    key = world.key("third")
    services.catalog.revoke_key(key.account_id, key.name, services.now())
    with pytest.raises(InvalidParameter, match="queryKey"):
        start_load(services, world.key("master"), replace(REQUEST, query_key="third"), Upload(never_read()))


def test_an_account_that_is_full_is_refused_before_the_upload_is_read(services: Services, world: World) -> None:
    world.publish("master")
    with pytest.raises(AccountFull):
        start_load(services, world.key("master"), replace(REQUEST, data_source_name="Second"), Upload(never_read()))


def test_a_description_has_at_most_2560_characters(services: Services, world: World) -> None:
    request = replace(REQUEST, description="ä" * 2561)
    with pytest.raises(InvalidParameter, match=r"description: .* expected at most 2,560 characters"):
        start_load(services, world.key("master"), request, Upload(never_read()))
    job = start_load(services, world.key("master"), replace(REQUEST, description="ä" * 2560), Upload([b"a"]))
    assert job.description == "ä" * 2560


def test_a_load_that_the_catalog_refuses_takes_its_upload_with_it(services: Services, world: World) -> None:
    def others_are_quicker() -> Iterator[bytes]:
        world.publish("master")
        yield b"a"

    with pytest.raises(AccountFull):
        start_load(
            services, world.key("master"), replace(REQUEST, data_source_name="Second"), Upload(others_are_quicker())
        )
    assert set(services.blobs.unused()) <= services.catalog.used_blobs()


def test_an_upload_stays_where_nobody_knows_whether_its_job_was_recorded(services: Services, world: World) -> None:
    class Uncertain(Recorder):
        def accept_load(self, load: NewLoad) -> NoReturn:
            raise Unavailable("The answer got lost.")

    uncertain = replace(services, catalog=Uncertain(services))  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        start_load(uncertain, world.key("master"), REQUEST, Upload([b"a"]))
    assert len(list(services.blobs.unused())) == 1


def test_white_space_around_a_query_key_does_not_count(services: Services, world: World) -> None:
    job = start_load(services, world.key("master"), replace(REQUEST, query_key=" third "), Upload([b"a"]))
    assert job.order.query_key_id == world.key("third").id  # type: ignore[union-attr]
    assert world.key("third").digest == digest_of("third")


def never_asked() -> Upload:
    """Return an upload that must not be read."""
    return Upload(never_read())


class TestWhichDataSource:
    """Named by its name, by its access id, or by both."""

    @pytest.fixture
    def places(self, installation: Installation) -> Job:
        return installation.load("Places", pipe_upload(1))

    def request(self, name: str | None, access_id: str | None, operation: LoadOperation) -> LoadRequest:
        return LoadRequest(name, operation, InputFormat.PIPE, access_id=access_id)

    @pytest.mark.parametrize("operation", [LoadOperation.INCREMENTAL, LoadOperation.INCREMENTAL_STAGING])
    def test_an_incremental_load_may_name_it_by_its_access_id_alone(
        self, installation: Installation, places: Job, operation: LoadOperation
    ) -> None:
        request = self.request(None, places.access_id.upper(), operation)
        job = start_load(installation.services, installation.key, request, Upload([b"a"]))
        assert (job.data_source_id, job.data_source_name) == (places.data_source_id, "Places")

    @pytest.mark.parametrize("operation", LoadOperation)
    def test_its_access_id_may_stand_beside_its_name(
        self, installation: Installation, places: Job, operation: LoadOperation
    ) -> None:
        request = self.request("places", places.access_id.upper(), operation)
        job = start_load(installation.services, installation.key, request, Upload([b"a"]))
        assert job.data_source_id == places.data_source_id

    @pytest.mark.parametrize("operation", [LoadOperation.COMPLETE, LoadOperation.INCREMENTAL])
    def test_an_access_id_of_another_data_source_is_refused_beside_a_name(
        self, installation: Installation, places: Job, operation: LoadOperation
    ) -> None:
        parks = installation.load("Parks", pipe_upload(1))
        for access_id in (parks.access_id, new_id()):
            request = self.request("Places", access_id, operation)
            with pytest.raises(InvalidParameter, match=r"accessId: .* the access id of the data source Places"):
                start_load(installation.services, installation.key, request, never_asked())

    def test_a_new_data_source_has_no_access_id_yet(self, installation: Installation) -> None:
        request = self.request("Places", new_id(), LoadOperation.COMPLETE)
        with pytest.raises(InvalidParameter, match="accessId"):
            start_load(installation.services, installation.key, request, never_asked())

    @pytest.mark.parametrize("operation", [LoadOperation.COMPLETE, LoadOperation.COMPLETE_STAGING])
    def test_a_complete_load_needs_the_name(
        self, installation: Installation, places: Job, operation: LoadOperation
    ) -> None:
        request = self.request(None, places.access_id, operation)
        with pytest.raises(InvalidParameter, match=r"dataSourceName: .* only an incremental load"):
            start_load(installation.services, installation.key, request, never_asked())

    @pytest.mark.parametrize("operation", LoadOperation)
    def test_neither_name_nor_access_id_is_refused(self, installation: Installation, operation: LoadOperation) -> None:
        with pytest.raises(InvalidParameter, match="dataSourceName"):
            start_load(installation.services, installation.key, self.request(None, None, operation), never_asked())

    def test_an_unknown_access_id_is_refused(self, installation: Installation, places: Job) -> None:
        request = self.request(None, new_id(), LoadOperation.INCREMENTAL)
        with pytest.raises(InvalidParameter, match=r"accessId: .* the access id of a data source"):
            start_load(installation.services, installation.key, request, never_asked())

    def test_a_key_of_another_account_is_refused_and_not_told_the_name(
        self, installation: Installation, places: Job
    ) -> None:
        stranger = installation.add_key("stranger", account_name="strangers")
        request = self.request(None, places.access_id, LoadOperation.INCREMENTAL)
        with pytest.raises(NotAuthorized) as caught:
            start_load(installation.services, stranger, request, never_asked())
        assert "Places" not in str(caught.value)

    def test_a_key_that_is_not_the_master_key_is_refused(self, installation: Installation, places: Job) -> None:
        request = self.request(None, places.access_id, LoadOperation.INCREMENTAL)
        with pytest.raises(NotAuthorized):
            start_load(installation.services, installation.add_key("colleague"), request, never_asked())

    @pytest.mark.parametrize("name", ["Places", None])
    def test_one_that_is_being_deleted_is_refused(
        self, installation: Installation, places: Job, name: str | None
    ) -> None:
        delete_data_source(installation.services, installation.key, places.access_id, "Places", staged_only=False)
        request = self.request(name, places.access_id, LoadOperation.INCREMENTAL)
        with pytest.raises(InvalidParameter):
            start_load(installation.services, installation.key, request, never_asked())

    @pytest.mark.parametrize("operation", [LoadOperation.INCREMENTAL, LoadOperation.INCREMENTAL_STAGING])
    def test_an_incremental_load_of_one_that_does_not_exist_is_refused_unread(
        self, installation: Installation, operation: LoadOperation
    ) -> None:
        with pytest.raises(InvalidParameter, match="loadOperation"):
            start_load(installation.services, installation.key, self.request("Places", None, operation), never_asked())

    def test_a_load_ahead_that_will_make_a_version_is_enough(self, installation: Installation) -> None:
        installation.accept_load("Places", pipe_upload(1))
        request = self.request("Places", None, LoadOperation.INCREMENTAL)
        start_load(installation.services, installation.key, request, Upload([b"a"]))


class TestALocation:
    """The upload may be elsewhere, and then is fetched by the job."""

    URL = "https://files.example/places.txt?sig=s3cret"

    @pytest.fixture
    def services(self, installation: Installation) -> Services:
        return replace(installation.services, remote=FilesElsewhere({self.URL: [b"data"]}))

    def request(self, location: str | None = URL) -> LoadRequest:
        return LoadRequest("Places", LoadOperation.COMPLETE, InputFormat.PIPE, location=location)

    def test_it_is_recorded_and_nothing_is_fetched(self, services: Services, installation: Installation) -> None:
        job = start_load(services, installation.key, self.request(), Upload([b""], announced_bytes=0))
        assert isinstance(job.order, LoadOrder)
        assert (job.order.location, job.fetched_bytes) == (self.URL, None)
        assert list(services.blobs.unused()) == []

    @pytest.mark.parametrize(
        ("chunks", "announced_bytes"), [([b"", b"a", b"b"], None), ([b"a"], 1), (never_read(), 10**12)]
    )
    def test_together_with_a_body_it_is_refused(
        self, services: Services, installation: Installation, chunks: Iterable[bytes], announced_bytes: int | None
    ) -> None:
        with pytest.raises(InvalidParameter, match="dataLocation") as caught:
            start_load(services, installation.key, self.request(), Upload(chunks, announced_bytes))
        assert "s3cret" not in str(caught.value)
        assert services.catalog.claim("worker", 1) is None

    def test_without_either_there_is_nothing_to_load(self, services: Services, installation: Installation) -> None:
        with pytest.raises(InvalidParameter, match=r"body: .* or its URL as dataLocation"):
            start_load(services, installation.key, self.request(None), Upload([]))

    def test_one_that_is_not_allowed_is_refused_before_anything_is_recorded(
        self, services: Services, installation: Installation
    ) -> None:
        with pytest.raises(InvalidParameter, match="dataLocation"):
            start_load(services, installation.key, self.request("https://intranet.example/"), never_asked())
        assert services.catalog.claim("worker", 1) is None

    def test_it_stands_in_no_log_by_chance(self) -> None:
        request = replace(self.request(), query_key="a key")
        assert "s3cret" not in repr(request)
        assert "a key" not in repr(request)


@pytest.mark.parametrize("operation", [LoadOperation.COMPLETE_STAGING, LoadOperation.INCREMENTAL_STAGING])
def test_what_is_staged_cannot_be_made_public(services: Services, world: World, operation: LoadOperation) -> None:
    request = replace(REQUEST, operation=operation, set_public=True)
    with pytest.raises(InvalidParameter, match="setPublic"):
        start_load(services, world.key("master"), request, never_asked())


def test_a_staging_load_may_say_private_and_leaves_what_is_published_as_it_is(services: Services, world: World) -> None:
    request = replace(REQUEST, operation=LoadOperation.COMPLETE_STAGING, set_public=False)
    assert start_load(services, world.key("master"), request, Upload([b"a"])).order.set_public is None  # type: ignore[union-attr]


def test_whether_a_load_is_strict_is_part_of_its_order(services: Services, world: World) -> None:
    job = start_load(services, world.key("master"), replace(REQUEST, strict=True), Upload([b"a"]))
    assert isinstance(job.order, LoadOrder)
    assert job.order.strict
