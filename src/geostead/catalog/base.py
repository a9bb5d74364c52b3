"""The port to the catalog: what exists, and who holds which job. Every method is one transaction.

What a method acknowledges by returning is durable. Methods raise :class:`geostead.errors.Unavailable` when the
database does not answer. Times come from the caller (aware UTC), except that leases run on the clock that the
implementation was given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from geostead.catalog.drafts_port import Drafts
from geostead.catalog.people_port import People
from geostead.catalog.uploads_port import KeptUploads
from geostead.catalog.uses_port import Uses
from geostead.model.access import Account, Key
from geostead.model.data_source import DataSource, DataSourceVersions, Version
from geostead.model.engine import EntityEngine
from geostead.model.job import Job, JobKind, LoadOrder, Progress
from geostead.model.limits import Limits, Usage


@dataclass(frozen=True, slots=True)
class QueryTarget:
    """All that one query needs from the catalog."""

    key: Key | None
    """The key with the digest asked for, live or not; None if unknown."""
    versions: DataSourceVersions | None
    """The data source asked for, ``previous`` left empty; None if there is none of that access id and name."""
    owner: Account | None
    """The account of the data source."""


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
    """In any case; an existing data source keeps its own spelling."""
    order: LoadOrder
    description: str | None
    accepted_at: datetime
    trace: str | None = None
    """As in :class:`geostead.model.job.Job`."""
    made_by: str | None = None
    """As in :class:`geostead.model.job.Job`."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How far a job had come when it ended, and what it left."""

    progress: Progress
    at: datetime
    error_log: str | None = None
    """Blob name of the error log, if one was written."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What :meth:`Housekeeping.forget_old` forgot."""

    files: int
    """Jobs whose output or error log had outlived its time."""
    jobs: int
    staged_versions: int


@dataclass(frozen=True, slots=True)
class NeededFile:
    """A snapshot or a blob that has to be there."""

    name: str
    """Snapshot id or blob name."""
    account_name: str
    data_source_name: str
    job_id: str
    """The load that made the version, or else the job that needs the file."""


@dataclass(frozen=True, slots=True)
class NeededFiles:
    """All files that have to be there, each once."""

    snapshots: tuple[NeededFile, ...]
    """Of versions and downloads."""
    blobs: tuple[NeededFile, ...]
    """Uploads of pending loads (not those to be fetched), recorded outputs and error logs."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """How much there is, in the whole installation. What there is none of may be missing."""

    waiting_jobs: Mapping[JobKind, int]
    """Jobs that no worker holds, or whose lease has run out."""
    running_jobs: Mapping[JobKind, int]
    oldest_runnable_age_s: float
    """Seconds since the oldest job was accepted that only a worker is missing for; 0 if there is none."""
    data_sources: Mapping[str, int]
    """By ``public`` or ``private``; those that have a published or staged version."""
    versions: Mapping[str, int]
    """By ``published``, ``staged`` or ``previous``."""
    entities: Mapping[str, int]
    """Of the versions, likewise."""


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

    def change_key(self, account_id: str, name: str, *, new_name: str, referrers: tuple[str, ...]) -> Key:
        """Give a key another name, or the same one, and other referrers.

        Raises NotFound; InvalidParameter (``name``) if another key of the account has or had the new name.
        """

    def set_limits(self, account_id: str, limits: Limits) -> None:
        """Replace the limits of an account; what it has beyond them stays. Raises NotFound."""

    def usage(self, account_id: str, at: datetime) -> Usage:
        """Count what an account has at ``at`` exactly as the limits are checked against; 0 for an unknown one.

        Aborted jobs count, downloads do not; so do reserved data sources, and those whose delete job has not run yet.
        """

    def delete_account(self, account_id: str) -> None:
        """Delete an account with its keys, data sources, versions and jobs. Raises NotFound.

        Workers that run one of its jobs lose their lease.
        """


class DataSources(Protocol):
    """Data sources, versions, pointers.

    A data source whose delete job is accepted is gone for everyone but jobs: nothing here but :meth:`versions_of`
    returns it. A staged version whose delete job is accepted is gone likewise.
    """

    def reserve(self, data_source: DataSource) -> None:
        """Record a data source without master key and versions.

        Raises InvalidParameter (``name``, ``access_id``) for what is taken.
        """

    def find_data_source(self, access_id: str, name: str) -> DataSourceVersions | None:
        """Return the data source with this access id and this name, both in any case."""

    def find_by_name(self, account_id: str, name: str) -> DataSourceVersions | None:
        """Return the account's data source of that name, in any case, reserved ones included."""

    def find_by_access_id(self, access_id: str) -> DataSourceVersions | None:
        """Return the data source with this access id, in any case, of whatever account, reserved ones included."""

    def versions_of(self, data_source_id: str) -> DataSourceVersions | None:
        """Return a data source as its jobs see it: in the order of acceptance, no delete job ahead of its turn."""

    def list_data_sources(self, account_id: str) -> list[DataSourceVersions]:
        """Return the account's data sources that have a published or staged version, by name."""

    def list_every(self, account_id: str) -> list[DataSourceVersions]:
        """Return all data sources of the account, by name: reserved ones and ones whose first load is pending too."""

    def list_public(self) -> list[DataSourceVersions]:
        """Return the public data sources of all accounts that have a published version, by name, then access id."""

    def set_master_key(self, account_id: str, data_source_name: str, key_name: str, at: datetime) -> DataSource:
        """Make another live key of the account the master key; a query key that is the same one is no more.

        Raises NotFound (data source, key); InvalidParameter (``key``) for a key that is revoked or expired at ``at``.
        """

    def move_masters(self, account_id: str, from_name: str, to_name: str, at: datetime) -> list[DataSource]:
        """Make one key the master key of all data sources of which another one is, as with :meth:`set_master_key`.

        Returns them as they are now, by name. Raises NotFound (keys); InvalidParameter (``key``) where the key to move
        to is revoked or expired at ``at``, or is the same one.
        """

    def set_engine(self, account_id: str, data_source_name: str, engine: EntityEngine | None) -> DataSource:
        """Say what keeps the entities of the next versions; None: what the installation says. Raises NotFound."""

    def query_target(self, access_id: str, name: str, key_digest: str) -> QueryTarget:
        """Look up what a query needs, as of now."""


