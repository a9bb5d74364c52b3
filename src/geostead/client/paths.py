"""The URLs of the HTTP API, below its base URL."""

from __future__ import annotations

from urllib.parse import quote

from geostead.client.values import DataSource, JobKind

DATA = "/REST/v1/data"
PUBLIC = f"{DATA}/$GetPublicDataSourceList"
LOADS = "/REST/v1/Dataflows/LoadDataSource"
ROLLBACKS = "/REST/v1/Dataflows/DataSourceRollback"
DOWNLOADS = "/REST/v1/Dataflows/DataSourceDownload"
JOBS = "/REST/v1/Dataflows/ListJobs"
CHANGES = f"{DATA}/jobs"

_OF_KINDS = {
    JobKind.LOAD: LOADS,
    JobKind.ROLLBACK: ROLLBACKS,
    JobKind.DOWNLOAD: DOWNLOADS,
    JobKind.CHANGE: CHANGES,
}


def segment(text: str) -> str:
    """Write text so that it stands for itself in one segment of a path."""
    return quote(text, safe="")


def of_data_source(found: DataSource) -> str:
    """Return the path of a data source."""
    return f"{DATA}/{found.access_id}/{segment(found.name)}"


def of_entities(found: DataSource) -> str:
    """Return the path of the entities of a data source."""
    return f"{of_data_source(found)}/{found.entity_type}"


def of_entity(found: DataSource, entity_id: str) -> str:
    """Return the path of one entity; quotes in its id are doubled."""
    return f"{of_entities(found)}('{segment(entity_id.replace(chr(39), chr(39) * 2))}')"


def of_job(kind: JobKind, job_id: str) -> str:
    """Return the path of a job."""
    return f"{_OF_KINDS[kind]}/{segment(job_id)}"


def of_status(kind: JobKind, job_id: str) -> str:
    """Return the path of the status of a job."""
    return of_job(kind, job_id) + ("/$getstatus" if kind is JobKind.CHANGE else "")
