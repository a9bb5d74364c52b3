"""Ordering a download: of which version, by whom, and that nothing takes its files away."""

from __future__ import annotations

import pytest

from geostead.errors import NotAuthorized, NotFound
from geostead.model.ids import new_id
from geostead.model.job import DownloadOrder, Job, JobStatus, LoadOperation
from geostead.operations.start_download import start_download
from tests.installations import Installation
from tests.uploads import pipe_upload


def order(installation: Installation, load: Job, version_id: str | None = None) -> Job:
    return start_download(installation.services, installation.key, load.access_id, "places", version_id)


def test_the_published_version_is_meant_unless_another_one_is_named(installation: Installation):
    loads = [installation.load("Places", pipe_upload(count)) for count in (1, 2)]
    staged = installation.load("Places", pipe_upload(3), LoadOperation.COMPLETE_STAGING)

    assert order(installation, staged).order == DownloadOrder(loads[1].id, f"{loads[1].id}-1")
    for load in (*loads, staged):
        job = order(installation, load, load.id.upper())
        assert job.order == DownloadOrder(load.id, f"{load.id}-1")
        assert job.total_count == load.total_count


def test_the_version_that_was_ordered_is_written_whatever_became_of_it_meanwhile(installation: Installation):
    first = installation.load("Places", pipe_upload(1))
    job = order(installation, first)
    assert installation.services.catalog.claim("dead", 30.0) is not None
    for count in range(2, 7):
        installation.load("Places", pipe_upload(count))
    assert installation.versions("Places").find(first.id) is None
    installation.clock.advance(31)

    installation.run_all()

    ended = installation.job(job.id)
    assert (ended.status, ended.total_count) == (JobStatus.COMPLETED, 1)
    assert ended.output is not None
    with installation.services.blobs.open(ended.output) as file:
        assert file.read().count(b"<EntityID>") == 1


def test_what_is_not_there_is_not_found(installation: Installation):
    staged = installation.load("Places", pipe_upload(1), LoadOperation.COMPLETE_STAGING)

    with pytest.raises(NotFound, match="no published version"):
        order(installation, staged)
    with pytest.raises(NotFound, match="no version"):
        order(installation, staged, new_id())
    with pytest.raises(NotFound, match="no data source"):
        start_download(installation.services, installation.key, new_id(), "Places", None)


def test_only_the_master_key_orders(installation: Installation):
    load = installation.load("Places", pipe_upload(1))

    for key in (installation.add_key("colleague"), installation.add_key("stranger", account_name="strangers")):
        with pytest.raises(NotAuthorized):
            start_download(installation.services, key, load.access_id, "Places", None)
