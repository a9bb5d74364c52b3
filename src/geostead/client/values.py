"""What the client returns: data sources, versions, jobs and row errors, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PropertyType(StrEnum):
    """The type of a property, and what its values are in Python."""

    STRING = "Edm.String"
    """``str``; a missing one is ``""``."""
    INT64 = "Edm.Int64"
    """``int`` or None."""
    DOUBLE = "Edm.Double"
    """``float`` or None."""
    BOOLEAN = "Edm.Boolean"
    """``bool`` or None."""
    DATETIME = "Edm.DateTime"
    """``datetime`` in UTC, to the millisecond, or None."""
    GEOGRAPHY = "Edm.Geography"
    """:class:`geostead.client.Geography` or None."""


class JobKind(StrEnum):
    """What a job is, as far as it decides where its status is found."""

    LOAD = "load"
    ROLLBACK = "rollback"
    DOWNLOAD = "download"
    CHANGE = "change"
    """A publish, a delete, or a change of who may query; the description says which."""


class JobStatus(StrEnum):
    """Where a job is."""

    PENDING = "Pending"
    COMPLETED = "Completed"
    ABORTED = "Aborted"


@dataclass(frozen=True, slots=True)
class DataSource:
    """A data source that has a version."""

    name: str
    access_id: str
    entity_type: str
    is_public: bool
    """Whether any valid key may query it."""
    updated_at: datetime
    """When the version that is shown was made: the published one, else the staged one."""
    query_url: str
    """The URL of its entities, as the server calls itself."""


@dataclass(frozen=True, slots=True)
class Version:
    """What one load made."""

    job_id: str
    """The id of that load, which names the version."""
    is_published: bool
    is_staged: bool
    entity_count: int
    created_at: datetime

    @property
    def is_previous(self) -> bool:
        """Whether it was published once, and can be rolled back to."""
        return not (self.is_published or self.is_staged)


@dataclass(frozen=True, slots=True)
class Property:
    """A property of an entity type."""

    name: str
    type: PropertyType
    is_key: bool
    """Whether it is the primary key, whose value is the entity id."""


@dataclass(frozen=True, slots=True)
class DataSourceDescription:
    """A data source with all that can be known of it."""

    data_source: DataSource
    versions: tuple[Version, ...]
    """The published one, the staged one, then the previous ones, the one that was published last first."""
    properties: tuple[Property, ...]
    """Those of the published version, else of the staged one, in the order in which they were declared."""

    @property
    def published(self) -> Version | None:
        """The version that is queried."""
        return next((version for version in self.versions if version.is_published), None)

    @property
    def staged(self) -> Version | None:
        """The version that waits to be published."""
        return next((version for version in self.versions if version.is_staged), None)

    @property
    def previous(self) -> tuple[Version, ...]:
        """The versions that can be rolled back to, the one that was published last first."""
        return tuple(version for version in self.versions if version.is_previous)


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stood when the server was asked."""

    id: str
    kind: JobKind
    status: JobStatus
    data_source: str | None
    """The name of the data source; None if it is not known."""
    description: str | None
    """What it does, or of a load the words that came with it; None if there are none."""
    created_at: datetime
    completed_at: datetime | None
    """None while it is pending."""
    error_message: str | None
    """Why it was aborted; None if it was not."""
    total_count: int | None
    """Rows read so far, bad ones included; None for a change."""
    failed_count: int | None
    """Rows that were left out; None for a change."""
    fetched_bytes: int | None
    """How much was fetched from the URL of the upload; None if it came with the request."""
    has_error_log: bool
    """Whether the server announces an error log."""

    @property
    def has_ended(self) -> bool:
        """Whether it is completed or aborted."""
        return self.status is not JobStatus.PENDING

    @property
    def is_aborted(self) -> bool:
        """Whether it came to nothing."""
        return self.status is JobStatus.ABORTED


@dataclass(frozen=True, slots=True)
class RowIssue:
    """A line of the error log of a job."""

    severity: str
    """``error`` for a row that was left out, ``note`` for one that was kept, ``aborted`` for the reason of the end."""
    location: str
    """Where the row is, such as ``line 17``; empty if it is about no row."""
    entity_id: str
    property: str
    found: str
    expected: str
