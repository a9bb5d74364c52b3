"""Accounts and their keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from geostead.catalog.account_limits import count_usage
from geostead.catalog.database import CatalogPart, transaction
from geostead.catalog.locks import lock_account, lock_data_sources, lock_keys
from geostead.catalog.rows import account_of, key_of, values_of
from geostead.catalog.tables import accounts, data_sources, jobs, keys
from geostead.catalog.versions import delete_with_versions
from geostead.errors import CredentialsExpired, InvalidParameter, NotFound
from geostead.model.access import Account, Key
from geostead.model.limits import Limits, Usage


class SqlAccounts(CatalogPart):
    """Implements :class:`geostead.catalog.base.Accounts`."""

    @transaction
    def add_account(self, account: Account, keys: Sequence[Key]) -> None:
        """Record an account with its first keys. Raises InvalidParameter (``name``) if the name is taken."""
        with self._database.writing() as connection:
            if connection.scalar(select(accounts.c.id).where(accounts.c.name == account.name)) is not None:
                raise InvalidParameter("name", account.name, "a name that no other account has")
            connection.execute(insert(accounts).values(values_of(account)))
            for key in keys:
                _insert_key(connection, key)

    @transaction
    def find_account(self, name: str) -> Account | None:
        """Return the account of that name."""
        with self._database.reading() as connection:
            row = connection.execute(select(accounts).where(accounts.c.name == name)).mappings().first()
        return None if row is None else account_of(row)

    @transaction
    def list_accounts(self) -> list[Account]:
        """Return all accounts, by name."""
        with self._database.reading() as connection:
            return [
                account_of(row) for row in connection.execute(select(accounts).order_by(accounts.c.name)).mappings()
            ]

    @transaction
    def get_account(self, account_id: str) -> Account:
        """Return the account of that id. Raises NotFound."""
        with self._database.reading() as connection:
            row = connection.execute(select(accounts).where(accounts.c.id == account_id)).mappings().first()
        if row is None:
            raise _no_account(account_id)
        return account_of(row)

    @transaction
    def set_limits(self, account_id: str, limits: Limits) -> None:
        """Replace the limits of an account; what it has beyond them stays. Raises NotFound."""
        with self._database.writing() as connection:
            replaced = update(accounts).where(accounts.c.id == account_id).values(limits=limits)
            if connection.execute(replaced).rowcount != 1:
                raise _no_account(account_id)

    @transaction
    def usage(self, account_id: str, at: datetime) -> Usage:
        """Count what an account has at ``at`` exactly as the limits are checked against; 0 for an unknown one."""
        with self._database.reading() as connection:
            return count_usage(connection, account_id, at)

    @transaction
    def delete_account(self, account_id: str) -> None:
        """Delete an account with its keys, data sources, versions and jobs. Raises NotFound."""
        owned = select(data_sources.c.id).where(data_sources.c.account_id == account_id)
        with self._database.writing() as connection:
            lock_account(connection, account_id, to_delete=True)
            lock_keys(connection, keys.c.account_id == account_id)
            lock_data_sources(connection, data_sources.c.account_id == account_id)
            for data_source_id in connection.scalars(owned).all():
                delete_with_versions(connection, data_source_id)
            connection.execute(delete(jobs).where(jobs.c.account_id == account_id))
            connection.execute(delete(keys).where(keys.c.account_id == account_id))
            if connection.execute(delete(accounts).where(accounts.c.id == account_id)).rowcount != 1:
                raise _no_account(account_id)

    @transaction
    def add_key(self, key: Key) -> None:
        """Record a key. Raises InvalidParameter (``name``, ``value``) if name or digest is taken."""
        with self._database.writing() as connection:
            _insert_key(connection, key)

    @transaction
    def list_keys(self, account_id: str) -> list[Key]:
        """Return the keys of an account, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(keys).where(keys.c.account_id == account_id).order_by(keys.c.number))
            return [key_of(row) for row in rows.mappings()]

    @transaction
    def find_key(self, digest: str) -> Key | None:
        """Return the key with this digest, live or not."""
        with self._database.reading() as connection:
            return find_key(connection, keys.c.digest == digest)

    @transaction
    def revoke_key(self, account_id: str, name: str, revoked_at: datetime) -> Key:
        """Revoke a key; one that is revoked already keeps its date.

        Raises NotFound; InvalidParameter (``name``) if it is the master key of a data source.
        """
        named = (keys.c.account_id == account_id, keys.c.name == name)
        with self._database.writing() as connection:
            lock_keys(connection, *named)
            key = required_key(connection, account_id, name)
            _check_masters_nothing(connection, key)
            revoked = replace(key, revoked_at=key.revoked_at or revoked_at)
            connection.execute(update(keys).where(keys.c.id == key.id).values(revoked_at=revoked.revoked_at))
        return revoked

    @transaction
    def change_key(self, account_id: str, name: str, *, new_name: str, referrers: tuple[str, ...]) -> Key:
        """Give a key another name, or the same one, and other referrers.

        Raises NotFound; InvalidParameter (``name``) if another key of the account has or had the new name.
        """
        named = (keys.c.account_id == account_id, keys.c.name == name)
        with self._database.writing() as connection:
            lock_keys(connection, *named)
            key = required_key(connection, account_id, name)
            if new_name != name:
                _check_name_is_free(connection, account_id, new_name)
            changed = replace(key, name=new_name, referrers=referrers)
            connection.execute(update(keys).where(keys.c.id == key.id).values(values_of(changed)))
        return changed


def select_account(connection: Connection, account_id: str) -> Account:
    """Return an account that has to be there."""
    return account_of(connection.execute(select(accounts).where(accounts.c.id == account_id)).mappings().one())


def find_key(connection: Connection, *which: ColumnElement[bool]) -> Key | None:
    """Return the one key that there may be."""
    row = connection.execute(select(keys).where(*which)).mappings().first()
    return None if row is None else key_of(row)


def required_key(connection: Connection, account_id: str, name: str) -> Key:
    """Return the key of that name. Raises NotFound."""
    key = find_key(connection, keys.c.account_id == account_id, keys.c.name == name)
    if key is None:
        raise NotFound(f"The account has no key of the name {name}.")
    return key


def check_not_revoked(connection: Connection, key: Key) -> None:
    """Raise CredentialsExpired if a key has been revoked, or is gone."""
    current = find_key(connection, keys.c.id == key.id)
    if current is None or current.revoked_at is not None:
        raise CredentialsExpired


def _no_account(account_id: str) -> NotFound:
    return NotFound(f"There is no account {account_id}.")


def _insert_key(connection: Connection, key: Key) -> None:
    _check_name_is_free(connection, key.account_id, key.name)
    if connection.scalar(select(keys.c.id).where(keys.c.digest == key.digest)) is not None:
        raise InvalidParameter("value", "(hidden)", "a value that no other key has or had")
    connection.execute(insert(keys).values(values_of(key)))


def _check_name_is_free(connection: Connection, account_id: str, name: str) -> None:
    same_name = (keys.c.account_id == account_id, keys.c.name == name)
    if connection.scalar(select(keys.c.id).where(*same_name)) is not None:
        raise InvalidParameter("name", name, "a name that no other key of the account has or had")


def _check_masters_nothing(connection: Connection, key: Key) -> None:
    mastered = select(data_sources.c.name).where(data_sources.c.master_key_id == key.id)
    name = connection.scalar(mastered.order_by(data_sources.c.lower_name).limit(1))
    if name is not None:
        raise InvalidParameter(
            "name", key.name, f"a key that is not a master key; it is the one of the data source {name}"
        )
