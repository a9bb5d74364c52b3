"""Who asked for a job, and so for the version that it makes."""

from __future__ import annotations

from geostead.model.job import InputFormat, LoadOperation
from geostead.operations.delete_data_source import delete_data_source
from geostead.operations.publish_staged import publish_staged
from geostead.operations.roll_back import roll_back
from geostead.operations.set_public import set_public
from geostead.operations.start_download import start_download
from geostead.operations.start_load import LoadRequest, Upload, start_load
from tests.installations import Installation
from tests.uploads import pipe_upload

ANNA = "anna@example.com"


def test_a_version_tells_whose_load_made_it(installation: Installation):
    by_key = installation.load("Places", pipe_upload(1))
    request = LoadRequest("Places", LoadOperation.COMPLETE, InputFormat.PIPE)
    by_anna = start_load(installation.services, installation.key, request, Upload([pipe_upload(2)]), made_by=ANNA)
    installation.run_all()

    found = installation.versions("Places")

    assert found.published is not None
    assert (by_anna.made_by, found.published.made_by) == (ANNA, ANNA)
    assert [version.made_by for version in found.previous] == [installation.key.name] == [by_key.made_by]


def test_every_job_tells_who_asked_for_it(installation: Installation):
    services, key = installation.services, installation.key
    first = installation.load("Places", pipe_upload(1))
    installation.load("Places", pipe_upload(2), LoadOperation.COMPLETE_STAGING)
    where = (first.access_id, "Places")

    def asked(made_by: str | None) -> list[str | None]:
        jobs = [
            publish_staged(services, key, *where, made_by=made_by),
            roll_back(services, key, first.id, "Places", made_by=made_by),
            set_public(services, key, *where, is_public=True, made_by=made_by),
            start_download(services, key, *where, None, made_by=made_by),
            delete_data_source(services, key, *where, staged_only=made_by is not None, made_by=made_by),
        ]
        return [installation.job(job.id).made_by for job in jobs]

    assert asked(ANNA) == [ANNA] * 5
    installation.load("Places", pipe_upload(2), LoadOperation.COMPLETE_STAGING)
    assert asked(None) == [key.name] * 5
