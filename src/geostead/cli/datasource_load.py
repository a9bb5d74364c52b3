"""``geostead datasource load``: a file, stdin or a URL into a data source."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geostead.cli.job_words import bytes_bar, followed, rows_words, tell
from geostead.cli.options import AsJson
from geostead.cli.remote import DEFAULT_URL, KeyFile, KeyValue, NoWait, Url, connected, secret_in
from geostead.model.job import InputFormat, LoadOperation

if TYPE_CHECKING:
    from geostead.client import Geostead, Job, LoadOptions
    from geostead.client.geostead import LoadOperation as OperationWord
    from geostead.client.uploads import UploadFormat

_STDIN = "-"


def load(  # noqa: PLR0913, PLR0917  each argument is an option of the command line
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the data source; a new name makes a new one.")],
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="What to load: a file, - for stdin, or a URL that the server fetches.")
    ],
    input_format: Annotated[
        InputFormat | None, typer.Option("--input", help="Format. [default: what the name of the file tells]")
    ] = None,
    incremental: Annotated[
        bool, typer.Option("--incremental", help="Change the entities that the file names, instead of replacing all.")
    ] = False,
    stage: Annotated[bool, typer.Option("--stage", help="Stage the version instead of publishing it.")] = False,
    public: Annotated[bool, typer.Option("--public", help="Let any valid key query, once it is loaded.")] = False,
    private: Annotated[bool, typer.Option("--private", help="Let only keys of the account query.")] = False,
    query_key_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File whose first line is the new query key, another key of the account."),
    ] = None,
    description: Annotated[str | None, typer.Option(help="Words about the load.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Let a single bad row abort the job.")] = False,
    no_wait: NoWait = False,
    url: Url = DEFAULT_URL,
    key: KeyValue = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Load a file, and print the rows that were left out. A load that is not completed ends with exit code 1."""
    if public and private:
        raise typer.BadParameter("--public and --private exclude each other.")
    operation: OperationWord = LoadOperation.of(is_incremental=incremental, is_staging=stage).value
    chosen = _format(file, input_format)
    with connected(url, key, key_file) as geostead:
        options: LoadOptions = {
            "set_public": public if public or private else None,
            "query_key": None if query_key_file is None else secret_in(query_key_file),
            "description": description,
            "strict": strict or None,
        }
        job = _sent(geostead, name, file, chosen, operation, options)
        ended = job if no_wait else followed(geostead, job)
        where = "staged" if stage else "published"
        tell(geostead, ended, f"Loaded {name}: {rows_words(ended)}; {where}.", as_json=as_json, with_issues=True)


def _format(file: str, said: InputFormat | None) -> UploadFormat:
    from geostead.client import UnknownFormat, upload_format

    if said is not None:
        return said.value
    try:
        return upload_format(file.partition("?")[0] if _is_url(file) else file)
    except UnknownFormat as error:
        raise typer.BadParameter(f"{error} (--input)") from None


def _sent(
    geostead: Geostead, name: str, file: str, input_format: UploadFormat, operation: OperationWord, options: LoadOptions
) -> Job:
    if _is_url(file):
        return geostead.load_from(name, file, input=input_format, operation=operation, **options)
    with bytes_bar(f"Sending {file}") as progress:
        upload = sys.stdin.buffer if file == _STDIN else Path(file)
        return geostead.load(name, upload, input=input_format, operation=operation, progress=progress, **options)


def _is_url(file: str) -> bool:
    return file.lower().startswith(("http://", "https://"))
