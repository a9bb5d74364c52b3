"""Replies that scripts of a page read: JSON, errors included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.responses import Response

from geostead.console.faults import status_of
from geostead.console.visit import Visit
from geostead.errors import InvalidParameter
from geostead.http.errors import message_of

Json = dict[str, Any]

_SPOKEN_OF = {"$filter": "filter", "spatialFilter": "spatial", "$orderby": "order", "$top": "top", "$skip": "skip"}
"""Parameters of the console by those of the query language."""


@dataclass(frozen=True, slots=True)
class JsonHandler:
    """A handler of pages out of one that returns what is to be encoded, or a whole response."""

    find: Callable[[Visit], Json | Response]

    def __call__(self, visit: Visit) -> Response:
        """Answer a request."""
        found = self.find(visit)
        return found if isinstance(found, Response) else reply(found)


def reply(content: Json, status: int = 200) -> Response:
    """Return a reply that nobody keeps."""
    headers = {"Cache-Control": "no-store"}
    return Response(orjson.dumps(content), status, headers, media_type="application/json")


def json_fault(visit: Visit, error: Exception) -> Response:
    """Tell a script what is known about an error: which parameter, where in it, what was expected."""
    described: Json = dict.fromkeys(("parameter", "found", "expected", "position"))
    described["message"] = message_of(error, visit.trace_id)
    if isinstance(error, InvalidParameter):
        parameter = _SPOKEN_OF.get(error.parameter, error.parameter)
        described |= {"parameter": parameter, "found": error.found[:100], "expected": error.expected}
        described["position"] = error.position
    return reply(described, status_of(error))
