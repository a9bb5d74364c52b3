"""JSON handed to a callback (http-api.md, section 4.5: C3)."""

from __future__ import annotations

import re

from geostead.errors import InvalidParameter
from geostead.wire.escapes import json_document

CALLBACK = re.compile(r"[A-Za-z0-9_$.\[\]]+\Z")


def check_callback(name: str) -> None:
    """Raise InvalidParameter (``jsonp``) unless ``name`` can be called: nothing else may reach a script."""
    if not CALLBACK.match(name):
        raise InvalidParameter("jsonp", name, "the name of a function: letters, digits, _ $ . [ ]")


def wrap(document: bytes, callback: str, state: str | None = None) -> bytes:
    """Return ``callback(document)``, or ``callback(document,"state")`` where a state object was sent (``jsonso``).

    ``document`` is ASCII as all our JSON is, so it is JavaScript too. Raises InvalidParameter (``jsonp``).
    """
    check_callback(callback)
    argument = b"" if state is None else b"," + json_document(state)
    return b"%b(%b%b)" % (callback.encode(), document, argument)
