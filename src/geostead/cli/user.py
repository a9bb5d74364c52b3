"""``geostead user``: people who sign in to the console."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from geostead.cli.options import DataDir, services_of
from geostead.model.person import Role
from geostead.operations.create_person import create_person

app = typer.Typer(rich_markup_mode=None, help="People who sign in to the console.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="E-mail address that the person signs in with.")]
PasswordFromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from stdin instead of asking for it.")
]


@app.command()
def create(
    email: Email,
    account: Annotated[str | None, typer.Option(metavar="NAME", help="Account that the person is to work in.")] = None,
    role: Annotated[Role, typer.Option(help="What the person may do there.")] = Role.VIEWER,
    name: Annotated[str, typer.Option(help="What the person is called.")] = "",
    password_stdin: PasswordFromStdin = False,
    data_dir: DataDir = None,
) -> None:
    """Make somebody known, who may then sign in to the console."""
    with services_of(data_dir) as services:
        person = create_person(services, email, _password(password_stdin), name=name, account_name=account, role=role)
    typer.echo(f"Created the user {person.email}.")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password
