"""Replies that are errors: the envelope of management URLs, the OData error of query URLs, or neither."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import orjson

from geostead.client.errors import ClientError, UnexpectedReply, refusal
from geostead.client.retries import retry_after_s

_SHOWN = 500
_CODES = {
    400: "InvalidParameter",
    403: "LimitExceeded",
    404: "NotFound",
    405: "MethodNotAllowed",
    413: "LimitExceeded",
    500: "InternalError",
    503: "Unavailable",
}
"""The codes of replies that do not say theirs: an envelope does for a 401 only."""


def error_of(reply: httpx.Response, redacted: Callable[[str], str]) -> ClientError:
    """Return the error for a reply that has been read and is no success; ``redacted`` takes secrets out of a text."""
    trace_id = reply.headers.get("X-Request-Id")
    status = reply.status_code
    if status < 400:
        to = f" and sends on to {reply.headers['Location']}" if "Location" in reply.headers else ""
        return UnexpectedReply(redacted(f"The server answers with {status}{to}."), status=status, trace_id=trace_id)
    code, message = _told(reply)
    return refusal(status)(
        redacted(message),
        status=status,
        code=code or _CODES.get(status),
        trace_id=trace_id,
        retry_after_s=retry_after_s(reply.headers.get("Retry-After")),
    )


def _told(reply: httpx.Response) -> tuple[str | None, str]:
    """Return code and message of an error; the code None if it does not say one."""
    match _json(reply):
        case {"errorDetails": [*details], "authenticationResultCode": code}:
            return (str(code) if reply.status_code == 401 else None), "; ".join(map(str, details))
        case {"error": {"code": code, "message": {"value": message}}}:
            return str(code), str(message)
        case _:
            status = f"{reply.status_code} {reply.reason_phrase}".rstrip()
            return None, f"The server answers with {status}{_words(reply.text)}"


def _words(body: str) -> str:
    """Tell what came instead of an error of a Geostead."""
    if "<html" in body[:_SHOWN].lower():
        return (
            " and a web page, which a Geostead never does: check the URL, which is what goes before /REST/v1, and "
            "the proxies on the way."
        )
    said = " ".join(body.split())[:_SHOWN]
    return f": {said}" if said else "."


def _json(reply: httpx.Response) -> Any:
    try:
        return orjson.loads(reply.content)
    except orjson.JSONDecodeError:
        return None
