"""Deleting: gone for everyone at once, and the name free when the job is done, not before."""

from __future__ import annotations

import pytest

from geostead.errors import InvalidParameter, NotAuthorized, NotFound
from geostead.model.job import DataFormat, DeleteOrder, Job, JobKind, JobStatus, LoadOperation
from geostead.operations.delete_data_source import delete_data_source
from geostead.operations.describe_data_source import describe_data_source
from geostead.operations.expire import expire
from geostead.operations.get_change import get_change
from geostead.operations.list_data_sources import list_data_sources
from geostead.operations.open_output import open_output
from geostead.operations.open_version import EntitySetAddress, open_version
from geostead.operations.set_public import set_public
from geostead.operations.start_download import start_download
from tests.installations import Installation
from tests.uploads import pipe_upload

STAGING = LoadOperation.COMPLETE_STAGING


def delete(installation: Installation, load: Job, *, staged_only: bool = False) -> Job:
    return delete_data_source(
        installation.services, installation.key, load.access_id, load.data_source_name, staged_only=staged_only
    )


def test_from_the_acceptance_on_nobody_finds_it(installation: Installation):
    load = installation.load("Places", pipe_upload(1))

    job = delete(installation, load)

    assert (job.kind, job.status, job.order) == (JobKind.DELETE, JobStatus.PENDING, DeleteOrder(staged_only=False))
    with pytest.raises(NotFound):
        open_version(installation.services, "the key", EntitySetAddress(load.access_id, "Places", "Place"))
    with pytest.raises(NotFound):
        describe_data_source(installation.services, installation.key, load.access_id, "Places")
    with pytest.raises(NotFound):
        delete(installation, load)
    with pytest.raises(NotFound):
        set_public(installation.services, installation.key, load.access_id, "Places", is_public=True)
    assert list_data_sources(installation.services, installation.key) == []


def test_the_name_is_free_when_the_job_is_done_and_not_before(installation: Installation):
    load = installation.load("Places", pipe_upload(1))
    delete(installation, load)
    with pytest.raises(InvalidParameter, match=r"dataSourceName: .* pending"):
        installation.accept_load("places", pipe_upload(1))

    installation.run_all()

    anew = installation.load("PLACES", pipe_upload(2))
    assert (anew.status, anew.data_source_name) == (JobStatus.COMPLETED, "PLACES")
    assert anew.access_id != load.access_id


def test_all_its_files_go_and_its_job_can_still_be_seen_with_the_key_that_deleted(installation: Installation):
    for count in range(1, 6):
        load = installation.load("Places", pipe_upload(count))
    installation.load("Places", pipe_upload(1), STAGING)
    job = delete(installation, load)

    installation.run_all()

    assert list(installation.services.snapshots.ids()) == []
    seen = get_change(installation.services, "the key", frozenset({JobKind.DELETE}), job.id)
    assert seen.status is JobStatus.COMPLETED
    installation.add_key("colleague")
    with pytest.raises(NotAuthorized):
        get_change(installation.services, "colleague", frozenset({JobKind.DELETE}), job.id)


def test_jobs_ahead_run_first_also_those_whose_worker_died(installation: Installation):
    first = installation.load("Places", pipe_upload(1))
    ahead = installation.accept_load("Places", pipe_upload(2))
    deletion = delete(installation, first)
    assert installation.services.catalog.claim("slow", 30.0) is not None
    installation.run_all()
    assert installation.job(deletion.id).status is JobStatus.PENDING, "behind the load that runs"

    installation.clock.advance(31)
    installation.run_all()

    assert installation.job(ahead.id).status is JobStatus.COMPLETED
    assert installation.job(deletion.id).status is JobStatus.COMPLETED


def test_a_download_that_has_not_ended_when_its_data_source_is_deleted_is_cancelled(installation: Installation):
    load = installation.load("Places", pipe_upload(1))
    download = start_download(installation.services, installation.key, load.access_id, "Places", None)
    assert installation.services.catalog.claim("slow", 30.0) is not None
    delete(installation, load)

    installation.run_all()

    job = installation.job(download.id)
    assert job.status is JobStatus.ABORTED
    assert str(job.error_message).startswith("deleted: ")
    assert list(installation.services.snapshots.ids()) == []


def test_deleting_what_is_staged_leaves_what_is_published(installation: Installation):
    published = installation.load("Places", pipe_upload(1))
    installation.load("Places", pipe_upload(2), STAGING)
    delete(installation, published, staged_only=True)
    assert installation.versions("Places").staged is None, "at once"

    installation.run_all()

    assert [version.job_id for version in installation.versions("Places").every] == [published.id]
    assert len(list(installation.services.snapshots.ids())) == 1
    with pytest.raises(NotFound, match="no staged version"):
        delete(installation, published, staged_only=True)


def test_a_data_source_that_was_only_staged_goes_with_its_staged_version(installation: Installation):
    load = installation.load("Places", pipe_upload(1), STAGING)
    delete(installation, load, staged_only=True)

    installation.run_all()

    assert installation.services.catalog.find_by_name(installation.key.account_id, "Places") is None
    assert list(installation.services.snapshots.ids()) == []


def test_only_the_master_key_deletes(installation: Installation):
    load = installation.load("Places", pipe_upload(1))

    for key in (installation.add_key("colleague"), installation.add_key("stranger", account_name="strangers")):
        with pytest.raises(NotAuthorized):
            delete_data_source(installation.services, key, load.access_id, "Places", staged_only=False)
    assert len(installation.entity_ids(load)) == 1


@pytest.mark.parametrize("data_format", [DataFormat.XML, DataFormat.CSV])
def test_a_download_that_has_ended_can_be_fetched_after_its_data_source_was_deleted(
    installation: Installation, data_format: DataFormat
):
    load = installation.load("Places", pipe_upload(2))
    download = start_download(installation.services, installation.key, load.access_id, "Places", None)
    installation.run_all()
    delete(installation, load)
    installation.run_all()
    expire(installation.services)
    output = open_output(installation.services, installation.key, download.id, data_format)
    assert b"EntityID" in b"".join(output.chunks())
