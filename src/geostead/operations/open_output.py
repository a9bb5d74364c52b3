"""Hand out what a download wrote, in the format asked for (http-api.md, section 3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from geostead.errors import NotFound, SnapshotDamaged, SnapshotMissing, Unavailable
from geostead.formats.encoders import EncodedFormat, encode_entities
from geostead.model.access import Key
from geostead.model.job import DataFormat, DownloadOrder, Job, JobKind, JobStatus
from geostead.operations.get_job import get_job
from geostead.operations.job_file import JobFile, file_of
from geostead.operations.services import Services
from geostead.snapshots.base import Snapshot


@dataclass(frozen=True, slots=True)
class EncodedEntities:
    """The entities of a download, encoded while they are sent."""

    snapshot: Snapshot
    data_format: EncodedFormat

    @property
    def size_bytes(self) -> None:
        """None: how long it will be is known only in the end."""

    def chunks(self) -> Iterator[bytes]:
        """Encode the entities from the first one, in bounded memory."""
        return encode_entities(self.data_format, self.snapshot.entity_type, self.snapshot.batches)


def open_output(services: Services, key: Key, job_id: str, data_format: DataFormat) -> JobFile | EncodedEntities:
    """Return the output of a download: the file that the job wrote, or its entities in another format.

    The entities stay readable from here on, whatever is deleted. Raises NotFound, with the reason, NotAuthorized;
    Unavailable if the entities cannot be read.
    """
    return output_of(services, get_job(services, key, JobKind.DOWNLOAD, job_id), data_format)


def output_of(services: Services, job: Job, data_format: DataFormat) -> JobFile | EncodedEntities:
    """Return the output of a download, as :func:`open_output` does, for whoever may see the job."""
    if job.status is JobStatus.PENDING:
        raise NotFound(f"The download job {job.id} is still pending; its output is here once it is completed.")
    if job.status is JobStatus.ABORTED:
        raise NotFound(f"The download job {job.id} was aborted; it has no output.")
    file = file_of(services.blobs, job, job.output, "output")
    if data_format is DataFormat.XML:
        return file
    return EncodedEntities(_open_snapshot(services, job), data_format)


def _open_snapshot(services: Services, job: Job) -> Snapshot:
    assert isinstance(job.order, DownloadOrder)
    try:
        return services.snapshots.open(job.order.snapshot_id)
    except (SnapshotMissing, SnapshotDamaged) as error:
        raise Unavailable(f"The data source {job.data_source_name} cannot be read right now.") from error
