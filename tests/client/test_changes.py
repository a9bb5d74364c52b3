"""A data source from its first load to its end, on a real server."""

from __future__ import annotations

import io
from pathlib import Path

from geostead.client import (
    Geostead,
    JobStatus,
)
from tests.uploads import pipe_upload


def load(geostead: Geostead, name: str, count: int = 3, operation: str = "complete", **options: object) -> str:
    return geostead.wait(geostead.load(name, pipe_upload(count), input="pipe", operation=operation, **options)).id


def test_a_load_is_sent_from_a_path_bytes_a_file_or_pieces_with_progress(geostead: Geostead, tmp_path: Path):
    upload = pipe_upload(3_000)
    file = tmp_path / "places.txt"
    file.write_bytes(upload)
    halves = [upload[:40_000], upload[40_000:]]
    told: list[tuple[int, int | None]] = []

    for source in (file, str(file), upload, io.BytesIO(upload), halves):
        told.clear()
        job = geostead.wait(
            geostead.load("Sent", source, input="pipe", progress=lambda done, total: told.append((done, total)))
        )
        assert (job.status, job.total_count, job.failed_count) == (JobStatus.COMPLETED, 3_000, 0)
        assert told[-1] == (len(upload), None if source is halves else len(upload))
