"""People, and the accounts that they are members of."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, delete, exists, insert, select, update

from geostead.catalog.database import CatalogPart, transaction
from geostead.catalog.locks import lock_account
from geostead.catalog.people_port import Membership
from geostead.catalog.rows import account_of, member_of, person_of, values_of
from geostead.catalog.tables import accounts, drafts, identities, kept_uploads, members, people, sessions
from geostead.errors import InvalidParameter, NotFound
from geostead.model.person import Member, Person, Role


class SqlPeople(CatalogPart):
    """Implements the part of :class:`geostead.catalog.people_port.People` that is not about signing in."""

    @transaction
    def has_people(self) -> bool:
        """Tell whether there is anybody who could sign in."""
        with self._database.reading() as connection:
            return connection.scalar(select(exists().select_from(people))) or False

    @transaction
    def add_person(self, person: Person, members: Sequence[Member] = ()) -> None:
        """Record a person. Raises InvalidParameter (``email``) if the address is taken."""
        with self._database.writing() as connection:
            if connection.scalar(select(people.c.id).where(people.c.email == person.email)) is not None:
                raise InvalidParameter("email", person.email, "an address that nobody else has here")
            connection.execute(insert(people).values(values_of(person)))
            for member in members:
                _insert_member(connection, member)

    @transaction
    def find_person(self, email: str) -> Person | None:
        """Return the person of that address."""
        with self._database.reading() as connection:
            row = connection.execute(select(people).where(people.c.email == email)).mappings().first()
        return None if row is None else person_of(row)

    @transaction
    def list_people(self) -> list[tuple[Person, tuple[Membership, ...]]]:
        """Return everybody, by e-mail address."""
        with self._database.reading() as connection:
            rows = connection.execute(select(people).order_by(people.c.email)).mappings().all()
            return [(person, memberships_of(connection, person.id)) for person in map(person_of, rows)]

    @transaction
    def remove_person(self, person_id: str) -> None:
        """Forget a person with sessions, memberships, drafts and kept uploads.

        Raises NotFound; InvalidParameter (``email``) for the last owner of an account that has other members.
        """
        theirs = select(members.c.account_id).where(members.c.person_id == person_id).order_by(members.c.account_id)
        with self._database.writing() as connection:
            email = _email_of(connection, person_id)
            for account_id in connection.scalars(theirs).all():
                lock_account(connection, account_id)
                others = members.c.account_id == account_id, members.c.person_id != person_id
                if connection.scalar(select(exists().where(*others))):
                    _check_not_last_owner(connection, account_id, person_id, "email", email)
            connection.execute(delete(people).where(people.c.id == person_id))

    @transaction
    def rename_person(self, person_id: str, name: str) -> None:
        """Replace the name. Raises NotFound."""
        with self._database.writing() as connection:
            renamed = update(people).where(people.c.id == person_id).values(name=name)
            if connection.execute(renamed).rowcount != 1:
                raise nobody()

    @transaction
    def list_members(self, account_id: str) -> list[tuple[Person, Member]]:
        """Return the members of an account, by e-mail address."""
        wanted = (
            select(people, members).join(members).where(members.c.account_id == account_id).order_by(people.c.email)
        )
        with self._database.reading() as connection:
            return [(person_of(row), member_of(row)) for row in connection.execute(wanted).mappings()]

    @transaction
    def list_own_accounts(self, person_id: str) -> list[str]:
        """Return the ids of the accounts of a person, in no order."""
        theirs = select(members.c.account_id).where(members.c.person_id == person_id)
        with self._database.reading() as connection:
            return list(connection.scalars(theirs))

    @transaction
    def set_member(self, member: Member) -> None:
        """Make a person a member, or give a member another role (``since`` stays).

        Raises NotFound; InvalidParameter (``role``) if it would leave the account without an owner.
        """
        same = members.c.account_id == member.account_id, members.c.person_id == member.person_id
        with self._database.writing() as connection:
            lock_account(connection, member.account_id)
            if member.role is not Role.OWNER:
                _check_not_last_owner(connection, member.account_id, member.person_id, "role", member.role)
            if connection.execute(update(members).where(*same).values(role=member.role)).rowcount == 0:
                _insert_member(connection, member)

    @transaction
    def remove_member(self, account_id: str, person_id: str) -> None:
        """End a membership; what the person had of the account (drafts, kept uploads) goes.

        Raises NotFound; InvalidParameter (``email``) for the last owner.
        """
        with self._database.writing() as connection:
            lock_account(connection, account_id)
            email = _email_of(connection, person_id)
            _check_not_last_owner(connection, account_id, person_id, "email", email)
            for table in (drafts, kept_uploads, members):
                theirs = delete(table).where(table.c.account_id == account_id, table.c.person_id == person_id)
                if connection.execute(theirs).rowcount == 0 and table is members:
                    raise NotFound(f"{email} is not a member of the account.")

    @transaction
    def set_password(self, person: Person, password_hash: str | None, *, keep: str | None = None) -> None:
        """Replace the password that ``person`` has, and end all sessions but the one of the digest ``keep``.

        Raises NotFound where the person is gone, or has another password by now.
        """
        with self._database.writing() as connection:
            _replace_password(connection, person, password_hash, keep)

    @transaction
    def renew_hash(self, person: Person, password_hash: str) -> None:
        """Keep the password that ``person`` has in another form; nothing happens if it has been replaced."""
        with self._database.writing() as connection:
            connection.execute(update(people).where(*unchanged(person)).values(password_hash=password_hash))

    @transaction
    def find_by_identity(self, issuer: str, subject: str) -> Person | None:
        """Return the person that an OpenID provider knows as ``subject``."""
        named = identities.c.issuer == issuer, identities.c.subject == subject
        with self._database.reading() as connection:
            row = connection.execute(select(people).join(identities).where(*named)).mappings().first()
        return None if row is None else person_of(row)

    @transaction
    def link_identity(self, person: Person, issuer: str, subject: str) -> None:
        """Record what an OpenID provider calls a person. The password goes, and all sessions that it opened.

        Nothing happens if that is recorded already.

        Raises NotFound as :meth:`set_password`; InvalidParameter (``subject``) if the provider has called this person
        otherwise before.
        """
        known = select(identities.c.subject).where(identities.c.issuer == issuer, identities.c.person_id == person.id)
        with self._database.writing() as connection:
            connection.execute(select(people.c.id).where(people.c.id == person.id).with_for_update(key_share=True))
            named = connection.scalar(known)
            if named == subject:
                return  # a second sign-in at the same time was first
            if named is not None:
                raise InvalidParameter("subject", subject, "the one by which the provider knew this person before")
            _replace_password(connection, person, None)
            connection.execute(insert(identities).values(issuer=issuer, subject=subject, person_id=person.id))


def memberships_of(connection: Connection, person_id: str) -> tuple[Membership, ...]:
    """Return the accounts of a person, by name."""
    wanted = select(accounts, members).join(members).where(members.c.person_id == person_id).order_by(accounts.c.name)
    rows = connection.execute(wanted).mappings()
    return tuple(Membership(account_of(row), row[members.c.role]) for row in rows)


def unchanged(person: Person) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for a person who has the same password as before."""
    return people.c.id == person.id, people.c.password_hash.is_not_distinct_from(person.password_hash)


