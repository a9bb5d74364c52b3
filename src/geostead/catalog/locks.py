"""What transactions that write keep others from changing, and in which order.

Accounts, people, keys, data sources, jobs; then what belongs to several of them, as members and drafts do.

SQLite lets one transaction write at a time; there, nothing here matters. On PostgreSQL they run side by side, READ
COMMITTED: each statement sees what was committed before it began. Why the outcome is nevertheless one that transactions
running one after the other could have had:

* **Whoever decides by what is there locks first and reads afterwards.** How much an account has (limits) is decided
  under the lock of the account, what keys may be used for under the lock of the key. The versions, pointers and the
  queue of a data source change under the lock of the data source only: accepting a job, completing, aborting and giving
  up one, forgetting what is old, setting the master key, deleting. So several statements in a row see one state of it.
* **Numbers of jobs follow the order of acceptance** in each data source: the number is drawn and committed under its
  lock. Whoever sees a job therefore sees all that were accepted before it.
* **A claim locks nothing but the job** that it takes, and skips what others are taking (``SKIP LOCKED``). That is
  enough: a job is runnable when nothing older of its data source is pending, and what has ended never becomes pending
  again; so once runnable it stays so until it is claimed or cancelled. Both change its own row, and the database looks
  at the row again when it has the lock.
* **Renewing, releasing and completing a download** change one row of a job, by one statement that also checks whose it
  is.
* **What is new and must be unlike all others** (names, digests, access ids) is guarded by unique constraints. Who is
  the second runs again, and is then told by the check that comes first.

Locks are taken in one order, several of a kind by their ids; so there are no circles of transactions that wait for
each other, save for some where many rows change at once: those the database finds, and one of them runs again. Locks
that are no deletion are ``FOR NO KEY UPDATE``: they do not wait for foreign keys that point to the row.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Table, select

from geostead.catalog.tables import accounts, data_sources, keys


def lock_account(connection: Connection, account_id: str, *, to_delete: bool = False) -> None:
    """Let nobody else decide about the numbers of an account until the transaction ends.

    With ``to_delete`` nobody adds anything that belongs to it either.
    """
    wanted = select(accounts.c.id).where(accounts.c.id == account_id)
    connection.execute(wanted.with_for_update(key_share=not to_delete))


def lock_keys(connection: Connection, *which: ColumnElement[bool]) -> None:
    """Let nobody else revoke keys, or decide what they are for, until the transaction ends."""
    connection.execute(select(keys.c.id).where(*which).order_by(keys.c.id).with_for_update(key_share=True))


def lock_data_sources(connection: Connection, *which: ColumnElement[bool]) -> None:
    """Let nobody else change data sources, their versions and their queues until the transaction ends."""
    wanted = select(data_sources.c.id).where(*which).order_by(data_sources.c.id)
    connection.execute(wanted.with_for_update(key_share=True))


def keep(connection: Connection, table: Table, id_: str) -> None:
    """Let nobody delete a row of a table until the transaction ends; everybody may change it, and point to it."""
    connection.execute(select(table.c.id).where(table.c.id == id_).with_for_update(read=True, key_share=True))
