"""The command line: every command on one screen."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from geostead import __version__
from geostead.cli import account, datasource, job, key, routing, user
from geostead.cli.backup import backup
from geostead.cli.check import check
from geostead.cli.demo import demo
from geostead.cli.expire import expire
from geostead.cli.geocode import geocode
from geostead.cli.restore import restore
from geostead.cli.serve import serve
from geostead.cli.take_over import take_over
from geostead.cli.worker import worker
from geostead.errors import GeosteadError
from geostead.settings import misspelt_variables


class _OneLineErrors(TyperGroup):
    """Shows what the operator can mend as one line on stderr, and ends with exit code 1. Bugs keep their traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (GeosteadError, OSError) as error:
            typer.echo(f"geostead: {_words(error)}", err=True)
            raise typer.Exit(1) from error


def _words(error: GeosteadError | OSError) -> str:
    """Tell an error; one of the operating system without its number, and with the file that it is about."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)


app = typer.Typer(
    cls=_OneLineErrors,
    rich_markup_mode=None,  # square brackets in help texts mean themselves
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(serve)
app.command()(worker)
app.add_typer(account.app, name="account")
app.add_typer(key.app, name="key")
app.add_typer(user.app, name="user")
app.add_typer(datasource.app, name="datasource")
app.add_typer(job.app, name="job")
app.add_typer(routing.app, name="routing")
app.command()(geocode)
app.command()(expire)
app.command()(backup)
app.command()(restore)
app.command()(check)
app.command()(take_over)
app.command()(demo)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"geostead {__version__}")
        raise typer.Exit


@app.callback()
def _geostead(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Places in data sources, queried over HTTP.

    Settings: options, GEOSTEAD_* variables, geostead.toml.
    """
    for name, nearest in misspelt_variables(os.environ).items():
        hint = f"; did you mean {nearest}?" if nearest else "."
        typer.echo(f"geostead: warning: {name} is not a setting, and is ignored{hint}", err=True)


def main() -> None:
    """Run the command line."""
    app(prog_name="geostead")
