"""Run a download: write the entities of one version into a file that the same service can load again."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from geostead.catalog.base import Ending
from geostead.formats.xml_dataset import write_dataset
from geostead.model.job import DownloadOrder, Progress, output_blob
from geostead.operations.attempt import Attempt
from geostead.operations.gone_version import expecting_version
from geostead.operations.services import Services


def run_download(services: Services, attempt: Attempt, order: DownloadOrder) -> None:
    """Write the version that was ordered as an XML DataSet and complete the job.

    Raises OvertakenByEvents if its files went before the download was recorded, SnapshotMissing or SnapshotDamaged if
    they are unreadable, LeaseLost, Unavailable and whatever ``attempt.report`` raises.
    """
    with expecting_version(services, attempt.job, order.version_id):
        snapshot = services.snapshots.open(order.snapshot_id)
    count = snapshot.entity_count
    name = output_blob(attempt.job.id)
    with services.blobs.create(name) as blob:
        write_dataset(snapshot.entity_type, _counted(snapshot.batches(), count, attempt), blob)
        blob.commit()
        ending = Ending(Progress(count, count, 0), services.now())
        services.catalog.complete_download(attempt.job, attempt.worker, name, ending)


def _counted(batches: Iterator[pa.RecordBatch], total: int, attempt: Attempt) -> Iterator[pa.RecordBatch]:
    written = 0
    for batch in batches:
        yield batch
        written += batch.num_rows
        attempt.report(Progress(total, written, 0))
