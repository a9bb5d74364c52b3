"""One attempt of a worker at one job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from geostead.errors import GeosteadError
from geostead.model.job import Job, Progress


class AttemptRepeated(GeosteadError):
    """There is a snapshot of this attempt, which the catalog does not remember: its database was set back.

    Nodes may have that snapshot in their caches, so it is not replaced; the next attempt writes one of its own, and
    this one goes as nothing names it.
    """


@dataclass(frozen=True, slots=True)
class Attempt:
    """What an operation that runs a job needs to know about who runs it."""

    job: Job
    """The job as it was claimed."""
    worker: str
    """Who holds the lease."""
    report: Callable[[Progress], None]
    """Takes the progress so far; raises when the attempt should end at once. Cheap: call it for every batch."""
