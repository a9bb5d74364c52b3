"""A Geostead, spoken to over HTTP."""

from __future__ import annotations

from types import TracebackType
from typing import Literal, Self, TypeAlias, TypedDict, Unpack

from geostead.client import paths
from geostead.client.connection import Connection
from geostead.client.documents import data_sources_of, job_of, json_members, properties_of, versions_of
from geostead.client.downloads import Target, receiver
from geostead.client.entities import Entity, read_entity, read_types
from geostead.client.errors import NotFound
from geostead.client.jobs import Jobs
from geostead.client.query import Entities, QueryOptions
from geostead.client.retries import Retries
from geostead.client.uploads import BytesProgress, DownloadFormat, Upload, UploadFormat, opened
from geostead.client.values import DataSource, DataSourceDescription, Job, JobKind, Version

LoadOperation: TypeAlias = Literal["complete", "completeStaging", "incremental", "incrementalStaging"]
_DEFAULT_RETRIES = Retries()


class LoadOptions(TypedDict, total=False):
    """What a load may say besides. None is the same as to leave it out."""

    set_public: bool | None
    """Whether any valid key may query, from when the load is published; without it as it was, private when new."""
    query_key: str | None
    """Another key of the account, which becomes the query key. Without it that stays."""
    description: str | None
    """At most 2,560 characters: comes back on the job, and is that of the data source."""
    strict: bool | None
    """Whether a single bad row aborts the job; without it what the operator decided."""


