"""What comes back when all went well: bodies by media type, and headers (http-api.md, section 4)."""

from __future__ import annotations

from collections.abc import Mapping

from geostead.http.openapi.examples import Example
from geostead.http.openapi.nodes import Node, ref, schema
from geostead.wire.jsonp import CALLBACK

JSON = "application/json"
XML = "application/xml"
SCRIPT = "application/javascript"
TEXT = "text/plain"
_JOB_ID = "$response.body#/resourceSets/0/resources/0/id"


def headers() -> Node:
    """Return all headers by the name of their component."""
    return {
        "requestId": _header("The trace id, which the log has, too.", {"type": "string", "pattern": "^[0-9a-f]{32}$"}),
        "location": _header("The URL of the job's status, without query string.", {"type": "string", "format": "uri"}),
        "relativeLocation": _header("Where to go.", {"type": "string", "format": "uri-reference"}),
        "etag": _header("Changes with what is replied.", {"type": "string", "pattern": '^"[^"]+"$'}),
        "cacheControl": _header("How long the reply may be kept.", {"type": "string"}),
        "retryAfter": _header("Seconds after which to try again.", {"type": "string", "pattern": "^[0-9]+$"}),
        "anyOrigin": _header("Any origin may ask.", {"const": "*"}),
        "warning": {
            "description": "What was not as asked for: names of `$select` that do not exist, how an address was "
            "understood, travel parameters that do not count.",
            "schema": {"type": "string"},
        },
    }


def reply(description: str, content: Mapping[str, Node] | None = None, /, **more: str) -> Node:
    """Describe a reply; ``more`` are the components of further headers, ``_`` standing for ``-``."""
    named = {"X-Request-Id": "requestId", **{name.replace("_", "-"): component for name, component in more.items()}}
    body = {} if content is None else {"content": dict(content)}
    return {
        "description": description,
        "headers": {name: ref("headers", component) for name, component in named.items()},
        **body,
    }


def linked(found: Node, *operation_ids: str, parameter: str = "jobId") -> Node:
    """Add to a reply about a job which operations ask for it next, by its id."""
    links = {
        operation_id: {"operationId": operation_id, "parameters": {parameter: _JOB_ID}}
        for operation_id in operation_ids
    }
    return {**found, "links": links}


def both(name: str, example: Example, xml: str = XML) -> Node:
    """Describe a document that comes as JSON of this schema or as XML."""
    return {JSON: {"schema": schema(name), "example": example.json}, xml: _xml(example.xml)}


def either_form(name: str, example: Example) -> Node:
    """Describe a reply to a query: Atom, JSON of this schema, or that in a call."""
    return {**both(name, example, "application/atom+xml"), SCRIPT: script()}


def xml_only(text: str) -> Node:
    """Describe a document that is always XML."""
    return {XML: _xml(text)}


def plain_text(text: str) -> Node:
    """Describe a short text."""
    return {TEXT: {"schema": {"type": "string"}, "example": text}}


def file_of(*media_types: str) -> Node:
    """Describe bytes that are not ours to describe."""
    return {media_type: {} for media_type in media_types}


def script() -> Node:
    """Describe JSON in a call."""
    name = CALLBACK.pattern.removesuffix("\\Z")
    return {"schema": {"type": "string", "pattern": f"^{name}\\(.*\\)$"}, "example": 'found({"d":{"results":[]}})'}


def _xml(text: str) -> Node:
    return {"schema": {"type": "string"}, "example": text}


def _header(description: str, schema_: Node) -> Node:
    return {"description": description, "required": True, "schema": schema_}
