"""The port to the catalog: what exists, and who holds which job. Every method is one transaction.

What a method acknowledges by returning is durable. Methods raise :class:`geostead.errors.Unavailable` when the
database does not answer. Times come from the caller (aware UTC), except that leases run on the clock that the
implementation was given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from geostead.model.access import Account, Key
from geostead.model.data_source import DataSource, DataSourceVersions, Version
from geostead.model.job import Job, LoadOrder, Progress


@dataclass(frozen=True, slots=True)
class QueryTarget:
    """All that one query needs from the catalog."""

    key: Key | None
    """The key with the digest asked for, live or not; None if unknown."""
    versions: DataSourceVersions | None
    """The data source asked for, ``previous`` left empty; None if there is none of that access id and name."""


@dataclass(frozen=True, slots=True)
class NewLoad:
    """A load as accepted, to be recorded. All ids are made by the caller."""

    job_id: str
    data_source_id: str
    """Used if the data source is new."""
    access_id: str
    """Used if the data source is new."""
    key: Key
    data_source_name: str
    order: LoadOrder
    description: str | None
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class Ending:
    """How far a job had come when it ended, and what it left."""

    progress: Progress
    at: datetime
    error_log: str | None = None
    """Blob name of the error log, if one was written."""


class Accounts(Protocol):
    """Accounts and their keys."""

    def add_account(self, account: Account, keys: Sequence[Key]) -> None:
        """Record an account with its first keys. Raises InvalidParameter (``name``) if the name is taken."""

    def find_account(self, name: str) -> Account | None:
        """Return the account of that name."""

    def list_accounts(self) -> list[Account]:
        """Return all accounts, by name."""

    def get_account(self, account_id: str) -> Account:
        """Return the account of that id. Raises NotFound."""

    def add_key(self, key: Key) -> None:
        """Record a key. Raises InvalidParameter (``name``, ``value``) if name or digest is taken."""

    def list_keys(self, account_id: str) -> list[Key]:
        """Return the keys of an account, oldest first."""

    def find_key(self, digest: str) -> Key | None:
        """Return the key with this digest, live or not."""

    def revoke_key(self, account_id: str, name: str, revoked_at: datetime) -> Key:
        """Revoke a key; one that is revoked already keeps its date.

        Raises NotFound; InvalidParameter (``name``) if it is the master key of a data source.
        """


class DataSources(Protocol):
    """Data sources, versions, pointers."""

    def reserve(self, data_source: DataSource) -> None:
        """Record a data source without master key and versions.

        Raises InvalidParameter (``name``, ``access_id``) for what is taken.
        """

    def find_data_source(self, access_id: str, name: str) -> DataSourceVersions | None:
        """Return the data source with this access id and this name, both in any case."""

    def find_by_name(self, account_id: str, name: str) -> DataSourceVersions | None:
        """Return the account's data source of that name, in any case, reserved ones included."""

    def list_data_sources(self, account_id: str) -> list[DataSourceVersions]:
        """Return the account's data sources that have a published or staged version, by name."""

    def query_target(self, access_id: str, name: str, key_digest: str) -> QueryTarget:
        """Look up what a query needs, at the cost of one indexed look-up or less; always as of now."""


class Jobs(Protocol):
    """The queue."""

    def check_room(self, account_id: str, data_source_name: str, at: datetime) -> None:
        """Raise AccountFull if :meth:`accept_load` would, as things stand: worth knowing before an upload is read."""

    def accept_load(self, load: NewLoad) -> Job:
        """Record a load, and its data source if that is new, in one transaction.

        Checked inside the transaction: the key is the master key (NotAuthorized), the access id in ``load.access_id``
        is ignored for an existing data source, the limits on data sources and jobs (AccountFull), that the key has
        not been revoked (CredentialsExpired). The key becomes the master key of a data source that has none.
        """

    def accept_download(self, job: Job) -> None:
        """Record a pending download."""

    def get_job(self, job_id: str) -> Job | None:
        """Return the job, or None."""

    def newest_download(self, account_id: str, data_source_name: str) -> Job | None:
        """Return the newest download job of that data source name (in any case)."""

    def claim(self, worker: str, lease_s: float) -> Job | None:
        """Lease the next runnable job to ``worker``; None if there is none.

        Runnable: pending and not leased (or the lease has run out), and no older pending load of the same data
        source. The claimed job's ``attempt`` is one higher, its counts are 0. A job that already had three attempts
        whose leases ran out is aborted instead, with a reason.
        """

    def renew(self, job: Job, worker: str, lease_s: float, progress: Progress) -> None:
        """Extend the lease and record progress. Raises LeaseLost if the job is no longer this worker's attempt."""

    def release(self, job: Job, worker: str) -> None:
        """Give a job back unharmed: runnable at once, and no lease counts as run out. Raises LeaseLost."""

    def complete_load(self, job: Job, worker: str, version: Version, ending: Ending) -> None:
        """Record the version, publish it, keep at most three previous ones, complete the job: one transaction.

        Also applies the order's ``set_public`` and ``query_key_id``, and the job's description to the data source.
        Raises LeaseLost.
        """

    def complete_download(self, job: Job, worker: str, output: str, ending: Ending) -> None:
        """Record what a download wrote and complete it. Raises LeaseLost."""

    def abort(self, job: Job, worker: str, reason: str, ending: Ending) -> None:
        """Abort a job with a reason for people. Raises LeaseLost.

        Where the data source has no version and no other pending load, it is removed: its name and access id are free
        again. If it was reserved, it stays and has no master key again.
        """

    def revision(self) -> int:
        """Return a number that changes whenever anything was committed to the catalog; cheap enough to poll."""


class Housekeeping(Protocol):
    """What ``expire`` needs."""

    def used_blobs(self) -> set[str]:
        """Return the names of all blobs that jobs still need.

        Uploads of pending jobs, outputs and error logs that are recorded, and those that pending jobs may record.
        """

    def used_snapshots(self) -> set[str]:
        """Return the ids of all snapshots that versions name or that attempts may be writing.

        An attempt counts until its job has ended or begun another one, whether or not its lease has run out.
        """

    def forget_old(self, now: datetime) -> int:
        """Forget what has outlived its time (section 3.2): outputs and logs after 14 days. Return how many."""


class Catalog(Accounts, DataSources, Jobs, Housekeeping, Protocol):
    """The whole catalog."""

    def migrate(self) -> None:
        """Bring the database to the schema of this program; several processes may call it at once."""

    def ping(self) -> None:
        """Answer, or raise Unavailable."""

    def close(self) -> None:
        """Give the connections back."""
