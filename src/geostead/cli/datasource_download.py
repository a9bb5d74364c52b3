"""``geostead datasource download``: a version into a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geostead.cli.job_words import bytes_bar, followed, tell
from geostead.cli.options import AsJson
from geostead.cli.remote import DEFAULT_URL, KeyFile, KeyValue, Name, Url, connected
from geostead.model.job import DataFormat

if TYPE_CHECKING:
    from geostead.client import DownloadFormat

_STDOUT = "-"


def download(  # noqa: PLR0913, PLR0917  each argument is an option of the command line
    name: Name,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The file to write; - is stdout.")],
    data_format: Annotated[
        DataFormat | None, typer.Option("--format", help="Format. [default: what the name of the file tells]")
    ] = None,
    version: Annotated[
        str | None,
        typer.Option(metavar="JOB", help="The version: the id of the load job. [default: what is published]"),
    ] = None,
    url: Url = DEFAULT_URL,
    key: KeyValue = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Write a version of a data source into a file, which is there whole or not at all."""
    if as_json and file == _STDOUT:
        raise typer.BadParameter("--json and FILE - would both write to stdout.")
    chosen = _format(file, data_format)
    with connected(url, key, key_file) as geostead:
        job = followed(geostead, geostead.start_download(name, version))
        if not job.is_aborted:
            with bytes_bar(f"Fetching {name}") as progress:
                target = sys.stdout.buffer if file == _STDOUT else Path(file)
                geostead.fetch_download(job, target, format=chosen, progress=progress)
        if file != _STDOUT or job.is_aborted:
            tell(geostead, job, f"Wrote {job.data_source or name} to {file}.", as_json=as_json)


def _format(file: str, said: DataFormat | None) -> DownloadFormat:
    from geostead.client import UnknownFormat, download_format

    if said is not None:
        return said.value
    try:
        return download_format(file)
    except UnknownFormat as error:
        raise typer.BadParameter(f"{error} (--format)") from None