class Jobs(Protocol):
    """The queue."""

    def check_load(self, load: NewLoad) -> None:
        """Raise what :meth:`accept_load` would, as things stand: worth knowing before an upload is read."""

    def accept_load(self, load: NewLoad) -> Job:
        """Record a load, and its data source if that is new, in one transaction.

        Where there is a job of its id it was accepted before, and that job is returned. The access id in
        ``load.access_id`` is ignored for an existing data source. The key becomes the master key of a data source that
        has none. Checked inside the transaction:

        * the key is the master key (NotAuthorized) and has not been revoked (CredentialsExpired);
        * no delete job of that name is pending (InvalidParameter, ``dataSourceName``);
        * an incremental load has a base, or a pending load ahead of it will make one (InvalidParameter,
          ``loadOperation``; section 3, "Order");
        * the limits on data sources and jobs (AccountFull).
        """

    def accept_change(self, job: Job, key: Key) -> Job:
        """Record a publish, rollback, delete or access job of an existing data source, in one transaction.

        Checked inside: the data source is there and not being deleted, what is to be published or deleted is staged,
        the version to roll back to is one of its own (all NotFound, with the reason); the key is the master key
        (NotAuthorized) and has not been revoked (CredentialsExpired); the limits on jobs (AccountFull).

        From the return on a deletion hides what it will delete. An access job has been done: it is returned completed,
        and no load that was accepted before it changes the publicity any more.
        """

    def accept_download(self, job: Job) -> None:
        """Record a pending download."""

    def get_job(self, job_id: str) -> Job | None:
        """Return the job, or None."""

    def list_jobs(self, account_id: str, since: datetime, *, with_downloads: bool = False) -> list[Job]:
        """Return the jobs of an account: the pending ones, then those accepted after ``since``.

        Each part newest first by the date of acceptance, of one moment the one first that was recorded last.
        """

    def newest_downloads(self, account_id: str, data_source_name: str) -> list[Job]:
        """Return download jobs of that data source name (in any case), newest first.

        Of those with one data source and one master key only the newest: who may see one may see the others.
        """

    def claim(self, worker: str, lease_s: float, *, with_lapsed: bool = True) -> Job | None:
        """Lease the next runnable job to ``worker``; None if there is none.

        Runnable: pending and not leased (or the lease has run out), and either a download or the oldest pending one of
        the jobs that change the same data source. The claimed job's ``attempt`` is one higher, its counts are 0. A job
        that already had three attempts whose leases ran out is aborted instead, with a reason. ``with_lapsed=False``
        leaves jobs whose lease has run out to their holders, who may still renew it.
        """

    def renew(self, job: Job, worker: str, lease_s: float, progress: Progress) -> None:
        """Extend the lease and record progress. Raises LeaseLost if the job is no longer this worker's attempt."""

    def release(self, job: Job, worker: str) -> None:
        """Give a job back unharmed: runnable at once, and no lease counts as run out. Raises LeaseLost."""

    def complete_load(self, job: Job, worker: str, version: Version, ending: Ending) -> None:
        """Record the version, publish or stage it, complete the job: one transaction.

        A version that was published becomes a previous one; of these the three that were published last stay. One that
        was staged is dropped. Also applies the order's ``query_key_id`` and ``set_public`` (unless an access job was
        accepted after the load), and the job's description to the data source, and forgets the draft that the load
        carries out.

        Raises LeaseLost; OvertakenByEvents where the key that is to become the query key has been revoked or has
        expired: nothing has changed then.
        """

    def complete_change(self, job: Job, worker: str, ending: Ending) -> None:
        """Do what a publish, rollback or delete job was ordered to do, and complete it: one transaction.

        Published: the staged version, or the one to roll back to (which may be the staged one, and then is no longer
        staged); previous versions as with :meth:`complete_load`. Deleted: the staged version, or all of the data
        source, whose name and access id are free again and whose other pending jobs are aborted, reason ``deleted``.
        Where nothing else is left or pending, a data source goes with its staged version, as with :meth:`abort`.

        Raises LeaseLost; OvertakenByEvents where the version to publish is not there any more.
        """

    def complete_download(self, job: Job, worker: str, output: str, ending: Ending) -> None:
        """Record what a download wrote and complete it. Raises LeaseLost."""

    def abort(self, job: Job, worker: str, reason: str, ending: Ending) -> None:
        """Abort a job with a reason for people. Raises LeaseLost.

        Where the data source has no version and no other pending load, it is removed: its name and access id are free
        again. If it was reserved, it stays and has no master key again.
        """

    def cancel(self, job_id: str, account_id: str, at: datetime) -> Job:
        """Abort a pending job of an account, whether or not a worker holds it, and return it as it ended.

        Its reason is ``cancelled``; a worker that runs it has lost its lease. What accepting it did to its data source
        is undone, and a data source without version and other pending load is removed, as with :meth:`abort`. Jobs
        behind it stay. Raises NotFound; InvalidParameter (``jobId``) for a job that has ended.
        """

    def revision(self) -> int:
        """Return a number that changes whenever anything was committed to the catalog; cheap enough to poll."""