def _replace_password(
    connection: Connection, person: Person, password_hash: str | None, keep: str | None = None
) -> None:
    replaced = update(people).where(*unchanged(person)).values(password_hash=password_hash)
    if connection.execute(replaced).rowcount != 1:
        raise nobody()
    connection.execute(delete(sessions).where(sessions.c.person_id == person.id, sessions.c.digest != (keep or "")))


def _insert_member(connection: Connection, member: Member) -> None:
    for table, id_ in ((accounts, member.account_id), (people, member.person_id)):
        if connection.scalar(select(table.c.id).where(table.c.id == id_)) is None:
            raise NotFound("There is no such account, or no such person.")
    connection.execute(insert(members).values(values_of(member)))


def _email_of(connection: Connection, person_id: str) -> str:
    email: str | None = connection.scalar(select(people.c.email).where(people.c.id == person_id))
    if email is None:
        raise nobody()
    return email


def _check_not_last_owner(connection: Connection, account_id: str, person_id: str, parameter: str, found: str) -> None:
    """Raise InvalidParameter if the person is the only owner of an account, which is locked."""
    owners = select(members.c.person_id).where(members.c.account_id == account_id, members.c.role == Role.OWNER)
    if connection.scalars(owners).all() == [person_id]:
        raise InvalidParameter(parameter, found, "another owner first: this is the last one of the account")


def nobody() -> NotFound:
    """Return the error that says that a person is gone, or has another password by now."""
    return NotFound("There is no such person (any more), or it has another password by now.")
