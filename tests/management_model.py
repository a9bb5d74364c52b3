"""What the management side of the service does, on plain dictionaries: slow, obvious, and without any storage.

The rules are those of http-api.md, sections 3 and 3.2. :mod:`tests.operations.test_management_machine` holds the
service against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from geostead.model.job import JobStatus, LoadOperation

Entities = dict[str, str]
"""Entity ids, and the name of each."""
Rows = list[tuple[str, str | None]]
"""Rows of an upload: an entity id and a name, or None for a deletion."""

MAX_PREVIOUS = 3


@dataclass
class Load:
    """A load that waits."""

    job_id: str
    operation: LoadOperation
    rows: Rows
    is_public: bool | None


@dataclass
class Publish:
    """A publish that waits."""

    job_id: str


@dataclass
class Rollback:
    """A rollback that waits."""

    job_id: str
    version_id: str


@dataclass
class Delete:
    """A deletion that waits."""

    job_id: str
    staged_only: bool


Waiting = Load | Publish | Rollback | Delete


@dataclass
class Source:
    """One data source."""

    contents: dict[str, Entities] = field(default_factory=dict)
    """The entities of every version, by the id of its load."""
    published: str | None = None
    staged: str | None = None
    previous: list[str] = field(default_factory=list)
    """The version that was published last comes first."""
    is_public: bool = False
    queue: list[Waiting] = field(default_factory=list)

    @property
    def is_deleted(self) -> bool:
        """Whether a deletion of everything is on its way."""
        return any(isinstance(job, Delete) and not job.staged_only for job in self.queue)

    @property
    def visible_staged(self) -> str | None:
        """The staged version, unless its deletion is on its way."""
        return None if any(isinstance(job, Delete) for job in self.queue) else self.staged

    @property
    def is_nothing(self) -> bool:
        """Whether it has no version and none to come."""
        return not self.contents and not self.queue

    def visible_versions(self) -> list[str]:
        """All versions, the published one first, then the staged one."""
        return [version for version in (self.published, self.visible_staged, *self.previous) if version is not None]

    def base_of(self, operation: LoadOperation, staged: str | None) -> str | None:
        """The version that an incremental load changes."""
        return (staged or self.published) if operation.is_staging else self.published


class Model:
    """Data sources by name, and what came of every job."""

    def __init__(self) -> None:
        self.sources: dict[str, Source] = {}
        self.statuses: dict[str, JobStatus] = {}

    def visible(self) -> Iterator[tuple[str, Source]]:
        """The data sources that are not being deleted."""
        return ((name, source) for name, source in sorted(self.sources.items()) if not source.is_deleted)

    def find(self, name: str) -> Source | None:
        """The data source of that name, unless it is being deleted."""
        return next((source for found, source in self.visible() if found == name), None)

    def accept(self, name: str, job: Waiting) -> None:
        """Put a job behind the others of its data source."""
        self.sources.setdefault(name, Source()).queue.append(job)
        self.statuses[job.job_id] = JobStatus.PENDING

    def set_public(self, name: str, job_id: str, *, is_public: bool) -> None:
        """Make a data source public or private at once; loads that wait do not undo it."""
        source = self.sources[name]
        source.is_public = is_public
        for job in source.queue:
            if isinstance(job, Load):
                job.is_public = None
        self.statuses[job_id] = JobStatus.COMPLETED

    def cancel(self, name: str, job_id: str) -> None:
        """Take a job out of its queue; those behind it stay."""
        source = self.sources[name]
        source.queue = [job for job in source.queue if job.job_id != job_id]
        self.statuses[job_id] = JobStatus.ABORTED
        if source.is_nothing:
            del self.sources[name]

    def run(self, name: str) -> None:
        """Run the next job of a data source."""
        source = self.sources[name]
        job = source.queue.pop(0)
        self.statuses[job.job_id] = JobStatus.COMPLETED if _run(source, job) else JobStatus.ABORTED
        if source.is_nothing:
            del self.sources[name]


def _run(source: Source, job: Waiting) -> bool:
    match job:
        case Load():
            return _load(source, job)
        case Publish():
            return _publish(source, source.staged)
        case Rollback(version_id=version_id):
            return _publish(source, version_id if version_id in source.contents else None)
        case Delete(staged_only=True):
            _drop_staged(source)
        case Delete():
            source.contents.clear()
            source.published = source.staged = None
            source.previous.clear()
    return True


def _load(source: Source, load: Load) -> bool:
    entities = _loaded(source, load)
    if entities is None:
        return False
    source.contents[load.job_id] = entities
    if load.operation.is_staging:
        _drop_staged(source)
        source.staged = load.job_id
    else:
        _publish(source, load.job_id)
    if load.is_public is not None:
        source.is_public = load.is_public
    return True


def _loaded(source: Source, load: Load) -> Entities | None:
    if not load.operation.is_incremental:
        found: Entities = {}
        for entity_id, name in load.rows:
            if name is not None:
                found.setdefault(entity_id, name)
        return found or None
    base = source.base_of(load.operation, source.staged)
    if base is None:
        return None
    entities = dict(source.contents[base])
    for entity_id, name in load.rows:
        entities.pop(entity_id, None)
        if name is not None:
            entities[entity_id] = name
    return entities


def _publish(source: Source, version_id: str | None) -> bool:
    if version_id is None:
        return False
    if version_id == source.published:
        return True
    if version_id == source.staged:
        source.staged = None
    if version_id in source.previous:
        source.previous.remove(version_id)
    if source.published is not None:
        source.previous.insert(0, source.published)
    source.published = version_id
    for dropped in source.previous[MAX_PREVIOUS:]:
        del source.contents[dropped]
    del source.previous[MAX_PREVIOUS:]
    return True


def _drop_staged(source: Source) -> None:
    if source.staged is not None:
        del source.contents[source.staged]
        source.staged = None
