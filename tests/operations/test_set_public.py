"""Making data sources public and private."""

from __future__ import annotations

import pytest

from geostead.errors import NotAuthorized, NotFound
from geostead.model.job import AccessOrder, JobKind, JobStatus, LoadOperation
from geostead.operations.list_public_data_sources import list_public_data_sources
from geostead.operations.set_public import set_public
from tests.installations import Installation
from tests.uploads import pipe_upload


def public_names(installation: Installation) -> list[str]:
    return [found.data_source.name for found in list_public_data_sources(installation.services)]


def test_it_is_done_when_it_is_accepted(installation: Installation):
    load = installation.load("Places", pipe_upload(1))

    job = set_public(installation.services, installation.key, load.access_id, "places", is_public=True)

    assert (job.kind, job.status, job.order) == (JobKind.ACCESS, JobStatus.COMPLETED, AccessOrder(is_public=True))
    assert (job.completed_at, job.data_source_name) == (installation.clock(), "Places")
    assert installation.job(job.id) == job
    assert public_names(installation) == ["Places"]
    set_public(installation.services, installation.key, load.access_id, "Places", is_public=False)
    assert public_names(installation) == []
    assert installation.services.catalog.claim("worker", 1) is None


def test_only_the_master_key_does_it(installation: Installation):
    load = installation.load("Places", pipe_upload(1))

    for key in (installation.add_key("colleague"), installation.add_key("stranger", account_name="strangers")):
        with pytest.raises(NotAuthorized):
            set_public(installation.services, key, load.access_id, "Places", is_public=True)
    with pytest.raises(NotFound):
        set_public(installation.services, installation.key, load.access_id, "Plaices", is_public=True)
    assert public_names(installation) == []


def test_what_is_only_staged_is_not_on_the_public_list(installation: Installation):
    load = installation.load("Places", pipe_upload(1), LoadOperation.COMPLETE_STAGING)
    set_public(installation.services, installation.key, load.access_id, "Places", is_public=True)

    assert public_names(installation) == []
