"""``geostead user``: people who sign in to the console."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from geostead.cli.options import AsJson, DataDir, print_json, services_of, settings_of
from geostead.cli.tables import print_table
from geostead.errors import GeosteadError
from geostead.model.person import Person, Role
from geostead.operations.services import Services

app = typer.Typer(rich_markup_mode=None, help="People who sign in to the console.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="E-mail address that the person signs in with.")]
Account = Annotated[str, typer.Option("--account", metavar="NAME", help="Name of the account.")]
RoleThere = Annotated[Role, typer.Option("--role", help="What the person may do in the account.")]
PasswordFromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from stdin instead of asking for it.")
]
AsLink = Annotated[
    bool, typer.Option("--link", help="Print a link with which the person sets a password: once, within three days.")
]


class OneOrTheOther(GeosteadError):
    """Two options were given that exclude each other."""


@app.command()
def create(  # noqa: PLR0913, PLR0917  each argument is an option of the command line
    email: Email,
    account: Annotated[str | None, typer.Option(metavar="NAME", help="Account that the person is to work in.")] = None,
    role: RoleThere = Role.VIEWER,
    name: Annotated[str, typer.Option(help="What the person is called.")] = "",
    password_stdin: PasswordFromStdin = False,
    without_password: Annotated[
        bool, typer.Option("--without-password", help="Set none: the person signs in at an OpenID provider.")
    ] = False,
    link: AsLink = False,
    data_dir: DataDir = None,
) -> None:
    """Make somebody known, who may then sign in to the console. Asks for a password."""
    from geostead.operations.create_person import create_person
    from geostead.operations.find_account import find_account

    _check_one_of(password_stdin=password_stdin, without_password=without_password, link=link)
    with services_of(data_dir) as services:
        if account is not None:
            find_account(services, account)  # before anybody types a password twice
        password = None if without_password or link else _password(password_stdin)
        person = create_person(services, email, password, name=name, account_name=account, role=role)
        typer.echo(f"Created the user {person.email}.")
        if link:
            _print_link(services, person, data_dir)


@app.command(name="list")
def list_(
    account: Annotated[str | None, typer.Option(metavar="NAME", help="Only who works in this account.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List who may sign in, by e-mail address."""
    from geostead.operations.find_account import find_account
    from geostead.operations.list_people import list_people

    with services_of(data_dir) as services:
        only = None if account is None else find_account(services, account).name
        everybody = list_people(services)
    found = [
        _described(person, {known.account.name: known.role for known in memberships})
        for person, memberships in everybody
        if only is None or any(known.account.name == only for known in memberships)
    ]
    if as_json:
        print_json(found)
    else:
        print_table(("user", "name", "accounts", "password", "last signed in"), map(_row, found))


@app.command(name="set-password")
def set_password_(
    email: Email, password_stdin: PasswordFromStdin = False, link: AsLink = False, data_dir: DataDir = None
) -> None:
    """Give a user another password, which ends all sessions; or print a link for the user to set one."""
    from geostead.operations.find_person import find_person
    from geostead.operations.set_password import set_password

    _check_one_of(password_stdin=password_stdin, link=link)
    with services_of(data_dir) as services:
        person = find_person(services, email)
        if link:
            _print_link(services, person, data_dir)
            return
        set_password(services, person.email, _password(password_stdin))
    typer.echo(f"Set the password of {person.email}, and ended all sessions.")


@app.command(name="set-role")
def set_role(email: Email, account: Account, role: RoleThere, data_dir: DataDir = None) -> None:
    """Give a user a role in an account; who is not a member becomes one."""
    from geostead.operations.assign_role import assign_role

    with services_of(data_dir) as services:
        person = assign_role(services, email, account, role)
    typer.echo(f"{person.email} is {role} of the account {account} now.")


@app.command()
def remove(
    email: Email,
    account: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only from this account. [default: from the installation]")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Remove a user, with all sessions and drafts; or only from one account."""
    from geostead.operations.remove_person import remove_person

    with services_of(data_dir) as services:
        person = remove_person(services, email, account)
    typer.echo(f"Removed the user {person.email}{'' if account is None else f' from the account {account}'}.")


def _check_one_of(**options: bool) -> None:
    given = [f"--{name.replace('_', '-')}" for name, is_given in options.items() if is_given]
    if len(given) > 1:
        raise OneOrTheOther(f"{' and '.join(given)} exclude each other; expected one of them.")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password


def _print_link(services: Services, person: Person, data_dir: Path | None) -> None:
    from geostead.operations.password_links import make_password_link

    settings = settings_of(data_dir=data_dir)
    base_url = settings.public_url or f"http://{settings.host}:{settings.port}"
    typer.echo(f"This link sets the password of {person.email}, once and within three days:")
    typer.echo(f"  {base_url}/console/set-password?token={make_password_link(services, person)}")


def _described(person: Person, roles: dict[str, Role]) -> dict[str, Any]:
    signed_in = {} if person.signed_in_at is None else {"signedInAt": person.signed_in_at.isoformat()}
    return {
        "user": person.email,
        "name": person.name,
        "hasPassword": person.password_hash is not None,
        "createdAt": person.created_at.isoformat(),
        **signed_in,
        "accounts": {name: str(role) for name, role in roles.items()},
    }


def _row(found: dict[str, Any]) -> tuple[str, ...]:
    return (
        found["user"],
        found["name"],
        ", ".join(f"{name} ({role})" for name, role in found["accounts"].items()),
        "yes" if found["hasPassword"] else "no",
        found.get("signedInAt", "never")[:10],
    )
