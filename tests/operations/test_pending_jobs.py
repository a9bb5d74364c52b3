"""What is under way for a data source, and jobs by their ids."""

from __future__ import annotations

import pytest

from geostead.errors import NotFound
from geostead.operations.get_own_job import get_own_job
from geostead.operations.pending_jobs import pending_jobs
from geostead.operations.roll_back import roll_back
from geostead.operations.start_download import start_download
from tests.installations import Installation
from tests.uploads import pipe_upload


def test_changes_and_downloads_are_under_way_until_they_have_run(installation: Installation) -> None:
    services, key = installation.services, installation.key
    load = installation.load("Places", pipe_upload(1))
    source = installation.versions("Places").data_source
    other = installation.load("Others", pipe_upload(1))
    change = roll_back(services, key, load.id, "Places")
    download = start_download(services, key, load.access_id, "Places", None)
    roll_back(services, key, other.id, "Others")

    assert [job.id for job in pending_jobs(services, source)] == [change.id, download.id]
    installation.run_all()
    assert pending_jobs(services, source) == []


def test_a_job_is_found_by_its_account_and_by_no_other(installation: Installation) -> None:
    job = installation.load("Places", pipe_upload(1))
    stranger = installation.add_key("stranger", account_name="strangers")
    assert get_own_job(installation.services, installation.key.account_id, job.id.upper()) == job
    for account_id, job_id in ((stranger.account_id, job.id), (installation.key.account_id, "0" * 32)):
        with pytest.raises(NotFound, match="no job"):
            get_own_job(installation.services, account_id, job_id)
