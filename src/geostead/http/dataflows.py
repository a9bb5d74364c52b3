"""Loads, rollbacks, downloads and the job list: the URLs below ``/REST/v1/Dataflows`` (http-api.md, section 3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from starlette.responses import Response, StreamingResponse

from geostead.http.authorize import check_given_key, key_of
from geostead.http.call import Call
from geostead.http.negotiation import output_of
from geostead.http.parameters import choice, find, read_load
from geostead.http.replies import NOT_KEPT, XML, document, job_accepted, job_list, job_status
from geostead.model.job import DataFormat, JobKind
from geostead.operations.cancel_job import cancel_job
from geostead.operations.get_change import get_change
from geostead.operations.get_download import get_download
from geostead.operations.get_job import get_job
from geostead.operations.list_jobs import list_jobs
from geostead.operations.open_error_log import AbortReason, open_error_log
from geostead.operations.open_output import open_output
from geostead.operations.roll_back import roll_back
from geostead.operations.start_download import start_download
from geostead.operations.start_load import Upload, start_load
from geostead.wire.error_log import encode_error_log

_CSV = "text/csv; charset=utf-8"
_DATA_FORMATS = {word.value: word for word in DataFormat}
MEDIA_TYPES = {
    DataFormat.XML: XML,
    DataFormat.CSV: _CSV,
    DataFormat.GEOJSON: "application/geo+json",
    DataFormat.GEOPARQUET: "application/vnd.apache.parquet",
}


class File(Protocol):
    """Bytes to hand out."""

    @property
    def size_bytes(self) -> int | None:
        """How many; None if they are made while they are sent."""

    def chunks(self) -> Iterator[bytes]:
        """Return them piece by piece, from the first one."""


def post_load(call: Call) -> Response:
    """Accept an upload, or the location of one."""
    key = key_of(call)
    output_of(call.parameters)  # a reply that cannot be given must be known before the load is accepted
    request = read_load(call.parameters, strict=call.options.strict_loads)
    upload = Upload(call.body.chunks(), call.body.announced_bytes)
    return job_accepted(call, start_load(call.services, key, request, upload))


def get_load(call: Call) -> Response:
    """Tell where a load stands."""
    return job_status(call, get_job(call.services, key_of(call), JobKind.LOAD, call.path["job_id"]))


def cancel_load(call: Call) -> Response:
    """Take back a load."""
    return _cancelled(call, JobKind.LOAD, call.path["job_id"])


def get_new_rollback(call: Call) -> Response:
    """Accept a rollback. The contract has it as a ``GET`` that acts."""
    key = key_of(call)
    output_of(call.parameters)
    return job_accepted(call, roll_back(call.services, key, call.path["job_id"], call.path["name"]))


def get_rollback(call: Call) -> Response:
    """Tell where a rollback stands, also to who knows its id and has no key (section 2)."""
    check_given_key(call)
    key_value, kinds = find(call.parameters, "key"), frozenset({JobKind.ROLLBACK})
    return job_status(call, get_change(call.services, key_value, kinds, call.path["job_id"], call.page))


def cancel_rollback(call: Call) -> Response:
    """Take back a rollback; unlike its status that takes the master key."""
    return _cancelled(call, JobKind.ROLLBACK, call.path["job_id"])


def get_new_download(call: Call) -> Response:
    """Accept a download. The contract has it as a ``GET`` that acts."""
    key = key_of(call)
    output_of(call.parameters)
    version_id = find(call.parameters, "jobId")
    return job_accepted(call, start_download(call.services, key, call.path["access_id"], call.path["name"], version_id))


def get_download_status(call: Call) -> Response:
    """Tell where a download stands, by its id or by the name of its data source."""
    return job_status(call, get_download(call.services, key_of(call), call.path["job_id_or_name"]))


def cancel_download(call: Call) -> Response:
    """Take back a download, which has to be named by its id."""
    return _cancelled(call, JobKind.DOWNLOAD, call.path["job_id_or_name"])


def get_output(call: Call) -> Response:
    """Hand out what a download wrote, in the format that ``dataFormat`` asks for."""
    key = key_of(call)
    data_format = choice(call.parameters, _DATA_FORMATS, "dataFormat") or DataFormat.XML
    return _file(open_output(call.services, key, call.path["job_id"], data_format), MEDIA_TYPES[data_format])


def get_load_log(call: Call) -> Response:
    """Hand out the error log of a load."""
    return _log(call, JobKind.LOAD)


def get_rollback_log(call: Call) -> Response:
    """Hand out the error log of a rollback."""
    return _log(call, JobKind.ROLLBACK)


def get_download_log(call: Call) -> Response:
    """Hand out the error log of a download."""
    return _log(call, JobKind.DOWNLOAD)


def get_jobs(call: Call) -> Response:
    """List the jobs of the key's account."""
    return job_list(call, list_jobs(call.services, key_of(call)))


def _cancelled(call: Call, kind: JobKind, job_id: str) -> Response:
    key = key_of(call)
    output_of(call.parameters)  # a reply that cannot be given must be known before the job is cancelled
    return job_status(call, cancel_job(call.services, get_job(call.services, key, kind, job_id)))


def _log(call: Call, kind: JobKind) -> Response:
    log = open_error_log(call.services, key_of(call), kind, call.path["job_id"])
    if isinstance(log, AbortReason):
        return document(encode_error_log(log.text, [], 0), _CSV)
    return _file(log, _CSV)


def _file(file: File, media_type: str) -> Response:
    length = {} if file.size_bytes is None else {"Content-Length": str(file.size_bytes)}
    return StreamingResponse(file.chunks(), headers={**NOT_KEPT, **length}, media_type=media_type)
