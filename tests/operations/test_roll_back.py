"""Rolling back: to which versions, by whom, and when it is too late."""

from __future__ import annotations

import pytest

from geostead.errors import NotAuthorized, NotFound
from geostead.model.ids import new_id
from geostead.model.job import Job, JobKind, JobStatus, LoadOperation
from geostead.operations.roll_back import roll_back
from tests.installations import Installation
from tests.uploads import pipe_upload


@pytest.fixture
def loads(installation: Installation) -> list[Job]:
    """Publish four versions, of one entity, of two, three and four."""
    return [installation.load("Places", pipe_upload(count)) for count in range(1, 5)]


def roll_to(installation: Installation, version: Job) -> Job:
    accepted = roll_back(installation.services, installation.key, version.id.upper(), "places")
    assert (accepted.kind, accepted.status) == (JobKind.ROLLBACK, JobStatus.PENDING)
    installation.run_all()
    return installation.job(accepted.id)


def order_of(installation: Installation) -> list[str]:
    """Return the ids of all versions, the published one first, then the staged one."""
    return [version.job_id for version in installation.versions("Places").every]


def test_a_previous_version_is_published_again_and_the_published_one_becomes_a_previous_one(
    installation: Installation, loads: list[Job]
):
    job = roll_to(installation, loads[1])

    assert job.status is JobStatus.COMPLETED
    assert order_of(installation) == [loads[number].id for number in (1, 3, 2, 0)]
    assert len(installation.entity_ids(job)) == 2


def test_the_staged_version_is_staged_no_longer(installation: Installation, loads: list[Job]):
    staged = installation.load("Places", pipe_upload(9), LoadOperation.COMPLETE_STAGING)

    roll_to(installation, staged)

    assert order_of(installation) == [staged.id, loads[3].id, loads[2].id, loads[1].id]
    assert installation.versions("Places").staged is None
    assert installation.left_behind() == set()


def test_to_the_published_version_is_no_change(installation: Installation, loads: list[Job]):
    before = order_of(installation)

    assert roll_to(installation, loads[3]).status is JobStatus.COMPLETED
    assert order_of(installation) == before


def test_of_a_version_that_the_data_source_does_not_have_nothing_is_known(installation: Installation, loads: list[Job]):
    other = installation.load("Parks", pipe_upload(1))

    for version_id in (new_id(), other.id, "latest"):
        with pytest.raises(NotFound, match=f"Places has no version {version_id}"):
            roll_back(installation.services, installation.key, version_id, "Places")
    with pytest.raises(NotFound, match="no data source Plaices"):
        roll_back(installation.services, installation.key, loads[0].id, "Plaices")


def test_only_the_master_key_rolls_back_and_a_name_is_one_of_the_keys_own_account(
    installation: Installation, loads: list[Job]
):
    with pytest.raises(NotAuthorized):
        roll_back(installation.services, installation.add_key("colleague"), loads[0].id, "Places")
    with pytest.raises(NotFound):
        roll_back(
            installation.services, installation.add_key("stranger", account_name="strangers"), loads[0].id, "Places"
        )


def test_a_version_that_a_job_ahead_dropped_aborts_it(installation: Installation, loads: list[Job]):
    ahead = installation.accept_load("Places", pipe_upload(5))

    job = roll_to(installation, loads[0])

    assert job.status is JobStatus.ABORTED
    assert job.error_message == f"The data source Places has no version {loads[0].id} any more."
    assert order_of(installation)[0] == ahead.id
    assert len(list(installation.services.snapshots.ids())) == 4
