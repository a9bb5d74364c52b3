"""Data sources and their versions (http-api.md, sections 2 and 3.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from geostead.model.engine import EntityEngine
from geostead.model.entity_type import EntityType
from geostead.model.job import LoadOperation

DATA_SOURCE_NAME = re.compile(r"[A-Za-z0-9~`!$^_={}-]{1,50}\Z")
MAX_PREVIOUS_VERSIONS = 3


@dataclass(frozen=True, slots=True)
class DataSource:
    """What a user creates and queries. Its versions are moved by jobs, its master key by its account's owner."""

    id: str
    account_id: str
    name: str
    """1 to 50 characters of :data:`DATA_SOURCE_NAME`; unique within the account, ignoring case."""
    access_id: str
    """32 lower-case hex digits, unique within the installation."""
    master_key_id: str | None
    """None while the data source is only reserved: the key of the first load becomes the master key."""
    query_key_id: str | None
    is_public: bool
    description: str | None
    created_at: datetime
    engine: EntityEngine | None = None
    """What keeps the entities of the versions that are made from now on; None: what the installation says."""


@dataclass(frozen=True, slots=True)
class Version:
    """What one load made. It never changes; only its place (published, staged, previous) does."""

    job_id: str
    """The id of the load job that made it; names the version everywhere."""
    data_source_id: str
    snapshot_id: str
    """Names the immutable files."""
    entity_type: EntityType
    entity_count: int
    created_at: datetime
    """When the load that made it was completed."""
    made_by: str | None = None
    """Who asked for that load, as in :class:`geostead.model.job.Job`."""


@dataclass(frozen=True, slots=True)
class DataSourceVersions:
    """A data source with all its versions; what the service document and ``$metadata`` describe."""

    data_source: DataSource
    published: Version | None
    staged: Version | None = None
    previous: tuple[Version, ...] = ()
    """The one that was published last comes first; at most :data:`MAX_PREVIOUS_VERSIONS`."""

    @property
    def every(self) -> tuple[Version, ...]:
        """All versions: the published one, the staged one, the previous ones."""
        return tuple(version for version in (self.published, self.staged, *self.previous) if version is not None)

    def find(self, version_id: str) -> Version | None:
        """Return the version of that load job id (in either case of its hex digits), or None."""
        return next((version for version in self.every if version.job_id == version_id.lower()), None)

    def base_of(self, operation: LoadOperation) -> Version | None:
        """Return the version that an incremental load changes: of a staging one the staged one, if there is one."""
        return (self.staged or self.published) if operation.is_staging else self.published
