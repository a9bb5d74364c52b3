"""The whole description, as the bytes of ``/openapi.json``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import orjson

from geostead import __version__
from geostead.http.openapi.data import data
from geostead.http.openapi.dataflows import dataflows
from geostead.http.openapi.faults import fault_responses
from geostead.http.openapi.nodes import Node
from geostead.http.openapi.operation import Operation
from geostead.http.openapi.parameters import parameters
from geostead.http.openapi.plain import plain
from geostead.http.openapi.queries import queries
from geostead.http.openapi.replies import headers
from geostead.http.openapi.schemas import schemas

_ABOUT = """\
Places in data sources, queried over HTTP: the API of Bing Maps Spatial Data Services, served by Geostead.

* Fixed words of paths, access ids, names of data sources and entity types, names of parameters and enumerated values
  are read in any case. A parameter that is empty is not there, of a repeated one the first counts, and unknown ones are
  ignored.
* Parameters alone choose the form of a reply: `output` or `o` where loads, changes and downloads are concerned, else
  `$format`. Errors come in the same form.
* Any method that a URL does not have is answered with 405 and the header `Allow`.
* A load, a change or a download is a job: the reply has its id and, in the header `Location`, the URL of its status.
"""
_TAGS = {
    "Queries": "Entities, by options and by id.",
    "Loads": "Entities go in.",
    "Changes": "What a data source is: published, rolled back, public, deleted.",
    "Downloads": "Entities come out, a whole version at a time.",
    "Jobs": "What was done lately.",
    "Data sources": "What there is, and of which type.",
    "Server": "Health, and this documentation.",
    "HEAD": "Wherever a `GET` only reads, `HEAD` answers the same without its body.",
}
_KEY = {
    "type": "apiKey",
    "in": "query",
    "name": "key",
    "description": "A key of an account. White space around it is dropped.",
}


@lru_cache(maxsize=1)
def encode_description(max_page_size: int) -> bytes:
    """Return the description as JSON; ``max_page_size`` is how many entities ``$pageSize`` may ask for here."""
    return orjson.dumps(describe(max_page_size))


def describe(max_page_size: int) -> Node:
    """Return the description as plain data. The URL of the server is relative to that of the document."""
    operations = [*queries(), *dataflows(), *data(), *plain()]
    errors = [(operation.family, status) for operation in operations for status in operation.faults]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Geostead", "version": __version__, "description": _ABOUT},
        "servers": [{"url": ".", "description": "this server"}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": _paths(operations),
        "components": {
            "securitySchemes": {"key": _KEY},
            "parameters": parameters(max_page_size),
            "headers": headers(),
            "responses": fault_responses(errors),
            "schemas": schemas(),
        },
    }


def _paths(operations: Iterable[Operation]) -> Node:
    paths: Node = {}
    for operation in operations:
        paths.setdefault(operation.path, {}).update(_methods(operation))
    return paths


def _methods(operation: Operation) -> Iterator[tuple[str, Node]]:
    yield operation.method.lower(), operation.node()
    if operation.has_head:
        yield "head", operation.head()
