"""Where there is no page."""

from __future__ import annotations

from starlette.responses import Response

from geostead.console.visit import Visit
from geostead.errors import NoSuchUrl


def show(visit: Visit) -> Response:
    """Say so, in the frame of the console."""
    raise NoSuchUrl(f"{visit.root}/{visit.path['rest']}")
