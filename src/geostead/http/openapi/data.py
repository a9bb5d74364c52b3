"""Service documents, ``$metadata`` and changes: what is below ``/data`` but for queries (http-api.md, section 3)."""

from __future__ import annotations

from collections.abc import Iterator

from geostead.http.openapi import examples
from geostead.http.openapi.faults import ALWAYS, Family
from geostead.http.openapi.nodes import Node
from geostead.http.openapi.operation import CANCELLING, KEY_OR_NONE, Operation
from geostead.http.openapi.replies import both, linked, reply, xml_only

ROOT = "/REST/v1/data"
_SOURCE = f"{ROOT}/{{accessId}}/{{name}}"
_OUTPUT = ("output", "o")
_ACTS = "This `GET` acts: `HEAD` is answered with 405."


def data() -> Iterator[Operation]:
    """Yield the operations."""
    yield _described("", "listDataSources", "DataSources", "List the data sources of the account")
    yield _described(
        "/$GetPublicDataSourceList", "listPublicDataSources", "PublicDataSources", "List all public data sources"
    )
    yield _described(
        "/{accessId}/{name}",
        "describeDataSource",
        "OneDataSource",
        "Describe a data source",
        ("accessId", "name", "showAllVersions"),
    )
    yield _metadata("", "getMetadataOfAll", "Describe the entity types of the account")
    yield _metadata(
        "/{accessId}/{name}", "getMetadata", "Describe an entity type", ("accessId", "name", "showAllVersions")
    )
    yield from _changes()


def _described(tail: str, id_: str, schema_name: str, summary: str, parameters: tuple[str, ...] = ()) -> Operation:
    content = both(schema_name, examples.service_documents()[id_], "application/atomsvc+xml")
    return Operation(
        path=ROOT + tail,
        id=id_,
        tag="Data sources",
        summary=summary,
        parameters=(*parameters, "format"),
        replies={"200": reply("The service document.", content, Cache_Control="cacheControl")},
        family=Family.SERVICE,
        faults=(400, 401, 404, *ALWAYS) if "{" in tail else (400, 401, *ALWAYS),
        has_head=True,
    )


def _metadata(tail: str, id_: str, summary: str, parameters: tuple[str, ...] = ()) -> Operation:
    return Operation(
        path=f"{ROOT}{tail}/$metadata",
        id=id_,
        tag="Data sources",
        summary=summary,
        description="In EDMX, which OData v2 clients read.",
        parameters=(*parameters, "metadataFormat"),
        replies={"200": reply("Entity types.", xml_only(examples.metadata()), Cache_Control="cacheControl")},
        family=Family.SERVICE,
        faults=(400, 401, 404, *ALWAYS) if tail else (400, 401, *ALWAYS),
        has_head=True,
    )


def _changes() -> Iterator[Operation]:
    published = _accepted("publishStaged", "Accepted; the status is `Accepted` here and nowhere else.")
    yield Operation(
        path=f"{_SOURCE}/$commit",
        id="publishStaged",
        tag="Changes",
        summary="Publish the staged version",
        description=f"{_ACTS} 404 if nothing is staged.",
        parameters=("accessId", "name", *_OUTPUT),
        replies={"202": published},
        family=Family.MANAGEMENT,
        faults=(400, 401, 403, 404, *ALWAYS),
    )
    yield Operation(
        path=f"{_SOURCE}/$updateDataSource",
        id="setPublic",
        tag="Changes",
        summary="Make a data source public or private",
        description=f"{_ACTS} The change is immediate.",
        parameters=("accessId", "name", "setPublic", *_OUTPUT),
        replies={"201": _accepted("setPublic", "Done.")},
        family=Family.MANAGEMENT,
        faults=(400, 401, 403, 404, *ALWAYS),
    )
    yield _delete()
    yield Operation(
        path=f"{ROOT}/jobs/{{jobId}}/$getstatus",
        id="getChange",
        tag="Changes",
        summary="Ask where a publish, delete or access job stands",
        description="The status of a publish is told without a key, too; a key that is given has to be right.",
        parameters=("jobId", *_OUTPUT),
        replies={"200": reply("The job.", both("DataServiceJobStatus", examples.jobs()["getChange"]))},
        family=Family.MANAGEMENT,
        faults=(400, 401, 404, *ALWAYS),
        security=KEY_OR_NONE,
        has_head=True,
    )
    yield Operation(
        path=f"{ROOT}/jobs/{{jobId}}",
        method="DELETE",
        id="cancelChange",
        tag="Changes",
        summary="Cancel a publish or a delete",
        description=CANCELLING,
        parameters=("jobId", *_OUTPUT),
        replies={"200": reply("The job, aborted.", both("DataServiceJobStatus", examples.jobs()["cancelChange"]))},
        family=Family.MANAGEMENT,
        faults=(400, 401, 404, *ALWAYS),
    )


def _delete() -> Operation:
    return Operation(
        path=_SOURCE,
        method="DELETE",
        id="deleteDataSource",
        tag="Changes",
        summary="Delete a data source, or only what is staged",
        description="From then on queries are a 404.",
        parameters=("accessId", "name", "deleteIsStaging", "isStaged", *_OUTPUT),
        replies={"202": reply("Accepted; the body is empty.", Location="location", Cache_Control="cacheControl")},
        family=Family.MANAGEMENT,
        faults=(400, 401, 403, 404, *ALWAYS),
    )


def _accepted(example: str, description: str) -> Node:
    content = both("DataServiceJobAccepted", examples.jobs()[example])
    return linked(reply(description, content, Location="location", Cache_Control="cacheControl"), "getChange")
