"""Cancelling a job: it ends, and nothing of it stays, whether it waits or runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from geostead.errors import InvalidParameter
from geostead.model.job import JobStatus, LoadOperation
from geostead.operations.cancel_job import cancel_job
from geostead.operations.delete_data_source import delete_data_source
from geostead.operations.expire import expire
from geostead.operations.start_download import start_download
from tests.installations import FilesElsewhere, Installation
from tests.uploads import pipe_upload

URL = "https://files.example.com/places.txt"


class Pieces(list[bytes | Exception]):
    """Pieces of a file elsewhere; before the last one something happens."""

    happens: Callable[[], object] = staticmethod(lambda: None)

    def __iter__(self) -> Iterator[bytes | Exception]:
        *first, last = super().__iter__()
        yield from first
        self.happens()
        yield last


def test_a_load_that_waits_leaves_nothing_behind(installation: Installation) -> None:
    job = installation.accept_load("Places", pipe_upload(3))

    cancelled = cancel_job(installation.services, job)

    assert (cancelled.status, cancelled.error_message) == (JobStatus.ABORTED, "cancelled")
    assert set(installation.services.blobs.unused()) == set()
    installation.run_all()
    assert installation.job(job.id) == cancelled


def test_a_load_that_runs_changes_nothing_any_more_and_leaves_nothing_behind(installation: Installation) -> None:
    before = installation.load("Places", pipe_upload(1))
    pieces = Pieces([pipe_upload(500)[:100], pipe_upload(500)[100:]])
    installation.services = replace(installation.services, remote=FilesElsewhere({URL: pieces}))
    job = installation.accept_load("Places", b"", location=URL)
    pieces.happens = lambda: cancel_job(installation.services, job)

    installation.run_all()

    cancelled = installation.job(job.id)
    assert (cancelled.status, cancelled.error_message, cancelled.attempt) == (JobStatus.ABORTED, "cancelled", 1)
    assert installation.entity_ids(before) == ["P0000000"]
    assert installation.left_behind() == set()


def test_a_load_that_waits_behind_it_is_checked_again_when_it_runs(installation: Installation) -> None:
    base = installation.accept_load("Places", pipe_upload(1))
    change = installation.accept_load("Places", pipe_upload(2), LoadOperation.INCREMENTAL)

    cancel_job(installation.services, base)
    installation.run_all()

    assert "no published version" in (installation.job(change.id).error_message or "")
    assert installation.services.catalog.find_by_name(installation.key.account_id, "Places") is None
    assert installation.left_behind() == set()


def test_a_data_source_whose_deletion_is_cancelled_is_there_again(installation: Installation) -> None:
    load = installation.load("Places", pipe_upload(1))
    where = (load.access_id, "Places")
    deletion = delete_data_source(installation.services, installation.key, *where, staged_only=False)

    cancel_job(installation.services, deletion)
    installation.run_all()

    assert installation.entity_ids(load) == ["P0000000"]


def test_the_files_that_only_a_download_kept_go_with_it(installation: Installation) -> None:
    load = installation.load("Places", pipe_upload(1), LoadOperation.COMPLETE_STAGING)
    where = (load.access_id, "Places")
    download = start_download(installation.services, installation.key, *where, load.id)
    later = installation.accept_load("Places", pipe_upload(2), LoadOperation.COMPLETE_STAGING)
    running = installation.services.catalog.claim("downloader", 60)
    assert running is not None
    assert running.id == download.id
    installation.run_all()
    installation.services.catalog.release(running, "downloader")
    assert len(set(installation.services.snapshots.ids())) == 2

    cancel_job(installation.services, installation.job(download.id))

    expire(installation.services)
    assert installation.job(later.id).status is JobStatus.COMPLETED
    assert set(installation.services.snapshots.ids()) == {f"{later.id}-1"}


def test_what_has_ended_cannot_be_cancelled(installation: Installation) -> None:
    job = installation.load("Places", pipe_upload(1))
    with pytest.raises(InvalidParameter, match="pending job; this one is Completed"):
        cancel_job(installation.services, job)
    assert installation.entity_ids(job) == ["P0000000"]
