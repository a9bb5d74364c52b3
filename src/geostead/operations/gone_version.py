"""Tell files that went with their version from files that should be there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from geostead.errors import OvertakenByEvents, SnapshotMissing
from geostead.model.job import Job
from geostead.operations.services import Services


@contextmanager
def expecting_version(services: Services, job: Job, version_id: str) -> Iterator[None]:
    """Raise OvertakenByEvents in place of SnapshotMissing where the job's data source no longer has the version."""
    try:
        yield
    except SnapshotMissing as error:
        found = services.catalog.versions_of(job.data_source_id)
        if found is not None and found.find(version_id) is not None:
            raise
        raise OvertakenByEvents(
            f"The version {version_id} of the data source {job.data_source_name} is gone."
        ) from error
