"""What is wrong with a reply to a query (http-api.md, sections 1 and 4.5)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from urllib.parse import unquote_plus

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
FAULT = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"
CALLBACK = re.compile(r"[A-Za-z0-9_$.\[\]]+\Z")
CODES = {400: {"InvalidParameter", "InvalidFilter", "InvalidSpatialFilter", "LimitExceeded"}, 404: {"NotFound"}}
CODES |= {401: {"NoCredentials", "InvalidCredentials", "CredentialsExpired", "NotAuthorized"}}


@dataclass(frozen=True)
class Reply:
    """What came back for a query string."""

    status: int
    media_type: str
    body: bytes
    seconds: float
    """From the first byte sent to the last one received."""


def fault_of(reply: Reply, query: bytes) -> str | None:
    """Say what is wrong with a reply that is not from the HTTP server itself; None: nothing."""
    if reply.status not in (200, 304, *CODES):
        return f"status {reply.status}"
    if reply.status == 304:
        return "304 with a body" if reply.body else None
    asked = _asked(query)
    if reply.media_type == "application/javascript":
        return _fault_of_script(reply, asked)
    form = asked.get("$format", "").strip().lower()
    if form == "json" or ("jsonp" in asked and form != "atom"):
        if reply.media_type != "application/json" or (reply.status == 200 and "jsonp" in asked):
            return f"{reply.media_type} where JSON was asked for"
        return _fault_of_json(reply.status, reply.body)
    return _fault_of_xml(reply)


def _asked(query: bytes) -> dict[str, str]:
    """Read a query string: of repeated parameters the first one counts that is not empty."""
    pairs = [pair.partition("=") for pair in query.decode(errors="replace").split("#")[0].split("&")]
    return {unquote_plus(name).lower(): unquote_plus(value) for name, _, value in reversed(pairs) if value}


def _fault_of_script(reply: Reply, asked: dict[str, str]) -> str | None:
    callback = asked.get("jsonp", "")
    begin, state = f"{callback}(".encode(), asked.get("jsonso")
    if not CALLBACK.match(callback) or not reply.body.startswith(begin) or not reply.body.endswith(b")"):
        return "a script that is no call of the callback"
    arguments = json.loads(b"[%b]" % reply.body.removeprefix(begin)[:-1])
    if len(arguments) != (1 if state is None else 2):
        return f"a call with {len(arguments)} arguments"
    return _fault_of_json(reply.status, json.dumps(arguments[0]).encode())


def _fault_of_json(status: int, body: bytes) -> str | None:
    if not body.isascii() or b"\n" in body:
        return "JSON that is not ASCII on one line"
    document = json.loads(body)
    if status == 200:
        return None if isinstance(document["d"].get("results"), list) else "JSON without results"
    error = document["error"]
    return _fault_of_error(status, error["code"], error["message"]["value"])


def _fault_of_xml(reply: Reply) -> str | None:
    root = etree.fromstring(reply.body, etree.XMLParser(huge_tree=True))
    if reply.status == 200:
        is_feed = (reply.media_type, root.tag) == ("application/atom+xml", f"{ATOM}feed")
        return None if is_feed else f"{root.tag} as {reply.media_type} where a feed was expected"
    if (reply.media_type, root.tag) != ("application/xml", f"{FAULT}error"):
        return f"{root.tag} as {reply.media_type} where an error was expected"
    return _fault_of_error(reply.status, root.findtext(f"{FAULT}code"), root.findtext(f"{FAULT}message"))


def _fault_of_error(status: int, code: str | None, message: str | None) -> str | None:
    if code not in CODES[status]:
        return f"{status} with code {code}"
    if not message or len(message) > 2000:
        return f"a message of {len(message or '')} characters"
    return None
