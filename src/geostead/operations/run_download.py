"""Run a download: write the entities of one version into a file that the same service can load again."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from geostead.catalog.base import Ending
from geostead.errors import OvertakenByEvents
from geostead.formats.xml_dataset import write_dataset
from geostead.model.data_source import Version
from geostead.model.job import DownloadOrder, Job, Progress, output_blob
from geostead.operations.attempt import Attempt
from geostead.operations.services import Services


def run_download(services: Services, attempt: Attempt, order: DownloadOrder) -> None:
    """Write the version that was ordered as an XML DataSet and complete the job.

    Raises OvertakenByEvents, SnapshotMissing or SnapshotDamaged if its files are gone or unreadable, LeaseLost, Unavailable
    and whatever ``attempt.report`` raises.
    """
    version = _version(services, attempt.job, order.version_id)
    snapshot = services.snapshots.open(version.snapshot_id)
    name = output_blob(attempt.job.id)
    with services.blobs.create(name) as blob:
        write_dataset(snapshot.entity_type, _counted(snapshot.batches(), version.entity_count, attempt), blob)
        blob.commit()
        ending = Ending(Progress(version.entity_count, version.entity_count, 0), services.now())
        services.catalog.complete_download(attempt.job, attempt.worker, name, ending)


def _version(services: Services, job: Job, version_id: str) -> Version:
    found = services.catalog.find_data_source(job.access_id, job.data_source_name)
    versions = () if found is None else (found.published, found.staged, *found.previous)
    for version in versions:
        if version is not None and version.job_id == version_id:
            return version
    raise OvertakenByEvents(f"The version {version_id} of the data source {job.data_source_name} is gone.")


def _counted(batches: Iterator[pa.RecordBatch], total: int, attempt: Attempt) -> Iterator[pa.RecordBatch]:
    written = 0
    for batch in batches:
        yield batch
        written += batch.num_rows
        attempt.report(Progress(total, written, 0))
