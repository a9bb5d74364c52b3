"""Loads and downloads: the URLs below ``/REST/v1/Dataflows`` (http-api.md, section 3)."""

from __future__ import annotations

from starlette.responses import Response, StreamingResponse

from geostead.http.authorize import key_of
from geostead.http.call import Call
from geostead.http.negotiation import output_of
from geostead.http.parameters import choice, find, read_load
from geostead.http.replies import NOT_KEPT, XML, document, job_accepted, job_status
from geostead.model.job import JobKind
from geostead.operations.get_download import get_download
from geostead.operations.get_job import get_job
from geostead.operations.job_file import JobFile
from geostead.operations.open_error_log import AbortReason, open_error_log
from geostead.operations.open_output import open_output
from geostead.operations.start_download import start_download
from geostead.operations.start_load import Upload, start_load
from geostead.wire.error_log import encode_error_log

_CSV = "text/csv; charset=utf-8"
_DATA_FORMATS = {"xml": XML}


def post_load(call: Call) -> Response:
    """Accept an upload."""
    key = key_of(call)
    output_of(call.parameters)  # a reply that cannot be given must be known before the load is accepted
    upload = Upload(call.body.chunks(), call.body.announced_bytes)
    return job_accepted(call, start_load(call.services, key, read_load(call.parameters), upload))


def get_load(call: Call) -> Response:
    """Tell where a load stands."""
    return job_status(call, get_job(call.services, key_of(call), JobKind.LOAD, call.path["job_id"]))


def get_new_download(call: Call) -> Response:
    """Accept a download. The contract has it as a ``GET`` that acts."""
    key = key_of(call)
    output_of(call.parameters)
    version_id = find(call.parameters, "jobId")
    return job_accepted(call, start_download(call.services, key, call.path["access_id"], call.path["name"], version_id))


def get_download_status(call: Call) -> Response:
    """Tell where a download stands, by its id or by the name of its data source."""
    return job_status(call, get_download(call.services, key_of(call), call.path["job_id_or_name"]))


def get_output(call: Call) -> Response:
    """Hand out what a download wrote."""
    key = key_of(call)
    media_type = choice(call.parameters, _DATA_FORMATS, "dataFormat") or XML
    return _file(open_output(call.services, key, call.path["job_id"]), media_type)


def get_load_log(call: Call) -> Response:
    """Hand out the error log of a load."""
    return _log(call, JobKind.LOAD)


def get_download_log(call: Call) -> Response:
    """Hand out the error log of a download."""
    return _log(call, JobKind.DOWNLOAD)


def _log(call: Call, kind: JobKind) -> Response:
    log = open_error_log(call.services, key_of(call), kind, call.path["job_id"])
    if isinstance(log, AbortReason):
        return document(encode_error_log(log.text, [], 0), _CSV)
    return _file(log, _CSV)


def _file(file: JobFile, media_type: str) -> Response:
    headers = {**NOT_KEPT, "Content-Length": str(file.size_bytes)}
    return StreamingResponse(file.chunks(), headers=headers, media_type=media_type)
