"""Scripts, styles and the base map, as ``hatch_build.py`` built them; browsers keep them for ever."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from geostead.errors import GeosteadError
from geostead.http.negotiation import accepts_gzip

MOUNT = "/static"
MANIFEST = "manifest.json"
FOR_EVER = "public, max-age=31536000, immutable"


class ConsoleNotBuilt(GeosteadError):
    """The sources are there, but nothing has been built from them."""


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """Answers ``GET`` of the files in a folder whose names have a digest of what is in them."""

    folder: Path
    names: Mapping[str, str]
    """The name of each file in the folder by the name that templates and scripts call it: 'console.css'."""

    def url(self, root: str, name: str) -> str:
        """Return the URL of a file; ``root`` is the path of the console."""
        return f"{root}{MOUNT}/{self.names[name]}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("Only GET and HEAD", 405, {"allow": "GET, HEAD"})
        path = self.folder / scope["path"].rpartition("/")[2]
        if path.suffix not in TYPES or path not in self.folder.iterdir():
            return PlainTextResponse("There is no such file", 404)
        headers, sent = Headers(scope=scope), path
        kept = {"cache-control": FOR_EVER, "vary": "accept-encoding", "etag": f'"{path.name}"'}
        if f'"{path.name}"' in headers.get("if-none-match", ""):
            return Response(status_code=304, headers=kept)
        packed = path.with_name(f"{path.name}.gz")
        if accepts_gzip(headers.get("accept-encoding", "").encode()) and packed.is_file():
            sent, kept = packed, {**kept, "content-encoding": "gzip"}
        return FileResponse(sent, headers=kept, media_type=TYPES[path.suffix])


TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".txt": "text/plain",
    ".svg": "image/svg+xml",
}


@cache
def built_files() -> StaticFiles:
    """Return what was built. Raises ConsoleNotBuilt."""
    folder = Path(str(files("geostead.console") / "static"))
    try:
        return StaticFiles(folder, json.loads((folder / MANIFEST).read_bytes()))
    except FileNotFoundError as error:
        raise ConsoleNotBuilt("The console has not been built: run 'make console', or install with pip.") from error
