"""Replies to entity queries, put straight on the wire: what they have in common, and how errors look."""

from __future__ import annotations

import zlib
from typing import NamedTuple

from anyio import to_thread
from starlette.types import Send

from geostead.errors import InvalidParameter
from geostead.http.errors import answer_to, message_of
from geostead.http.middleware.compression import LEAST_BYTES, LEVEL
from geostead.http.negotiation import Format, callback_of, query_format_of
from geostead.http.parameters import Parameters
from geostead.http.replies import fault_headers
from geostead.wire import fault, jsonp

Headers = tuple[tuple[bytes, bytes], ...]

SCRIPT = b"application/javascript; charset=utf-8"

_COMMON: Headers = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Warning, X-Request-Id"),
    (b"vary", b"Accept-Encoding"),
    (b"x-content-type-options", b"nosniff"),
)
KEPT: Headers = (*_COMMON, (b"cache-control", b"private, no-cache"))
"""For replies that a cache may keep, but must ask about before it uses them."""
_NOT_KEPT: Headers = (*_COMMON, (b"cache-control", b"no-store"))
_IN_THREAD_BYTES = 128 * 1024


class BareReply(NamedTuple):
    """A reply before it is compressed."""

    status: int
    headers: Headers
    body: bytes = b""


PREFLIGHT = BareReply(
    204,
    (
        *_COMMON,
        (b"access-control-allow-methods", b"GET, HEAD, OPTIONS"),
        (b"access-control-allow-headers", b"*"),
        (b"access-control-max-age", b"86400"),
    ),
)
"""Answers the question of a browser whether a page of any origin may query."""


def refusal(error: Exception, parameters: Parameters, trace_id: str) -> BareReply:
    """Report an error in the form that the parameters ask for, as far as they can be understood (section 4.5)."""
    answer = answer_to(error)
    message = message_of(error, trace_id)
    try:
        form = query_format_of(parameters)
    except InvalidParameter:
        form = Format.JSON if "jsonp" in parameters else Format.ATOM
    if form is Format.ATOM:
        media_type, body = b"application/xml; charset=utf-8", fault.query_fault_xml(answer.code, message)
    else:
        media_type, body = _script_or_json(fault.query_fault_json(answer.code, message), parameters)
    extra = tuple((name.lower().encode(), value.encode()) for name, value in fault_headers(error).items())
    return BareReply(answer.status, (*_NOT_KEPT, (b"content-type", media_type), *extra), body)


async def send_reply(reply: BareReply, trace_id: str, send: Send, *, gzip: bool, with_body: bool) -> None:
    """Send a reply, compressed if ``gzip`` says that its reader can take it and it is worth it."""
    body = reply.body
    headers = [*reply.headers, (b"x-request-id", trace_id.encode())]
    if gzip and len(body) >= LEAST_BYTES:
        body = await _compressed(body)
        headers.append((b"content-encoding", b"gzip"))
    if reply.status not in (204, 304):
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body if with_body else b""})


def _script_or_json(document: bytes, parameters: Parameters) -> tuple[bytes, bytes]:
    callback = callback_of(parameters, Format.JSON)
    try:
        if callback is not None:
            return SCRIPT, jsonp.wrap(document, callback, parameters.get("jsonso"))
    except InvalidParameter:
        pass  # a callback of another form is never written into a script; the error itself says so
    return b"application/json; charset=utf-8", document


async def _compressed(body: bytes) -> bytes:
    if len(body) < _IN_THREAD_BYTES:
        return _gzip(body)
    return await to_thread.run_sync(_gzip, body)


def _gzip(body: bytes) -> bytes:
    return zlib.compress(body, LEVEL, wbits=16 + zlib.MAX_WBITS)
