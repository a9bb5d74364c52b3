"""Accepting an upload: durable before it is acknowledged, nothing left behind when it is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NoReturn

import pytest

from geostead.blobs.base import BlobWriter
from geostead.catalog.base import NewLoad
from geostead.errors import AccountFull, InvalidParameter, NotAuthorized, Unavailable, UploadTooLarge
from geostead.model.access import digest_of
from geostead.model.job import InputFormat, LoadOperation
from geostead.model.limits import PROFILES
from geostead.operations.services import Services
from geostead.operations.start_load import LoadRequest, Upload, start_load
from tests.http.door import World

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