class Geostead(Jobs):
    """A Geostead and a key. Use it as a context manager, or close it; one thread at a time.

    Once it is closed every call that would ask the server raises RuntimeError.

    Names of data sources may be written in any case; the account of the key decides what is found. A
    :class:`DataSource` is taken wherever a name is, and saves looking it up; for public ones of others it has to be
    one.

    Args:
        url: where it is, such as ``https://places.example.com``.
        key: a key of an account. What may be done with it depends on the data source.
        timeout_s: how long to wait for a connection, and for each part of a reply; for that to an upload, five
            minutes at least.
        retries: how often what only reads is tried. What changes something is tried again only where no connection
            could be made, so that nothing happens twice.

    Raises ValueError if the URL is none, or the key is empty.
    """

    def __init__(self, url: str, key: str, *, timeout_s: float = 60.0, retries: Retries = _DEFAULT_RETRIES) -> None:
        super().__init__(Connection(url, key, timeout_s=timeout_s, retries=retries))

    def __repr__(self) -> str:
        return f"Geostead({self._connection.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._connection.close()

    def data_sources(self) -> list[DataSource]:
        """List the data sources of the account that have a version, by name."""
        return data_sources_of(self._connection.read(paths.DATA, {"$format": "json"}))

    def public_data_sources(self) -> list[DataSource]:
        """List the public data sources of all accounts, by name."""
        return data_sources_of(self._connection.read(paths.PUBLIC, {"$format": "json"}))

    def data_source(self, name: str) -> DataSource:
        """Find a data source of the account by its name, in any case. Raises NotFound."""
        found = next((source for source in self.data_sources() if source.name.lower() == name.strip().lower()), None)
        if found is None:
            raise NotFound(f"The account has no data source {name!r} with a version.", code="NotFound")
        return found

    def describe(self, source: str | DataSource) -> DataSourceDescription:
        """Describe a data source: its versions and its properties. Raises NotFound."""
        path = paths.of_data_source(self._found(source))
        reply = self._connection.read(path, {"$format": "json", "showAllVersions": "true"})
        data_source, versions = versions_of(reply)
        properties = properties_of(self._connection.read(f"{path}/$metadata"))
        return DataSourceDescription(data_source, versions, properties)

    def load(
        self,
        name: str,
        upload: Upload,
        *,
        input: UploadFormat,  # noqa: A002  the word of the API
        operation: LoadOperation = "complete",
        progress: BytesProgress | None = None,
        **options: Unpack[LoadOptions],
    ) -> Job:
        """Send an upload, and return its job as accepted; :meth:`wait` waits for its end.

        :func:`upload_format` tells ``input`` by the name of a file. The upload is sent in one piece of work and never
        twice: where the connection breaks off, :meth:`jobs` tells whether the job was accepted. Raises BadRequest,
        AccessDenied, LimitExceeded; OSError if a file cannot be read.
        """
        parameters, secrets = _load_parameters(name, input, operation, options)
        with opened(upload, progress) as body:
            reply = self._connection.post(paths.LOADS, parameters, body.pieces, body.size_bytes, secrets)
        return job_of(reply, JobKind.LOAD)

    def load_from(
        self,
        name: str,
        location: str,
        *,
        input: UploadFormat,  # noqa: A002  the word of the API
        operation: LoadOperation = "complete",
        **options: Unpack[LoadOptions],
    ) -> Job:
        """Let the server fetch an upload from a URL of a host that its operator allows; else as :meth:`load`."""
        parameters, secrets = _load_parameters(name, input, operation, options)
        reply = self._connection.act("POST", paths.LOADS, parameters, {**secrets, "dataLocation": location})
        return job_of(reply, JobKind.LOAD)

    def publish(self, source: str | DataSource) -> Job:
        """Publish what is staged; return the job as accepted. Raises NotFound if nothing is."""
        path = f"{paths.of_data_source(self._found(source))}/$commit"
        return job_of(self._connection.act("GET", path), JobKind.CHANGE)

    def roll_back(self, source: str | DataSource, version: Version | str | None = None) -> Job:
        """Publish a version once more; return the job as accepted. None: the one that was published before this one.

        Raises NotFound if the data source has no such version.
        """
        found = self._found(source)
        wanted = self._previous(found) if version is None else version
        job_id = wanted.job_id if isinstance(wanted, Version) else wanted
        path = f"{paths.ROLLBACKS}/{paths.segment(job_id)}/{paths.segment(found.name)}"
        return job_of(self._connection.act("GET", path), JobKind.ROLLBACK)

    def set_public(self, source: str | DataSource, is_public: bool) -> Job:
        """Make a data source public or private, at once; return the job, which is completed."""
        path = f"{paths.of_data_source(self._found(source))}/$updateDataSource"
        return job_of(self._connection.act("GET", path, {"setPublic": str(int(is_public))}), JobKind.CHANGE)

    def delete(self, source: str | DataSource, *, staged_only: bool = False) -> Job:
        """Delete a data source with all its versions, or what is staged; return the job, which may be pending still."""
        parameters = {"isStaging": "1"} if staged_only else {}
        reply = self._connection.act("DELETE", paths.of_data_source(self._found(source)), parameters)
        job_id = reply.headers["Location"].rstrip("/").split("/")[-2]
        return self._status(JobKind.CHANGE, job_id)

    def download(
        self,
        source: str | DataSource,
        target: Target,
        *,
        format: DownloadFormat = "xml",  # noqa: A002  what it is called
        version: Version | str | None = None,
        progress: BytesProgress | None = None,
    ) -> Job:
        """Write a version to a path or a file object, without ever having all of it in memory; return the job.

        ``version`` None: the published one. A path is there whole or not at all. Raises NotFound, JobAborted; OSError
        if the file cannot be written.
        """
        job = self.wait(self.start_download(source, version))
        self.fetch_download(job, target, format=format, progress=progress)
        return job

    def start_download(self, source: str | DataSource, version: Version | str | None = None) -> Job:
        """Let the server write a version for :meth:`fetch_download`; return the job as accepted. Raises NotFound."""
        found = self._found(source)
        job_id = version.job_id if isinstance(version, Version) else version
        path = f"{paths.DOWNLOADS}/{found.access_id}/{paths.segment(found.name)}"
        return job_of(self._connection.act("GET", path, {} if job_id is None else {"jobId": job_id}), JobKind.DOWNLOAD)

    def fetch_download(
        self,
        job: Job,
        target: Target,
        *,
        format: DownloadFormat = "xml",  # noqa: A002  what it is called
        progress: BytesProgress | None = None,
    ) -> None:
        """Fetch what a completed download has written, as often as wanted, for 14 days. Raises NotFound, OSError."""
        path = f"{paths.of_job(JobKind.DOWNLOAD, job.id)}/output/succeeded"
        with receiver(target, progress) as take:
            self._connection.fetch(path, {"dataFormat": format}, take)

    def query(self, source: str | DataSource, **options: Unpack[QueryOptions]) -> Entities:
        """Query a data source. Nothing is asked for until the entities are iterated over, or counted.

        Raises NotFound if there is no such data source; what else is wrong is told then.
        """
        return Entities(self._connection, paths.of_entities(self._found(source)), options)

    def count(self, source: str | DataSource, **options: Unpack[QueryOptions]) -> int:
        """Count the entities that a query finds, whatever ``top`` says."""
        return self.query(source, **options).count()

    def entity(self, source: str | DataSource, entity_id: str, *, staged: bool = False) -> Entity:
        """Return one entity by its id. Raises NotFound."""
        path = paths.of_entity(self._found(source), entity_id)
        parameters = {"isStaging": "1"} if staged else {}
        types = read_types(self._connection.read(path, {**parameters, "$format": "atom"}).content)
        return read_entity(json_members(self._connection.read(path, {**parameters, "$format": "json"})), types)

    def _found(self, source: str | DataSource) -> DataSource:
        return self.data_source(source) if isinstance(source, str) else source

    def _previous(self, found: DataSource) -> Version:
        previous = self.describe(found).previous
        if not previous:
            raise NotFound(f"The data source {found.name} has no previous version.", code="NotFound")
        return previous[0]


def _load_parameters(
    name: str, input_format: str, operation: str, options: LoadOptions
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the parameters of a load: those that anybody may see, and those that open something."""
    given = {
        "dataSourceName": name,
        "loadOperation": operation,
        "input": input_format,
        "description": options.get("description"),
        "setPublic": _digit(options.get("set_public")),
        "strict": _digit(options.get("strict")),
    }
    query_key = options.get("query_key")
    secrets = {} if query_key is None else {"queryKey": query_key}
    return {name: value for name, value in given.items() if value is not None}, secrets


def _digit(truth: bool | None) -> str | None:
    return None if truth is None else str(int(truth))
