"""Commands that speak HTTP to a Geostead: which one, with which key, and what goes wrong on the way."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geostead.errors import GeosteadError
from geostead.settings import KEY_VARIABLE, URL_VARIABLE

if TYPE_CHECKING:
    from geostead.client import Geostead

DEFAULT_URL = "http://127.0.0.1:8080"

Url = Annotated[str, typer.Option("--url", envvar=URL_VARIABLE, metavar="URL", help="The Geostead to speak to.")]
KeyValue = Annotated[
    str | None,
    typer.Option(
        "--key", envvar=KEY_VARIABLE, metavar="KEY", help="A key. Others on this machine can see it; better --key-file."
    ),
]
KeyFile = Annotated[
    Path | None,
    typer.Option("--key-file", metavar="FILE", help="File whose first line is the key, before --key; - is stdin."),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the data source, in any case.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Do not wait for the end of the job.")]


class ServerSaysNo(GeosteadError):
    """The Geostead that a command spoke to refused, or did not answer."""


@contextmanager
def connected(url: str, key: str | None, key_file: Path | None) -> Iterator[Geostead]:
    """Speak to the Geostead that a command names. Raises ServerSaysNo, typer.BadParameter, OSError."""
    from geostead.client import ClientError, Geostead, ServerFailed

    value = _key(key, key_file)
    try:
        geostead = Geostead(url, value)
    except ValueError as error:
        raise typer.BadParameter(f"--url or {URL_VARIABLE}: {error}") from None
    with geostead:
        try:
            yield geostead
        except ServerFailed as error:
            trace = f" (request {error.trace_id})" if error.trace_id and error.trace_id not in str(error) else ""
            raise ServerSaysNo(f"{error}{trace}") from error
        except ClientError as error:
            raise ServerSaysNo(str(error)) from error


def secret_in(file: Path) -> str:
    """Return the first line of a file, or the next one of stdin if it is ``-``. Raises OSError, typer.BadParameter."""
    if str(file) == "-":
        line = _text(sys.stdin.buffer.readline())  # what comes behind it may be an upload
    else:
        with file.open("rb") as lines:
            line = _text(lines.readline())
    if not line:
        raise typer.BadParameter(f"There is no key in the first line of {file}.")
    return line


def _text(line: bytes) -> str:
    return line.decode("utf-8-sig", "replace").strip()


def _key(key: str | None, key_file: Path | None) -> str:
    if key_file is not None:
        return secret_in(key_file)
    if not key or not key.strip():
        raise typer.BadParameter(f"There is no key: set {KEY_VARIABLE}, or say --key-file FILE.")
    return key
