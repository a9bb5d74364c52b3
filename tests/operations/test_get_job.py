"""Who may see a job."""

from __future__ import annotations

import pytest

from geostead.errors import NotAuthorized
from geostead.model.access import Key
from geostead.model.job import DataFormat, JobKind
from geostead.operations.delete_data_source import delete_data_source
from geostead.operations.get_job import get_job
from geostead.operations.open_error_log import open_error_log
from geostead.operations.open_output import open_output
from geostead.operations.reserve_data_source import reserve_data_source
from geostead.operations.services import Services
from geostead.operations.set_master_key import set_master_key
from geostead.operations.start_download import start_download
from tests.builders import account_of, ending_of, key_of, load_of, reserved
from tests.installations import Installation
from tests.uploads import pipe_upload


def test_the_master_key_of_a_later_data_source_of_the_same_name_and_access_id_does_not_open_older_jobs(
    services: Services,
) -> None:
    account, stranger = account_of("first"), account_of("second")
    key, other_key = key_of(account), key_of(stranger)
    services.catalog.add_account(account, [key])
    services.catalog.add_account(stranger, [other_key])
    services.catalog.accept_load(load_of(key))
    job = services.catalog.claim("worker", 60)
    assert job is not None
    services.catalog.abort(job, "worker", "unreadable", ending_of())
    services.catalog.reserve(reserved(stranger, access_id=job.access_id))
    services.catalog.accept_load(load_of(other_key))

    with pytest.raises(NotAuthorized, match="its master key is needed"):
        get_job(services, other_key, JobKind.LOAD, job.id)
    assert get_job(services, key, JobKind.LOAD, job.id).id == job.id


def moved_to_successor(installation: Installation, name: str = "Places") -> Key:
    """Make another key the master key of a data source."""
    successor = installation.add_key("successor")
    set_master_key(installation.services, "owner", name, "successor")
    return successor


def test_a_former_master_key_sees_neither_status_nor_log_nor_output_of_the_jobs_that_were_accepted_with_it(
    installation: Installation,
) -> None:
    services = installation.services
    load = installation.load("Places", pipe_upload(2, bad_rows=1))
    download = start_download(services, installation.key, load.access_id, "Places", None)
    installation.run_all()
    successor = moved_to_successor(installation)

    for kind, job in ((JobKind.LOAD, load), (JobKind.DOWNLOAD, download)):
        with pytest.raises(NotAuthorized):
            get_job(services, installation.key, kind, job.id)
        assert get_job(services, successor, kind, job.id).id == job.id
    with pytest.raises(NotAuthorized):
        open_error_log(services, installation.key, JobKind.LOAD, load.id)
    for data_format in DataFormat:
        with pytest.raises(NotAuthorized):
            open_output(services, installation.key, download.id, data_format)
        open_output(services, successor, download.id, data_format)


def test_when_the_data_source_is_gone_the_key_that_was_master_at_acceptance_sees_the_job_again(
    installation: Installation,
) -> None:
    load = installation.load("Places", pipe_upload(1))
    successor = moved_to_successor(installation)
    delete_data_source(installation.services, successor, load.access_id, "Places", staged_only=False)
    with pytest.raises(NotAuthorized):
        get_job(installation.services, installation.key, JobKind.LOAD, load.id)

    installation.run_all()

    assert get_job(installation.services, installation.key, JobKind.LOAD, load.id).id == load.id
    with pytest.raises(NotAuthorized):
        get_job(installation.services, successor, JobKind.LOAD, load.id)


def test_where_a_reserved_data_source_has_no_master_key_again_the_key_of_the_failed_load_sees_it(
    installation: Installation,
) -> None:
    reserve_data_source(installation.services, "owner", "Places", "ab" * 16)
    failed = installation.load("Places", b"nonsense")
    assert installation.versions("Places").data_source.master_key_id is None

    assert get_job(installation.services, installation.key, JobKind.LOAD, failed.id) == failed
    with pytest.raises(NotAuthorized):
        get_job(installation.services, installation.add_key("colleague"), JobKind.LOAD, failed.id)


@pytest.mark.parametrize("account_name", ["owner", "strangers"])
def test_a_key_that_may_not_see_a_job_is_told_nothing_but_the_id_that_it_sent(
    installation: Installation, account_name: str
) -> None:
    load = installation.load("Iso", pipe_upload(1))
    other = installation.add_key("other", account_name=account_name)
    with pytest.raises(NotAuthorized) as refused:
        get_job(installation.services, other, JobKind.LOAD, load.id)
    assert str(refused.value) == f"The key may not see the job {load.id}; its master key is needed."
