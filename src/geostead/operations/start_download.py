"""Put a download of a version in the queue (http-api.md, section 3)."""

from __future__ import annotations

from geostead.errors import NotFound
from geostead.model.access import Key, check_master
from geostead.model.data_source import DataSourceVersions, Version
from geostead.model.job import DownloadOrder, Job, JobKind, JobStatus
from geostead.operations.find_data_source import find_data_source
from geostead.operations.services import Services
from geostead.telemetry.trace import written_trace


def start_download(
    services: Services, key: Key, access_id: str, name: str, version_id: str | None, *, made_by: str | None = None
) -> Job:
    """Record a download, which is durable when this returns. From then on the files of the version are kept for it.

    A pending download is aborted when its data source is deleted; a version that is dropped makes no difference to it.

    ``version_id`` is the id of the load job that made the version; None means the published version.
    ``made_by`` is who asked for it; None: whoever holds the key. Raises NotFound; NotAuthorized unless ``key`` is the
    master key.
    """
    found = find_data_source(services, access_id, name)
    check_master(key, found.data_source, "download")
    version = _version(found, version_id)
    job = Job(
        id=services.new_id(),
        kind=JobKind.DOWNLOAD,
        account_id=found.data_source.account_id,
        data_source_id=found.data_source.id,
        data_source_name=found.data_source.name,
        access_id=found.data_source.access_id,
        master_key_id=key.id,
        order=DownloadOrder(version.job_id, version.snapshot_id),
        status=JobStatus.PENDING,
        created_at=services.now(),
        total_count=version.entity_count,
        trace=written_trace(),
        made_by=made_by or key.name,
    )
    services.catalog.accept_download(job)
    return job


def _version(found: DataSourceVersions, version_id: str | None) -> Version:
    name = found.data_source.name
    if version_id is None:
        if found.published is None:
            raise NotFound(f"The data source {name} has no published version.")
        return found.published
    version = found.find(version_id)
    if version is None:
        raise NotFound(f"The data source {name} has no version {version_id}.")
    return version
