"""Who may see a publish, rollback, delete or access job."""

from __future__ import annotations

import pytest

from geostead.errors import (
    AccessDenied,
    CredentialsExpired,
    InvalidCredentials,
    NoCredentials,
    NotAuthorized,
    NotFound,
)
from geostead.model.ids import new_id
from geostead.model.job import Job, JobKind, JobStatus, LoadOperation
from geostead.operations.delete_data_source import delete_data_source
from geostead.operations.get_change import get_change
from geostead.operations.publish_staged import publish_staged
from geostead.operations.roll_back import roll_back
from geostead.operations.set_public import set_public
from tests.installations import Installation
from tests.uploads import pipe_upload

STATUS = frozenset({JobKind.PUBLISH, JobKind.DELETE, JobKind.ACCESS})
ROLLBACK = frozenset({JobKind.ROLLBACK})
KINDS = {JobKind.PUBLISH: STATUS, JobKind.ACCESS: STATUS, JobKind.DELETE: STATUS, JobKind.ROLLBACK: ROLLBACK}


@pytest.fixture
def jobs(installation: Installation) -> dict[JobKind, Job]:
    """One job of each kind."""
    load = installation.load("Places", pipe_upload(1), LoadOperation.COMPLETE_STAGING)
    services, key, access_id = installation.services, installation.key, load.access_id
    return {
        JobKind.PUBLISH: publish_staged(services, key, access_id, "Places"),
        JobKind.ACCESS: set_public(services, key, access_id, "Places", is_public=True),
        JobKind.ROLLBACK: roll_back(services, key, load.id, "Places"),
        JobKind.DELETE: delete_data_source(services, key, access_id, "Places", staged_only=False),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_the_master_key_sees_every_job_in_either_case_of_its_id(
    installation: Installation, jobs: dict[JobKind, Job], kind: JobKind
):
    assert get_change(installation.services, " the key ", KINDS[kind], jobs[kind].id.upper()) == jobs[kind]


@pytest.mark.parametrize("nothing", [None, "", "  "])
@pytest.mark.parametrize("kind", [JobKind.PUBLISH, JobKind.ROLLBACK])
def test_without_any_key_the_id_of_a_publish_or_rollback_is_enough(
    installation: Installation, jobs: dict[JobKind, Job], kind: JobKind, nothing: str | None
):
    assert get_change(installation.services, nothing, KINDS[kind], jobs[kind].id) == jobs[kind]


@pytest.mark.parametrize("kind", [JobKind.DELETE, JobKind.ACCESS])
def test_without_any_key_other_jobs_look_like_none(installation: Installation, jobs: dict[JobKind, Job], kind: JobKind):
    for job_id in (jobs[kind].id, new_id()):
        with pytest.raises(NoCredentials):
            get_change(installation.services, None, STATUS, job_id)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("key", "error"),
    [
        ("nobody's", InvalidCredentials),
        ("colleague", NotAuthorized),
        ("stranger", NotAuthorized),
        ("revoked", CredentialsExpired),
    ],
)
def test_a_wrong_key_is_refused_whatever_the_job(
    installation: Installation, jobs: dict[JobKind, Job], kind: JobKind, key: str, error: type[AccessDenied]
):
    installation.add_key("colleague")
    installation.add_key("stranger", account_name="strangers")
    revoked = installation.add_key("revoked")
    installation.services.catalog.revoke_key(revoked.account_id, "revoked", installation.clock())

    with pytest.raises(error) as refused:
        get_change(installation.services, key, KINDS[kind], jobs[kind].id)
    assert "Places" not in str(refused.value)
    assert kind not in str(refused.value)


def test_jobs_of_other_kinds_are_not_found(installation: Installation, jobs: dict[JobKind, Job]):
    for kinds, job in ((ROLLBACK, jobs[JobKind.PUBLISH]), (STATUS, jobs[JobKind.ROLLBACK])):
        with pytest.raises(NotFound):
            get_change(installation.services, "the key", kinds, job.id)
        with pytest.raises(NoCredentials):
            get_change(installation.services, None, kinds, job.id)


def test_the_present_master_key_sees_the_jobs_even_of_what_is_being_deleted_and_no_former_one(
    installation: Installation,
):
    load = installation.load("Places", pipe_upload(1))
    access = set_public(installation.services, installation.key, load.access_id, "Places", is_public=True)
    successor = installation.add_key("successor")
    installation.services.catalog.set_master_key(successor.account_id, "Places", "successor", installation.clock())
    delete_data_source(installation.services, successor, load.access_id, "Places", staged_only=False)

    assert get_change(installation.services, "successor", STATUS, access.id) == access
    with pytest.raises(NotAuthorized):
        get_change(installation.services, "the key", STATUS, access.id)


def test_the_status_of_a_delete_stays_readable_with_the_key_that_deleted(installation: Installation):
    load = installation.load("Places", pipe_upload(1))
    successor = installation.add_key("successor")
    installation.services.catalog.set_master_key(successor.account_id, "Places", "successor", installation.clock())
    job = delete_data_source(installation.services, successor, load.access_id, "Places", staged_only=False)
    installation.run_all()
    installation.load("Places", pipe_upload(2))  # another data source of that name, with another master key

    assert get_change(installation.services, "successor", STATUS, job.id).status is JobStatus.COMPLETED
    with pytest.raises(NotAuthorized):
        get_change(installation.services, "the key", STATUS, job.id)
