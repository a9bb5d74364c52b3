"""One attempt of a worker at one job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from geostead.model.job import Job, Progress


@dataclass(frozen=True, slots=True)
class Attempt:
    """What an operation that runs a job needs to know about who runs it."""

    job: Job
    """The job as it was claimed."""
    worker: str
    """Who holds the lease."""
    report: Callable[[Progress], None]
    """Takes the progress so far; raises when the attempt should end at once. Cheap: call it for every batch."""
