"""Downloads of versions: begun, watched, and fetched in the format that one wants."""

from __future__ import annotations

from starlette.responses import Response, StreamingResponse

from geostead.console.own_data_source import ONE, own_of, under_way
from geostead.console.visit import Visit
from geostead.errors import InvalidParameter, NotFound
from geostead.http.dataflows import MEDIA_TYPES
from geostead.model.job import DataFormat, DownloadOrder, Job, JobStatus
from geostead.operations.compare_versions import find_version
from geostead.operations.get_own_job import get_own_job
from geostead.operations.open_output import output_of
from geostead.operations.start_download import start_download

DOWNLOAD = f"{ONE}/downloads/{{job}}?format={{format}}"

ENDINGS = {
    DataFormat.XML: "xml",
    DataFormat.CSV: "csv",
    DataFormat.GEOJSON: "geojson",
    DataFormat.GEOPARQUET: "parquet",
}
"""How the names of files of a format end."""


def start(visit: Visit) -> Response:
    """Begin a download of a version, unless one is under way, and lead to it."""
    own = own_of(visit)
    source, version = own.data_source, find_version(own.versions, visit.path["version"])
    wanted = _format(visit.text("format") or DataFormat.XML)
    job = under_way(visit, own, DownloadOrder(version.job_id, version.snapshot_id)) or start_download(
        visit.services, own.acting_key(), source.access_id, source.name, version.job_id, made_by=visit.person.email
    )
    return visit.to(DOWNLOAD, name=source.name, job=job.id, format=wanted)


def show(visit: Visit) -> Response:
    """Show how far a download is, and where its file is once it is done."""
    job = _job_of(visit)
    wanted = _format(visit.query.get("format", DataFormat.XML))
    return visit.page(
        "download.html",
        job=job,
        is_pending=job.status is JobStatus.PENDING,
        is_completed=job.status is JobStatus.COMPLETED,
        wanted=wanted,
        formats=list(DataFormat),
    )


def fetch(visit: Visit) -> Response:
    """Send the file of a download that is done, in the format that the URL names."""
    job = _job_of(visit)
    wanted = _format(visit.path["format"])
    output = output_of(visit.services, job, wanted)
    length = {} if output.size_bytes is None else {"Content-Length": str(output.size_bytes)}
    name = f"{job.data_source_name}.{ENDINGS[wanted]}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', **length}
    return StreamingResponse(output.chunks(), headers=headers, media_type=MEDIA_TYPES[wanted])


def _job_of(visit: Visit) -> Job:
    """Return the download that the URL names. It stays when its data source is deleted. Raises NotFound."""
    job = get_own_job(visit.services, visit.account.id, visit.path["job"])
    if not isinstance(job.order, DownloadOrder) or job.data_source_name.lower() != visit.path["name"].lower():
        raise NotFound(f"There is no download {job.id} of {visit.path['name']}.")
    return job


def _format(text: str) -> DataFormat:
    try:
        return DataFormat(text)
    except ValueError as error:
        raise InvalidParameter("format", text, ", ".join(DataFormat)) from error
