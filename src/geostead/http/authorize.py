"""Whose request it is, and from whose page it comes."""

from __future__ import annotations

from collections.abc import Mapping

from geostead.http.call import Call
from geostead.model.access import Key
from geostead.operations.authenticate import authenticate


def key_of(call: Call) -> Key:
    """Return the live key that came as the parameter ``key``. Raises AccessDenied."""
    key = authenticate(call.services, call.parameters.get("key"), call.page)
    call.asker.key = key
    return key


def check_given_key(call: Call) -> None:
    """Find out whose key came, where one did: some URLs can do without. Raises AccessDenied."""
    if (call.parameters.get("key") or "").strip():
        key_of(call)


def page_of(headers: Mapping[bytes, bytes]) -> str | None:
    """Return the page that a request comes from: what ``Referer`` says, or else ``Origin``; None if neither came."""
    page = headers.get(b"referer") or headers.get(b"origin")
    return None if page is None else page.decode("latin-1")