class Housekeeping(Protocol):
    """What ``expire`` needs."""

    def used_blobs(self) -> set[str]:
        """Return the names of all blobs that jobs still need.

        Uploads of pending jobs, kept uploads, outputs and error logs that are recorded, and those that pending jobs
        may record.
        """

    def used_snapshots(self) -> set[str]:
        """Return the ids of all snapshots that versions or downloads name or that attempts may be writing.

        A download counts while it is pending and for as long as it has its output. An attempt counts until its job has
        ended or begun another one, whether or not its lease has run out.
        """

    def needed_files(self) -> NeededFiles:
        """Return what has to be there for every version, download and job to be whole; ``used_*`` may be more."""

    def forget_old(self, now: datetime) -> Forgotten:
        """Forget what has outlived its time (section 3.2).

        Outputs and error logs 14 days after their job ended, jobs 15 days after, versions that were staged 30 days
        ago, unless a job of their data source is pending: it may be about to use them. A data source that has nothing
        else goes with its staged version, as with :meth:`Jobs.abort`. Also counts of requests after 400 days.
        """

    def statistics(self) -> Statistics:
        """Count what there is; a few milliseconds for an installation of ordinary size."""

    def copy_to(self, path: Path) -> None:
        """Write the whole catalog as of one moment into a new file, durable when this returns."""

    def copy_from(self, path: Path) -> None:
        """Take in what :meth:`copy_to` wrote, brought to the schema of this program. Nobody holds its pending jobs.

        Raises InvalidParameter (``backup``) where it is none, (``data folder``) where this catalog holds an account.
        """


class Catalog(Accounts, DataSources, Jobs, Housekeeping, People, Drafts, KeptUploads, Uses, Protocol):
    """The whole catalog."""

    @property
    def is_remote(self) -> bool:
        """Whether it is a server, which may be slow or gone: nothing for an event loop to ask."""

    def migrate(self) -> None:
        """Bring the database to the schema of this program; several processes may call it at once."""

    def installation_id(self) -> str:
        """Return the id that was made with the database: 32 hex digits. A copy that is taken in brings none."""

    def ping(self) -> None:
        """Answer, or raise Unavailable."""

    def close(self) -> None:
        """Give the connections back."""
