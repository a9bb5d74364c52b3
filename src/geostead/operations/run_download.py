"""Run a download: write the entities of one version into a file that the same service can load again."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from geostead.catalog.base import Ending
from geostead.errors import LeaseLost, OvertakenByEvents, SnapshotMissing
from geostead.formats.xml.dataset import write_dataset
from geostead.model.job import DownloadOrder, Job, Progress, output_blob
from geostead.operations.attempt import Attempt
from geostead.operations.services import Services
from geostead.snapshots.base import Snapshot


def run_download(services: Services, attempt: Attempt, order: DownloadOrder) -> None:
    """Write the version that was ordered as an XML DataSet and complete the job.

    Raises OvertakenByEvents if its files went before the download was recorded, SnapshotMissing or SnapshotDamaged if
    they are unreadable, LeaseLost, Unavailable and whatever ``attempt.report`` raises.
    """
    snapshot = _open(services, attempt.job, order)
    count = snapshot.entity_count
    name = output_blob(attempt.job.id, attempt.job.attempt)
    with services.blobs.create(name) as blob:
        write_dataset(snapshot.entity_type, _counted(snapshot.batches(), count, attempt), blob)
        blob.commit()
        ending = Ending(Progress(count, count, 0), services.now())
        _complete(services, attempt, name, ending)


def _complete(services: Services, attempt: Attempt, name: str, ending: Ending) -> None:
    try:
        services.catalog.complete_download(attempt.job, attempt.worker, name, ending)
    except LeaseLost:
        services.blobs.delete(name)  # nobody else writes under this name
        raise


def _open(services: Services, job: Job, order: DownloadOrder) -> Snapshot:
    try:
        return services.snapshots.open(order.snapshot_id)
    except SnapshotMissing as error:
        found = services.catalog.versions_of(job.data_source_id)
        if found is not None and found.find(order.version_id) is not None:
            raise  # they should be there
        gone = f"The version {order.version_id} of the data source {job.data_source_name} is gone."
        raise OvertakenByEvents(gone) from error


def _counted(batches: Iterator[pa.RecordBatch], total: int, attempt: Attempt) -> Iterator[pa.RecordBatch]:
    written = 0
    for batch in batches:
        yield batch
        written += batch.num_rows
        attempt.report(Progress(total, written, 0))
