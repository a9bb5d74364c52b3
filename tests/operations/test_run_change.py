"""What workers do about publish, rollback and delete jobs, and what they leave."""

from __future__ import annotations

import pytest

from geostead.errors import LeaseLost
from geostead.model.job import JobStatus, LoadOperation
from geostead.operations.attempt import Attempt
from geostead.operations.publish_staged import publish_staged
from geostead.operations.run_change import run_change
from geostead.operations.start_download import start_download
from tests.installations import Installation
from tests.uploads import pipe_upload

STAGING = LoadOperation.COMPLETE_STAGING
LEASE_S = 30.0


def test_the_files_of_a_version_that_publishing_drops_go_at_once(installation: Installation):
    for count in range(1, 5):
        load = installation.load("Places", pipe_upload(count))
    installation.load("Places", pipe_upload(5), STAGING)
    assert len(list(installation.services.snapshots.ids())) == 5
    publish_staged(installation.services, installation.key, load.access_id, "Places")

    installation.run_all()

    found = installation.versions("Places")
    assert set(installation.services.snapshots.ids()) == {version.snapshot_id for version in found.every}
    assert len(found.every) == 4


def test_the_files_that_a_download_needs_stay(installation: Installation):
    loads = [installation.load("Places", pipe_upload(count)) for count in range(1, 5)]
    download = start_download(installation.services, installation.key, loads[0].access_id, "Places", loads[0].id)
    assert installation.services.catalog.claim("slow", LEASE_S) is not None
    installation.load("Places", pipe_upload(5))
    assert len(list(installation.services.snapshots.ids())) == 5

    installation.clock.advance(LEASE_S + 1)
    installation.run_all()

    job = installation.job(download.id)
    assert (job.status, job.total_count, job.attempt) == (JobStatus.COMPLETED, 1, 2)


def test_an_attempt_that_was_overtaken_changes_nothing(installation: Installation):
    load = installation.load("Places", pipe_upload(1), STAGING)
    publish_staged(installation.services, installation.key, load.access_id, "Places")
    slow = installation.services.catalog.claim("slow", LEASE_S)
    assert slow is not None
    installation.clock.advance(LEASE_S + 1)
    quick = installation.services.catalog.claim("quick", LEASE_S)
    assert quick is not None

    with pytest.raises(LeaseLost):
        run_change(installation.services, Attempt(slow, "slow", lambda _: None))
    assert installation.entity_ids(load) == []

    run_change(installation.services, Attempt(quick, "quick", lambda _: None))
    assert installation.entity_ids(load) == ["P0000000"]


def test_a_job_whose_worker_died_is_run_again_when_the_lease_is_over(installation: Installation):
    load = installation.load("Places", pipe_upload(1), STAGING)
    job = publish_staged(installation.services, installation.key, load.access_id, "Places")
    assert installation.services.catalog.claim("dead", LEASE_S) is not None
    installation.run_all()
    assert installation.job(job.id).status is JobStatus.PENDING

    installation.clock.advance(LEASE_S + 1)
    installation.run_all()

    assert installation.job(job.id).status is JobStatus.COMPLETED
