"""Where there is no page."""

from __future__ import annotations

from starlette.responses import Response

from geostead.console.visit import Visit
from geostead.errors import NotFound


def show(visit: Visit) -> Response:
    """Say so, in the frame of the console."""
    raise NotFound(f"There is no page {visit.root}/{visit.path['rest']}.")
