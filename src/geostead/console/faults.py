"""Errors, as pages show them."""

from __future__ import annotations

from starlette.responses import Response

from geostead.console.visit import Visit
from geostead.errors import AccessDenied, InvalidParameter, MethodNotAllowed
from geostead.http.errors import answer_to, message_of


def status_of(error: Exception) -> int:
    """Return the status of a reply that is an error: who lacks a right is known here, other than to the API."""
    return 403 if isinstance(error, AccessDenied) else answer_to(error).status


def at_input(error: InvalidParameter) -> str:
    """Tell an error beside the input that it is about, which people know by its label: 'Found …; expected …'."""
    words = error.without_name
    return words[0].upper() + words[1:]


def fault(visit: Visit, error: Exception) -> Response:
    """Show an error as a page, or to htmx as the part of one that its listener shows."""
    template = "error_part.html" if visit.is_live_part else "error.html"
    reply = visit.page(template, status_of(error), message=message_of(error, visit.trace_id))
    if isinstance(error, MethodNotAllowed):
        reply.headers["allow"] = ", ".join(error.allowed)
    return reply
