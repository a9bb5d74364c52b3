"""What a download makes of files that are not there."""

from __future__ import annotations

import pytest

from geostead.errors import SnapshotMissing
from geostead.model.job import DownloadOrder
from geostead.operations.attempt import Attempt
from geostead.operations.run_download import run_download
from geostead.operations.start_download import start_download
from tests.installations import Installation
from tests.uploads import pipe_upload


def test_the_files_of_a_version_that_is_there_should_be_there_too(installation: Installation):
    load = installation.load("Places", pipe_upload(1))
    start_download(installation.services, installation.key, load.access_id, "Places", None)
    for snapshot_id in list(installation.services.snapshots.ids()):
        installation.services.snapshots.delete(snapshot_id)
    job = installation.services.catalog.claim("worker", 30.0)
    assert job is not None
    assert isinstance(job.order, DownloadOrder)

    with pytest.raises(SnapshotMissing):
        run_download(installation.services, Attempt(job, "worker", lambda _: None), job.order)
    assert list(installation.services.blobs.unused()) == []
