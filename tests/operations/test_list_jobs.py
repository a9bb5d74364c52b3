"""The job list: fifteen days of an account."""

from __future__ import annotations

from geostead.model.job import JobKind
from geostead.operations.delete_data_source import delete_data_source
from geostead.operations.list_jobs import list_jobs
from geostead.operations.set_public import set_public
from geostead.operations.start_download import start_download
from tests.installations import Installation
from tests.uploads import pipe_upload

DAY_S = 86_400.0


def kinds(installation: Installation) -> list[JobKind]:
    return [job.kind for job in list_jobs(installation.services, installation.key)]


def test_pending_jobs_come_first_then_the_newest_and_downloads_are_not_there(installation: Installation):
    load = installation.load("Places", pipe_upload(1))
    start_download(installation.services, installation.key, load.access_id, "Places", None)
    delete_data_source(installation.services, installation.key, load.access_id, "Places", staged_only=False)
    other = installation.accept_load("Parks", pipe_upload(1))
    set_public(installation.services, installation.key, other.access_id, "Parks", is_public=True)

    assert kinds(installation) == [JobKind.LOAD, JobKind.DELETE, JobKind.ACCESS, JobKind.LOAD]


def test_a_job_stays_for_fifteen_days_after_it_was_accepted_and_while_it_is_pending(installation: Installation):
    installation.load("Places", pipe_upload(1))
    installation.clock.advance(15 * DAY_S - 1)
    pending = installation.accept_load("Places", pipe_upload(1))
    assert kinds(installation) == [JobKind.LOAD, JobKind.LOAD]

    installation.clock.advance(1)
    assert [job.id for job in list_jobs(installation.services, installation.key)] == [pending.id]

    installation.clock.advance(100 * DAY_S)
    assert [job.id for job in list_jobs(installation.services, installation.key)] == [pending.id]


def test_every_key_of_the_account_sees_all_of_its_jobs_and_no_other(installation: Installation):
    installation.load("Places", pipe_upload(1))
    stranger = installation.add_key("stranger", account_name="strangers")

    assert len(list_jobs(installation.services, installation.add_key("colleague"))) == 1
    assert list_jobs(installation.services, stranger) == []
