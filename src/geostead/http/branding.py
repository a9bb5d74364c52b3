"""The image that ``brandLogoUri`` in management replies refers to."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from starlette.responses import Response

from geostead.http.call import Call


def get_logo(_call: Call) -> Response:
    """Hand out the logo."""
    return Response(_logo(), media_type="image/png", headers={"Cache-Control": "public, max-age=86400"})


@cache
def _logo() -> bytes:
    return (files("geostead.http") / "static" / "logo.png").read_bytes()
