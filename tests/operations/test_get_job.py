"""Who may see a job."""

import pytest

from geostead.errors import NotAuthorized
from geostead.model.job import JobKind
from geostead.operations.get_job import get_job
from geostead.operations.services import Services
from tests.builders import account_of, ending_of, key_of, load_of, reserved


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
