"""A store that is killed while blobs are written, hangs, and comes back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from geostead.blobs.objects import ObjectBlobs
from geostead.errors import Unavailable
from geostead.objects.base import UnfitStore
from geostead.objects.cloud import CloudObjects
from tests.s3 import S3Server, running_s3

WAIT_S = 60.0


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    with running_s3(tmp_path / "s3") as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


class Writer(Thread):
    """Writes blobs until it is stopped, and remembers which ones the store has acknowledged."""

    def __init__(self, blobs: ObjectBlobs) -> None:
        super().__init__()
        self._blobs = blobs
        self.acknowledged: dict[str, bytes] = {}
        self.failed: list[Unavailable] = []
        self.wrote, self.was_refused, self.stopped = Event(), Event(), Event()

    def run(self) -> None:
        number = 0
        while not self.stopped.is_set():
            number += 1
            name, data = f"uploads/{number}", os.urandom(300_000)
            try:
                with self._blobs.create(name) as blob:
                    blob.write(data)
                    blob.commit()
            except Unavailable as error:
                self.failed.append(error)
                self.was_refused.set()
            else:
                self.acknowledged[name] = data
                self.wrote.set()


def test_no_blob_that_was_acknowledged_is_lost_when_the_store_is_killed(server: S3Server, tmp_path: Path) -> None:
    blobs = ObjectBlobs(CloudObjects(server.fresh_url()), tmp_path / "spool")
    writer = Writer(blobs)
    writer.start()
    try:
        assert writer.wrote.wait(WAIT_S)
        server.kill()
        assert writer.was_refused.wait(WAIT_S)
        with pytest.raises(Unavailable):
            blobs.check()
        server.start()
        writer.wrote.clear()
        assert writer.wrote.wait(WAIT_S)
    finally:
        writer.stopped.set()
        writer.join()
    assert not any(isinstance(error, UnfitStore) for error in writer.failed)
    for name, data in writer.acknowledged.items():
        with blobs.open(name) as file:
            assert file.read() == data


def test_a_store_that_hangs_is_unavailable_until_it_goes_on(server: S3Server, tmp_path: Path) -> None:
    blobs = ObjectBlobs(CloudObjects(server.fresh_url()), tmp_path / "spool")
    server.suspend()
    with pytest.raises(Unavailable, match="does not answer in time"):
        blobs.check()
    server.resume()
    blobs.check()
