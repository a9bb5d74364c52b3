"""The description of the API, for machines: ``/openapi.json``."""

from __future__ import annotations

from starlette.responses import Response

from geostead.http.call import Call
from geostead.http.openapi.document import encode_description
from geostead.http.replies import kept

_ANY_ORIGIN = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, X-Request-Id"}


def get_description(call: Call) -> Response:
    """Hand out the description."""
    return kept(call, encode_description(call.options.max_page_size), "application/json", _ANY_ORIGIN)
