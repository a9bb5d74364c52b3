"""The part of the catalog that knows people, their sessions and their roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from geostead.model.access import Account
from geostead.model.person import Member, Person, Role, Session


@dataclass(frozen=True, slots=True)
class Membership:
    """An account of a person."""

    account: Account
    role: Role


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a session belongs to, and where that person may go."""

    session: Session
    person: Person
    memberships: tuple[Membership, ...]
    """By the account's name."""


class People(Protocol):
    """People, members, sessions. All e-mail addresses are in lower case."""

    def has_people(self) -> bool:
        """Tell whether there is anybody who could sign in."""

    def add_person(self, person: Person, members: Sequence[Member] = ()) -> None:
        """Record a person. Raises InvalidParameter (``email``) if the address is taken."""

    def find_person(self, email: str) -> Person | None:
        """Return the person of that address."""

    def list_people(self) -> list[tuple[Person, tuple[Membership, ...]]]:
        """Return everybody, by e-mail address."""

    def remove_person(self, person_id: str) -> None:
        """Forget a person with sessions, memberships, drafts and kept uploads.

        Raises NotFound; InvalidParameter (``email``) for the last owner of an account that has other members.
        """

    def list_members(self, account_id: str) -> list[tuple[Person, Member]]:
        """Return the members of an account, by e-mail address."""

    def list_own_accounts(self, person_id: str) -> list[str]:
        """Return the ids of the accounts of a person, in no order."""

    def set_member(self, member: Member) -> None:
        """Make a person a member, or give a member another role (``since`` stays).

        Raises NotFound; InvalidParameter (``role``) if it would leave the account without an owner.
        """

    def remove_member(self, account_id: str, person_id: str) -> None:
        """End a membership; what the person had of the account (drafts, kept uploads) goes.

        Raises NotFound; InvalidParameter (``email``) for the last owner.
        """

    def set_password(self, person: Person, password_hash: str | None, *, keep: str | None = None) -> None:
        """Replace the password that ``person`` has, and end all sessions but the one of the digest ``keep``.

        Raises NotFound where the person is gone, or has another password by now.
        """

    def renew_hash(self, person: Person, password_hash: str) -> None:
        """Keep the password that ``person`` has in another form; nothing happens if it has been replaced."""

    def rename_person(self, person_id: str, name: str) -> None:
        """Replace the name. Raises NotFound."""

    def find_by_identity(self, issuer: str, subject: str) -> Person | None:
        """Return the person that an OpenID provider knows as ``subject``."""

    def link_identity(self, person: Person, issuer: str, subject: str) -> None:
        """Record what an OpenID provider calls a person. The password goes, and all sessions that it opened.

        Nothing happens if that is recorded already.

        Raises NotFound as :meth:`set_password`; InvalidParameter (``subject``) if the provider has called this person
        otherwise before.
        """

    def add_session(self, session: Session, person: Person) -> None:
        """Record a session, and that its person has signed in; forget sessions that have expired.

        Raises NotFound where the person is gone, or has another password than ``person`` has.
        """

    def find_session(self, digest: str, at: datetime) -> SignedIn | None:
        """Return the session with this digest unless it has ended or expired."""

    def end_session(self, digest: str) -> None:
        """End a session; one that is not there is fine."""

    def end_sessions(self, person_id: str) -> None:
        """End all sessions of a person."""

    def count_sessions(self, person_id: str, at: datetime) -> int:
        """Count the sessions of a person that have not expired."""

    def admit_attempt(self, most: Mapping[str, int], at: datetime, within: timedelta) -> datetime | None:
        """Count an attempt against each subject unless one has had as many ``within`` that time as ``most`` allows.

        Returns None, or from when on the next one may be made: then nothing was counted. Attempts made at the same
        time are counted one after the other. Forgets attempts that are older than a day.
        """

    def forget_attempts(self, subject: str, at: datetime | None = None) -> None:
        """Count what was tried as ``subject`` no longer: the attempt made at ``at``, or all of them."""

    def secret(self, name: str, proposed: str) -> str:
        """Return the secret of that name, ``proposed`` if there was none yet: the same for all nodes, whoever asks."""
