"""Loads, rollbacks, downloads and the job list: what is below ``/Dataflows`` (http-api.md, section 3)."""

from __future__ import annotations

from collections.abc import Iterator

from geostead.http.dataflows import MEDIA_TYPES
from geostead.http.openapi import examples
from geostead.http.openapi.faults import ALWAYS, Family
from geostead.http.openapi.nodes import Node
from geostead.http.openapi.operation import CANCELLING, KEY, KEY_OR_NONE, Operation
from geostead.http.openapi.replies import both, file_of, linked, reply

ROOT = "/REST/v1/Dataflows"
_OUTPUT = ("output", "o")
_ERROR_OUTPUT = ("errorOutput", "errorO")
_BODY: Node = {
    "description": "The upload, unless there is a `dataLocation`. `Content-Type` is not looked at: `input` and the "
    "first bytes decide.",
    "content": {
        "text/plain": {"schema": {"type": "string"}, "example": examples.UPLOAD},
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
    },
}


def dataflows() -> Iterator[Operation]:
    """Yield the operations below ``/Dataflows``, and the one that is said to be elsewhere, too."""
    yield from _loads()
    yield from _rollbacks()
    yield from _downloads()
    yield Operation(
        path=f"{ROOT}/ListJobs",
        id="listJobs",
        tag="Jobs",
        summary="List the jobs of the last 15 days",
        description="Pending ones first, then the others, each newest first. Downloads are not listed.",
        parameters=_OUTPUT,
        replies={"200": _about("listJobs", "JobList", "The jobs of the account of the key.")},
        family=Family.MANAGEMENT,
        faults=(400, 401, *ALWAYS),
        has_head=True,
    )


def _loads() -> Iterator[Operation]:
    path = f"{ROOT}/LoadDataSource"
    accepted = _about("loadDataSource", "DataflowJobAccepted", "Accepted, and on the disk.", Location="location")
    yield Operation(
        path=path,
        method="POST",
        id="loadDataSource",
        tag="Loads",
        summary="Load entities into a data source",
        description="A new data source, or a new version of one. What is loaded is the body, or what is at "
        "`dataLocation`: one of them, and not both.",
        parameters=(
            *("dataSourceName", "loadOperation", "input", "loadAccessId", "dataLocation", "queryKey"),
            *("loadSetPublic", "strict", "description", *_OUTPUT),
        ),
        body=_BODY,
        replies={"201": linked(accepted, "getLoad", "getLoadLog")},
        family=Family.MANAGEMENT,
        faults=(400, 401, 403, 413, *ALWAYS),
    )
    yield _status(f"{path}/{{jobId}}", "getLoad", "Loads", "Ask where a load stands")
    yield _cancel(f"{path}/{{jobId}}", "cancelLoad", "Loads", "Cancel a load")
    yield _log(f"{path}/{{jobId}}/output/failed", "getLoadLog", "Loads", "Get the error log of a load")


def _rollbacks() -> Iterator[Operation]:
    path = f"{ROOT}/DataSourceRollback"
    accepted = _about("rollBack", "DataflowJobAccepted", "Accepted.", Location="location")
    yield Operation(
        path=f"{path}/{{jobId}}/{{name}}",
        id="rollBack",
        tag="Changes",
        summary="Publish another version once more",
        description="This `GET` acts: `HEAD` is answered with 405.",
        parameters=("versionId", "name", *_OUTPUT),
        replies={"201": linked(accepted, "getRollback", "getRollbackLog")},
        family=Family.MANAGEMENT,
        faults=(400, 401, 403, 404, *ALWAYS),
    )
    yield _status(f"{path}/{{jobId}}", "getRollback", "Changes", "Ask where a rollback stands", security=KEY_OR_NONE)
    yield _cancel(f"{path}/{{jobId}}", "cancelRollback", "Changes", "Cancel a rollback")
    yield _log(f"{path}/{{jobId}}/output/failed", "getRollbackLog", "Changes", "Get why a rollback was aborted")


def _downloads() -> Iterator[Operation]:
    path = f"{ROOT}/DataSourceDownload"
    yield _new_download(f"{path}/{{accessId}}/{{name}}", "createDownload", "Write a version into a file")
    yield _new_download(
        "/REST/v1/data/DataSourceDownload/{accessId}/{name}", "createDownloadUnderData", "The same at another path"
    )
    yield _status(
        f"{path}/{{jobIdOrName}}", "getDownload", "Downloads", "Ask where a download stands", job="jobIdOrName"
    )
    yield _cancel(f"{path}/{{jobIdOrName}}", "cancelDownload", "Downloads", "Cancel a download", job="jobIdOrName")
    yield Operation(
        path=f"{path}/{{jobId}}/output/succeeded",
        id="getOutput",
        tag="Downloads",
        summary="Get the entities that a download wrote",
        description="404 while the job is pending, if it was aborted, and after 14 days.",
        parameters=("jobId", "dataFormat", *_ERROR_OUTPUT),
        replies={"200": reply("The entities.", file_of(*(m.partition(";")[0] for m in MEDIA_TYPES.values())))},
        family=Family.MANAGEMENT,
        faults=(400, 401, 404, *ALWAYS),
        has_head=True,
    )
    yield _log(f"{path}/{{jobId}}/output/failed", "getDownloadLog", "Downloads", "Get why a download was aborted")


def _new_download(path: str, id_: str, summary: str) -> Operation:
    accepted = _about("createDownload", "DataflowJobAccepted", "Accepted.", Location="location")
    return Operation(
        path=path,
        id=id_,
        tag="Downloads",
        summary=summary,
        description="This `GET` acts: `HEAD` is answered with 405.",
        parameters=("accessId", "name", "downloadJobId", *_OUTPUT),
        replies={"201": linked(accepted, "getOutput", "getDownloadLog")},
        family=Family.MANAGEMENT,
        faults=(400, 401, 404, *ALWAYS),
    )


def _status(
    path: str, id_: str, tag: str, summary: str, *, job: str = "jobId", security: tuple[Node, ...] = KEY
) -> Operation:
    return Operation(
        path=path,
        id=id_,
        tag=tag,
        summary=summary,
        parameters=(job, *_OUTPUT),
        replies={"200": _about(id_, "DataflowJobStatus", "The job.")},
        family=Family.MANAGEMENT,
        faults=(400, 401, 404, *ALWAYS),
        has_head=True,
        security=security,
    )


def _cancel(path: str, id_: str, tag: str, summary: str, *, job: str = "jobId") -> Operation:
    return Operation(
        path=path,
        method="DELETE",
        id=id_,
        tag=tag,
        summary=summary,
        description=CANCELLING,
        parameters=(job, *_OUTPUT),
        replies={"200": _about("cancelLoad", "DataflowJobStatus", "The job, aborted.")},
        family=Family.MANAGEMENT,
        faults=(400, 401, 404, *ALWAYS),
    )


def _log(path: str, id_: str, tag: str, summary: str) -> Operation:
    return Operation(
        path=path,
        id=id_,
        tag=tag,
        summary=summary,
        description="404 while the job is pending, and where there is no log, or no longer: it is kept for 14 days.",
        parameters=("jobId", *_ERROR_OUTPUT),
        replies={"200": reply("What was wrong with which row.", file_of("text/csv"))},
        family=Family.MANAGEMENT,
        faults=(401, 404, *ALWAYS),
        has_head=True,
    )


def _about(example: str, schema_name: str, description: str, **headers: str) -> Node:
    found = both(schema_name, examples.jobs()[example])
    return reply(description, found, Cache_Control="cacheControl", **headers)
