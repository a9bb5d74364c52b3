"""Entity queries, by options and by id (http-api.md, section 4.5; query-language.md)."""

from __future__ import annotations

from collections.abc import Iterator

from geostead.http.openapi import examples
from geostead.http.openapi.faults import ALWAYS, Family
from geostead.http.openapi.nodes import Node
from geostead.http.openapi.operation import NO_KEY, Operation
from geostead.http.openapi.replies import either_form, reply

PATH = "/REST/v1/data/{accessId}/{name}/{entityType}"
PATH_BY_ID = PATH + "('{entityId}')"
_WHICH = ("accessId", "name", "entityType")
_FORMS = ("queryFormat", "jsonp", "jsonso", "isStaging", "isStaged")
_OPTIONS = ("spatialFilter", "filter", "select", "orderby", "top", "pageSize", "skip", "inlinecount")
_TRAVEL = ("travelMode", "avoid", "optimize", "optmz", "distanceBeforeFirstTurn", "dbft", "heading", "hd")


def queries() -> Iterator[Operation]:
    """Yield the operations."""
    warned = {"Warning": "warning"}
    yield Operation(
        path=PATH,
        id="queryEntities",
        tag="Queries",
        summary="Find entities",
        description="With a spatial filter, a filter, both or none. The travel parameters count for `nearRoute` only.",
        parameters=(*_WHICH, *_OPTIONS, *_TRAVEL, *_FORMS),
        replies=_replies(
            "The entities, maybe none.", either_form("Entities", examples.entities()["queryEntities"]), **warned
        ),
        family=Family.QUERY,
        faults=(400, 401, 404, *ALWAYS),
        has_head=True,
    )
    yield Operation(
        path=PATH_BY_ID,
        id="getEntity",
        tag="Queries",
        summary="Get one entity",
        parameters=(*_WHICH, "entityId", *_FORMS),
        replies=_replies("The entity.", either_form("OneEntity", examples.entities()["getEntity"])),
        family=Family.QUERY,
        faults=(400, 401, 404, *ALWAYS),
        has_head=True,
    )
    yield _preflight(PATH, "preflightQuery", _WHICH)
    yield _preflight(PATH_BY_ID, "preflightEntity", (*_WHICH, "entityId"))


def _replies(description: str, content: Node, **headers: str) -> Node:
    kept = {"ETag": "etag", "Cache_Control": "cacheControl", "Access_Control_Allow_Origin": "anyOrigin"}
    return {
        "200": reply(description, content, **kept, **headers),
        "304": reply("`If-None-Match` names the current entity tag.", **kept),
    }


def _preflight(path: str, id_: str, parameters: tuple[str, ...]) -> Operation:
    return Operation(
        path=path,
        method="OPTIONS",
        id=id_,
        tag="Queries",
        summary="Ask, as a browser does, whether a page of any origin may query",
        parameters=parameters,
        replies={"204": reply("It may.", Access_Control_Allow_Origin="anyOrigin")},
        family=Family.QUERY,
        security=NO_KEY,
    )
