"""Files that are missing mean something else once their version is gone."""

import pytest

from geostead.errors import OvertakenByEvents, SnapshotMissing
from geostead.operations.gone_version import expecting_version
from tests.installations import Installation
from tests.uploads import pipe_upload


def test_files_of_a_version_that_is_gone_are_nobodys_fault(installation: Installation):
    job = installation.load("Places", pipe_upload(1))

    gone = pytest.raises(OvertakenByEvents, match="The version 0123 of the data source Places is gone")
    with gone, expecting_version(installation.services, job, "0123"):
        raise SnapshotMissing("somewhere")


def test_files_of_a_version_that_is_there_should_be_there(installation: Installation):
    job = installation.load("Places", pipe_upload(1))

    with pytest.raises(SnapshotMissing, match="somewhere"), expecting_version(installation.services, job, job.id):
        raise SnapshotMissing("somewhere")
