"""The page to browse the description of the API with: Swagger UI, from the package that carries its files.

Nothing comes from anywhere else, and no script or style stands in the page itself: its policy allows neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.responses import RedirectResponse, Response
from swagger_ui_bundle import swagger_ui_path

from geostead.errors import NoSuchUrl
from geostead.http.call import Call
from geostead.http.replies import kept

_OUR_FILES = Path(str(files("geostead.http"))) / "static"
_ITS_FILES = Path(str(swagger_ui_path))
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Geostead API</title>
<link rel="icon" type="image/png" href="{root}/docs/favicon-32x32.png">
<link rel="stylesheet" href="{root}/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="{root}/docs/swagger-ui-bundle.js"></script>
<script src="{root}/docs/start.js"></script>
</body>
</html>
"""


class PageFile(NamedTuple):
    """A file that the page needs."""

    path: Path
    media_type: str


FILES: Mapping[str, PageFile] = {
    "start.js": PageFile(_OUR_FILES / "docs.js", "text/javascript"),
    "swagger-ui-bundle.js": PageFile(_ITS_FILES / "swagger-ui-bundle.js", "text/javascript"),
    "swagger-ui.css": PageFile(_ITS_FILES / "swagger-ui.css", "text/css"),
    "favicon-32x32.png": PageFile(_ITS_FILES / "favicon-32x32.png", "image/png"),
}
"""What is below ``/docs``, and nothing else of the package."""


def get_root(_call: Call) -> Response:
    """Lead whoever opens the server in a browser to the page."""
    return RedirectResponse("docs")


def get_page(call: Call) -> Response:
    """Hand out the page."""
    root = urlsplit(call.links.base_url).path  # a proxy may have put the service below a path
    return kept(call, _PAGE.format(root=escape(root)).encode(), "text/html; charset=utf-8", _HEADERS)


def get_file(call: Call) -> Response:
    """Hand out a file that the page needs."""
    found = FILES.get(call.path["file"])
    if found is None:
        raise NoSuchUrl(f"/docs/{call.path['file']}")
    return kept(call, _content(found.path), found.media_type)


@cache
def _content(path: Path) -> bytes:
    return path.read_bytes()
