"""Who is signed in, who tried to, and what all nodes sign with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from geostead.catalog.database import CatalogPart, transaction
from geostead.catalog.people import memberships_of, nobody, unchanged
from geostead.catalog.people_port import SignedIn
from geostead.catalog.rows import person_of, session_of, values_of
from geostead.catalog.tables import installation, people, secrets, sessions, sign_in_failures
from geostead.model.person import Person, Session

ATTEMPTS_KEPT = timedelta(days=1)


class SqlSessions(CatalogPart):
    """Implements the part of :class:`geostead.catalog.people_port.People` that is about signing in."""

    @transaction
    def add_session(self, session: Session, person: Person) -> None:
        """Record a session, and that its person has signed in; forget sessions that have expired.

        Raises NotFound where the person is gone, or has another password than ``person`` has.
        """
        with self._database.writing() as connection:
            signed_in = update(people).where(*unchanged(person)).values(signed_in_at=session.created_at)
            if connection.execute(signed_in).rowcount != 1:
                raise nobody()
            connection.execute(delete(sessions).where(sessions.c.expires_at <= session.created_at))
            connection.execute(insert(sessions).values(values_of(session)))

    @transaction
    def find_session(self, digest: str, at: datetime) -> SignedIn | None:
        """Return the session with this digest unless it has ended or expired."""
        wanted = select(sessions, people).join(people).where(sessions.c.digest == digest, sessions.c.expires_at > at)
        with self._database.reading() as connection:
            row = connection.execute(wanted).mappings().first()
            if row is None:
                return None
            person = person_of(row)
            return SignedIn(session_of(row), person, memberships_of(connection, person.id))

    @transaction
    def count_sessions(self, person_id: str, at: datetime) -> int:
        """Count the sessions of a person that have not expired."""
        theirs = sessions.c.person_id == person_id, sessions.c.expires_at > at
        with self._database.reading() as connection:
            return connection.scalar(select(func.count()).select_from(sessions).where(*theirs)) or 0

    @transaction
    def end_session(self, digest: str) -> None:
        """End a session; one that is not there is fine."""
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.digest == digest))

    @transaction
    def end_sessions(self, person_id: str) -> None:
        """End all sessions of a person."""
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.person_id == person_id))

    @transaction
    def admit_attempt(self, most: Mapping[str, int], at: datetime, within: timedelta) -> datetime | None:
        """Count an attempt against each subject unless one has had as many ``within`` that time as ``most`` allows.

        Returns None, or from when on the next one may be made: then nothing was counted. Attempts made at the same
        time are counted one after the other. Forgets attempts that are older than a day.
        """
        with self._database.reading() as connection:
            if free_at := _all_free_again(connection, most, at, within):
                return free_at  # without a lock: strangers would hold up all who write
        with self._database.writing() as connection:
            connection.execute(select(installation.c.id).with_for_update())  # one after the other, on every node
            if free_at := _all_free_again(connection, most, at, within):
                return free_at
            connection.execute(delete(sign_in_failures).where(sign_in_failures.c.at <= at - ATTEMPTS_KEPT))
            connection.execute(insert(sign_in_failures), [{"subject": subject, "at": at} for subject in most])
            return None

    @transaction
    def forget_attempts(self, subject: str, at: datetime | None = None) -> None:
        """Count what was tried as ``subject`` no longer: the attempt made at ``at``, or all of them."""
        forgotten = delete(sign_in_failures).where(sign_in_failures.c.subject == subject)
        with self._database.writing() as connection:
            connection.execute(forgotten if at is None else forgotten.where(sign_in_failures.c.at == at))

    @transaction
    def secret(self, name: str, proposed: str) -> str:
        """Return the secret of that name, ``proposed`` if there was none yet: the same for all nodes, whoever asks."""
        known = select(secrets.c.value).where(secrets.c.name == name)
        with self._database.reading() as connection:
            value: str | None = connection.scalar(known)
        if value is not None:
            return value
        with self._database.writing() as connection:
            value = connection.scalar(known)
            if value is None:
                connection.execute(insert(secrets).values(name=name, value=proposed))
            return value or proposed


def _all_free_again(
    connection: Connection, most: Mapping[str, int], at: datetime, within: timedelta
) -> datetime | None:
    """Return when each subject has had fewer attempts than it may have; None if that is now."""
    waits = [_free_again(connection, subject, number, at, within) for subject, number in most.items()]
    return max((free_at for free_at in waits if free_at is not None), default=None)


def _free_again(connection: Connection, subject: str, most: int, at: datetime, within: timedelta) -> datetime | None:
    """Return when there are fewer than ``most`` attempts ``within`` a time again; None if there are now."""
    counted = sign_in_failures.c.subject == subject, sign_in_failures.c.at > at - within
    newest = select(sign_in_failures.c.at).where(*counted).order_by(sign_in_failures.c.at.desc())
    reached: datetime | None = connection.scalar(newest.offset(most - 1).limit(1))
    return None if reached is None else reached + within
