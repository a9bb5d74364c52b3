"""``geostead datasource publish``, ``rollback``, ``public`` and ``delete``: what changes a data source over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from geostead.cli.account import NotConfirmed
from geostead.cli.job_words import followed, tell
from geostead.cli.options import AsJson
from geostead.cli.remote import DEFAULT_URL, KeyFile, KeyValue, Name, NoWait, Url, connected

if TYPE_CHECKING:
    from geostead.client import DataSource


def publish(
    name: Name,
    no_wait: NoWait = False,
    url: Url = DEFAULT_URL,
    key: KeyValue = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Publish the staged version of a data source."""
    with connected(url, key, key_file) as geostead:
        job = geostead.publish(name)
        ended = job if no_wait else followed(geostead, job)
        tell(geostead, ended, f"Published what was staged of {ended.data_source or name}.", as_json=as_json)


def rollback(  # noqa: PLR0913, PLR0917  each argument is an option of the command line
    name: Name,
    version: Annotated[str | None, typer.Option(metavar="JOB", help="The version: the id of the load job.")] = None,
    previous: Annotated[
        bool, typer.Option("--previous", help="The version that was published before this one.")
    ] = False,
    no_wait: NoWait = False,
    url: Url = DEFAULT_URL,
    key: KeyValue = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Publish a former version once more. 'geostead datasource show' lists them."""
    if previous == (version is not None):
        raise typer.BadParameter("Which version? Say either --version JOB or --previous.")
    with connected(url, key, key_file) as geostead:
        job = geostead.roll_back(name, version)
        ended = job if no_wait else followed(geostead, job)
        tell(geostead, ended, f"Rolled {ended.data_source or name} back.", as_json=as_json)


def public(
    name: Name,
    off: Annotated[bool, typer.Option("--off", help="Make it private instead.")] = False,
    url: Url = DEFAULT_URL,
    key: KeyValue = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Make a data source public, so that any valid key may query it; or private again."""
    with connected(url, key, key_file) as geostead:
        job = geostead.set_public(name, is_public=not off)
        tell(geostead, job, f"{job.data_source or name} is {'private' if off else 'public'}.", as_json=as_json)


def delete(  # noqa: PLR0913, PLR0917  each argument is an option of the command line
    name: Name,
    staged: Annotated[bool, typer.Option("--staged", help="Delete only the staged version.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    no_wait: NoWait = False,
    url: Url = DEFAULT_URL,
    key: KeyValue = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Delete a data source with all its versions, after asking for its name. Nothing brings it back but a backup."""
    with connected(url, key, key_file) as geostead:
        found = geostead.data_source(name)
        if not yes:
            _ask(found, staged_only=staged)
        job = geostead.delete(found, staged_only=staged)
        ended = job if no_wait else followed(geostead, job)
        what = f"the staged version of {found.name}" if staged else found.name
        tell(geostead, ended, f"Deleted {what}.", as_json=as_json)


def _ask(found: DataSource, *, staged_only: bool) -> None:
    what = "its staged version" if staged_only else "it with all its versions"
    question = f"Type the name of the data source {found.name} to delete {what}"
    typed = typer.prompt(question, default="", show_default=False, err=True)
    if typed.strip().lower() != found.name.lower():
        raise NotConfirmed(f"That is not the name; the data source {found.name} stays as it is.")
