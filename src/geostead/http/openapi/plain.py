"""What is served outside of ``/REST``."""

from __future__ import annotations

from collections.abc import Iterator

from geostead.http.docs_page import FILES
from geostead.http.openapi.faults import Family
from geostead.http.openapi.nodes import Node
from geostead.http.openapi.operation import NO_KEY, Operation
from geostead.http.openapi.replies import JSON, file_of, plain_text, reply
from geostead.wire.branding import LOGO_PATH

_KEPT = {"ETag": "etag", "Cache_Control": "cacheControl"}


def plain() -> Iterator[Operation]:
    """Yield the operations."""
    ok = {"200": reply("Yes.", plain_text("ok\n"), Cache_Control="cacheControl")}
    yield _read("/healthz", "getHealth", "Ask whether the process is alive", ok)
    yield _read("/readyz", "getReadiness", "Ask whether catalog and store answer", ok, faults=(500, 503))
    yield _read(
        "/metrics",
        "getMetrics",
        "Get the metrics of this node, where the operator allows it",
        {
            "200": reply(
                "Metrics in the text format of Prometheus.", file_of("text/plain"), Cache_Control="cacheControl"
            )
        },
        faults=(404, 500),
    )
    logo = reply("The image.", file_of("image/png"), Cache_Control="cacheControl")
    yield _read(LOGO_PATH, "getLogo", "Get the image of `brandLogoUri`", {"200": logo})
    yield _read("/openapi.json", "getDescription", "Get this document", _kept("It.", JSON))
    to_docs = reply("To the page that this document can be browsed with.", Location="relativeLocation")
    yield _read("/", "getRoot", "Be led to the documentation", {"307": to_docs})
    yield _read("/docs", "getDocumentation", "Get the page to browse this document with", _kept("It.", "text/html"))
    media_types = dict.fromkeys(file.media_type for file in FILES.values())
    yield _read(
        "/docs/{file}",
        "getDocumentationFile",
        "Get a file of that page",
        _kept("The file.", *media_types),
        parameters=("file",),
        faults=(404, 500),
    )


def _kept(description: str, *media_types: str) -> Node:
    not_modified = reply("`If-None-Match` names the current entity tag.", **_KEPT)
    return {"200": reply(description, file_of(*media_types), **_KEPT), "304": not_modified}


def _read(
    path: str,
    id_: str,
    summary: str,
    replies: Node,
    *,
    parameters: tuple[str, ...] = (),
    faults: tuple[int, ...] = (500,),
) -> Operation:
    return Operation(
        path=path,
        id=id_,
        tag="Server",
        summary=summary,
        parameters=parameters,
        replies=replies,
        family=Family.PLAIN,
        faults=faults,
        security=NO_KEY,
        has_head=True,
    )
