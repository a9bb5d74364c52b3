"""Whose request it is."""

from __future__ import annotations

from geostead.http.call import Call
from geostead.model.access import Key
from geostead.operations.authenticate import authenticate


def key_of(call: Call) -> Key:
    """Return the live key that came as the parameter ``key``. Raises AccessDenied."""
    return authenticate(call.services, call.parameters.get("key"))
