"""Fetch the upload of a load from where its sender says it is (http-api.md, section 3.1, ``dataLocation``)."""

from __future__ import annotations

from geostead.errors import FetchFailed, LimitReached
from geostead.model.job import Progress
from geostead.operations.attempt import Attempt
from geostead.operations.services import Services


def fetch_upload(services: Services, attempt: Attempt, location: str, name: str, max_bytes: int) -> int:
    """Copy the file at ``location`` into the blob ``name``; return its bytes.

    Raises FetchFailed, LimitReached for more than ``max_bytes``, Unavailable and whatever ``attempt.report`` raises.
    No message repeats the location: it may hold a signature.
    """
    with services.remote.fetch(location) as chunks, services.blobs.create(name) as blob:
        for chunk in chunks:
            blob.write(chunk)
            if blob.size_bytes > max_bytes:
                raise LimitReached("the size of the upload in bytes", blob.size_bytes, max_bytes)
            attempt.report(Progress(0, 0, 0, fetched_bytes=blob.size_bytes))
        if blob.size_bytes == 0:
            raise FetchFailed("The file at dataLocation is empty; expected the data to load.")
        blob.commit()
        return blob.size_bytes
