"""A running server with a console, accounts in it, and people who are signed in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from itsdangerous import Signer

from geostead.model.access import Account
from geostead.model.ids import new_id
from geostead.model.limits import PROFILES
from geostead.model.person import Person, Role
from geostead.operations.create_account import create_account
from geostead.operations.create_person import create_person
from geostead.operations.services import Services
from geostead.operations.signing_key import signing_key
from geostead.operations.start_session import start_session
from geostead.settings import load_settings
from geostead.wiring.installation import existing_services
from tests.servers import Server, start_node

NAMES = {Role.VIEWER: "Vera", Role.EDITOR: "Edgar", Role.OWNER: "Olga"}


@dataclass
class Team:
    """An account with its keys, and a person in each role."""

    server: Server = field(repr=False)
    services: Services = field(repr=False)
    account: Account
    keys: dict[str, str] = field(repr=False)
    """Values by name: "master", "query"."""

    @property
    def url(self) -> str:
        """The URL of the account's pages: ``f"{team.url}/jobs"``."""
        return f"{self.server.url}/console/accounts/{self.account.name}"

    def email(self, role: Role) -> str:
        """Return the address of the person in that role."""
        return f"{role}@{self.account.name}.example"

    @cached_property
    def people(self) -> dict[Role, Person]:
        """The people, by role."""
        name = self.account.name
        return {
            role: create_person(self.services, self.email(role), None, name=NAMES[role], account_name=name, role=role)
            for role in Role
        }

    def cookies(self, role: Role) -> list[Any]:
        """Begin a session of the person in that role; return it as a browser keeps it."""
        session = start_session(self.services, self.people[role])
        signer = Signer(signing_key(self.services), salt="geostead session", digest_method=hashlib.sha256)
        value = signer.sign(session.value).decode()
        return [{"name": "geostead_session", "value": value, "url": f"{self.server.url}/console"}]

    def load(self, name: str, upload: bytes, **parameters: str) -> dict[str, Any]:
        """Load a data source through the API with the master key; return the job as it ended."""
        job = self.server.load(self.keys["master"], name, upload, **parameters)
        return self.server.finished(self.keys["master"], job["id"])


@dataclass
class Console:
    """A server, and the same installation opened by the test, to prepare what pages show."""

    server: Server
    services: Services = field(repr=False)

    def new_team(self) -> Team:
        """Make an account that no other test knows."""
        created = create_account(self.services, f"team-{new_id()[:8]}", PROFILES["self-hosted"])
        keys = {made.key.name: made.value for made in created.keys}
        return Team(self.server, self.services, created.account, keys)


@contextmanager
def running_console(data_dir: Path, **environment: str) -> Iterator[Console]:
    """Run a server on a new installation until the block is left."""
    with (
        start_node(data_dir, environment=environment) as server,
        existing_services(load_settings({}, data_dir=data_dir)) as services,
    ):
        yield Console(server, services)
