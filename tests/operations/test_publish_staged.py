"""Publishing what is staged: who may, what is published, and when it is too late."""

from __future__ import annotations

import pytest

from geostead.errors import NotAuthorized, NotFound
from geostead.model.job import JobKind, JobStatus, LoadOperation, PublishOrder
from geostead.operations.delete_data_source import delete_data_source
from geostead.operations.expire import expire
from geostead.operations.publish_staged import publish_staged
from geostead.operations.roll_back import roll_back
from tests.installations import Installation
from tests.uploads import pipe_upload

STAGING = LoadOperation.COMPLETE_STAGING
DAY_S = 86_400.0


def test_the_staged_version_becomes_the_published_one_and_that_a_previous_one(installation: Installation):
    old = installation.load("Places", pipe_upload(1))
    new = installation.load("Places", pipe_upload(2), STAGING)

    accepted = publish_staged(installation.services, installation.key, new.access_id.upper(), "places")

    assert (accepted.kind, accepted.status, accepted.order) == (JobKind.PUBLISH, JobStatus.PENDING, PublishOrder())
    assert installation.job(accepted.id) == accepted
    assert installation.entity_ids(old) == ["P0000000"], "not before the job has run"
    installation.run_all()
    found = installation.versions("Places")
    assert found.published is not None
    assert (found.published.job_id, found.staged) == (new.id, None)
    assert [version.job_id for version in found.previous] == [old.id]
    assert installation.job(accepted.id).status is JobStatus.COMPLETED


def test_what_is_staged_when_the_job_runs_is_published(installation: Installation):
    installation.load("Places", pipe_upload(1), STAGING)
    later = installation.accept_load("Places", pipe_upload(2), STAGING)
    publish_staged(installation.services, installation.key, later.access_id, "Places")

    installation.run_all()

    assert len(installation.entity_ids(later)) == 2
    assert installation.left_behind() == set()


def test_nothing_staged_or_no_such_data_source_is_not_found(installation: Installation):
    job = installation.load("Places", pipe_upload(1))

    with pytest.raises(NotFound, match="no staged version"):
        publish_staged(installation.services, installation.key, job.access_id, "Places")
    with pytest.raises(NotFound, match="no data source Plaices"):
        publish_staged(installation.services, installation.key, job.access_id, "Plaices")
    assert installation.services.catalog.claim("worker", 1) is None


def test_only_the_master_key_publishes_and_others_are_not_told_whether_anything_is_staged(installation: Installation):
    job = installation.load("Places", pipe_upload(1))
    colleague = installation.add_key("colleague")
    stranger = installation.add_key("stranger", account_name="strangers")

    for key in (colleague, stranger):
        with pytest.raises(NotAuthorized):
            publish_staged(installation.services, key, job.access_id, "Places")


def test_a_staged_version_that_a_job_ahead_published_aborts_it(installation: Installation):
    job = installation.load("Places", pipe_upload(2), STAGING)
    roll_back(installation.services, installation.key, job.id, "Places")
    late = publish_staged(installation.services, installation.key, job.access_id, "Places")

    installation.run_all()

    ended = installation.job(late.id)
    assert ended.status is JobStatus.ABORTED
    assert ended.error_message == "The data source Places has no staged version any more."
    assert len(installation.entity_ids(job)) == 2


def test_a_staged_version_does_not_expire_while_it_waits_to_be_published(installation: Installation):
    job = installation.load("Places", pipe_upload(2), STAGING)
    publish_staged(installation.services, installation.key, job.access_id, "Places")
    installation.clock.advance(31 * DAY_S)
    expire(installation.services)

    installation.run_all()

    assert len(installation.entity_ids(job)) == 2


def test_a_staged_version_that_has_expired_cannot_be_published(installation: Installation):
    installation.load("Places", pipe_upload(1))
    job = installation.load("Places", pipe_upload(2), STAGING)
    installation.clock.advance(31 * DAY_S)
    expire(installation.services)

    with pytest.raises(NotFound, match="no staged version"):
        publish_staged(installation.services, installation.key, job.access_id, "Places")


def test_a_staged_version_that_is_being_deleted_is_not_there_to_publish(installation: Installation):
    installation.load("Places", pipe_upload(1))
    job = installation.load("Places", pipe_upload(2), STAGING)
    delete_data_source(installation.services, installation.key, job.access_id, "Places", staged_only=True)

    with pytest.raises(NotFound, match="no staged version"):
        publish_staged(installation.services, installation.key, job.access_id, "Places")
