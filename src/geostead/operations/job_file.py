"""A file that a job left, for whoever asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from geostead.blobs.base import BlobStore
from geostead.errors import NotFound
from geostead.model.job import Job

_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class JobFile:
    """A file that a job left."""

    blobs: BlobStore
    name: str
    size_bytes: int

    def chunks(self) -> Iterator[bytes]:
        """Read the file from its beginning; it is opened when the first chunk is asked for."""
        with self.blobs.open(self.name) as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk


def file_of(blobs: BlobStore, job: Job, name: str | None, what: str) -> JobFile:
    """Return the file of that blob name. Raises NotFound, which says what (``output``) is not there."""
    try:
        if name is not None:
            return JobFile(blobs, name, blobs.size_bytes(name))
    except FileNotFoundError:
        pass  # its fourteen days were over between the two look-ups
    raise NotFound(f"The {job.kind.value} job {job.id} has no {what}, or no longer: it is kept for 14 days.")
