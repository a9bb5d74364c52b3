"""Accept an upload, or where to fetch it from, and put its load in the queue (http-api.md, section 3.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from geostead.blobs.base import BlobWriter
from geostead.catalog.base import NewLoad
from geostead.errors import InvalidParameter, NotAuthorized, RequestError, UploadTooLarge
from geostead.model.access import Key, digest_of
from geostead.model.job import InputFormat, Job, JobStatus, LoadOperation, LoadOrder, upload_blob
from geostead.model.table_reading import TableReading
from geostead.operations.services import Services
from geostead.telemetry.trace import written_trace

MAX_DESCRIPTION = 2_560
"""Characters of a description, as many as a string property may have."""


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """What the sender of an upload asks for."""

    data_source_name: str | None
    """Of the form that names have (:data:`geostead.model.data_source.DATA_SOURCE_NAME`); None: see ``access_id``."""
    operation: LoadOperation
    input: InputFormat | TableReading
    """As in :class:`geostead.model.job.LoadOrder`."""
    access_id: str | None = None
    """Names the data source in place of its name (incremental loads only), or confirms it."""
    set_public: bool | None = None
    """None: as it is."""
    query_key: str | None = field(default=None, repr=False)
    """Value of the key that shall be the query key; None: as it is."""
    description: str | None = None
    strict: bool = False
    """Whether a single bad row aborts the load."""
    location: str | None = field(default=None, repr=False)
    """URL that the job fetches the upload from; None: it comes with the request."""
    base: str | None = None
    """As in :class:`geostead.model.job.LoadOrder`."""


@dataclass(frozen=True, slots=True)
class Upload:
    """The bytes to load."""

    chunks: Iterable[bytes]
    announced_bytes: int | None = None
    """How many there will be, if the sender said so."""


def start_load(
    services: Services,
    key: Key,
    request: LoadRequest,
    upload: Upload,
    *,
    made_by: str | None = None,
    job_id: str | None = None,
) -> Job:
    """Keep the upload and record the load; both are durable when this returns. A location is fetched by the job.

    ``made_by`` is who asked for it; None: whoever holds the key. ``job_id`` is an id that the caller has made already:
    however often that is sent, there is one job of it.

    Nothing of ``upload`` is read before the request is known to be in order. Raises NotAuthorized, InvalidParameter
    (``dataSourceName``, ``accessId``, ``loadOperation``, ``setPublic``, ``queryKey``, ``description``,
    ``dataLocation``, ``body``), UploadTooLarge, AccountFull, CredentialsExpired.
    """
    _check_request(request)
    load = replace(_load_of(services, key, request, job_id or services.new_id()), made_by=made_by or key.name)
    services.catalog.check_load(load)
    _check_access_id(services, load, request.access_id)
    if request.location is not None:
        services.remote.check(request.location)
        _check_no_body(upload)
        return _accept(services, load)
    limit_bytes = services.catalog.get_account(key.account_id).limits.upload_bytes
    with services.blobs.create(load.order.upload) as blob:
        receive_upload(upload, blob, limit_bytes)
        if blob.size_bytes == 0:
            expected = "the data to load as the body of the request, or its URL as dataLocation"
            raise InvalidParameter("body", "", expected)
        blob.commit()
        return _accept(services, load)


def _check_request(request: LoadRequest) -> None:
    """Refuse what contradicts itself, whatever there is in the catalog."""
    if request.set_public and request.operation.is_staging:
        raise InvalidParameter("setPublic", "1", f"0 or nothing together with {request.operation.value}")
    if len(request.description or "") > MAX_DESCRIPTION:
        expected = f"at most {MAX_DESCRIPTION:,} characters"
        raise InvalidParameter("description", request.description or "", expected)


def _load_of(services: Services, key: Key, request: LoadRequest, job_id: str) -> NewLoad:
    order = LoadOrder(
        operation=request.operation,
        input=request.input,
        upload=upload_blob(job_id),
        # A staging load says nothing about what is published; clients send 0 with every load.
        set_public=None if request.operation.is_staging else request.set_public,
        query_key_id=_query_key_id(services, key, request.query_key),
        location=request.location,
        strict=request.strict,
        base=request.base,
    )
    return NewLoad(
        job_id=job_id,
        data_source_id=services.new_id(),
        access_id=services.new_id(),
        key=key,
        data_source_name=_data_source_name(services, key, request),
        order=order,
        description=request.description,
        accepted_at=services.now(),
        trace=written_trace(),
    )


def _data_source_name(services: Services, key: Key, request: LoadRequest) -> str:
    if request.data_source_name is not None:
        return request.data_source_name
    if request.access_id is None:
        raise InvalidParameter("dataSourceName", "", "the name of the data source to load into")
    if not request.operation.is_incremental:
        raise InvalidParameter(
            "dataSourceName", "", "the name of the data source; only an incremental load may give accessId alone"
        )
    found = services.catalog.find_by_access_id(request.access_id)
    if found is None:
        raise InvalidParameter("accessId", request.access_id, "the access id of a data source")
    if found.data_source.account_id != key.account_id:  # the message names nothing that the caller did not
        raise NotAuthorized("The key is not of the account that owns the data source with this access id.")
    return found.data_source.name


def _check_access_id(services: Services, load: NewLoad, access_id: str | None) -> None:
    """Refuse an access id that is not the one of the data source that the load names."""
    if access_id is None:
        return
    found = services.catalog.find_by_name(load.key.account_id, load.data_source_name)
    if found is None or found.data_source.access_id != access_id.lower():
        raise InvalidParameter("accessId", access_id, f"the access id of the data source {load.data_source_name}")


def _query_key_id(services: Services, key: Key, value: str | None) -> str | None:
    if value is None:
        return None
    query_key = services.catalog.find_key(digest_of(value))
    if query_key is None or query_key.account_id != key.account_id or not query_key.is_live(services.now()):
        # The message must neither repeat a key nor tell whether another account has it.
        raise InvalidParameter("queryKey", "a value that is not a key of this account", "another key of the account")
    if query_key.id == key.id:
        raise InvalidParameter("queryKey", "the same value as key", "another key of the account")
    return query_key.id


def _check_no_body(upload: Upload) -> None:
    if upload.announced_bytes or any(upload.chunks):
        raise InvalidParameter("dataLocation", "a URL and a body", "one of them: both say what to load")


def receive_upload(upload: Upload, blob: BlobWriter, limit_bytes: int) -> None:
    """Write an upload into a blob, which is still to be committed. Raises UploadTooLarge as soon as that is known."""
    _check_size(upload.announced_bytes or 0, limit_bytes)
    for chunk in upload.chunks:
        blob.write(chunk)
        _check_size(blob.size_bytes, limit_bytes)


def _check_size(size_bytes: int, limit_bytes: int) -> None:
    if size_bytes > limit_bytes:
        raise UploadTooLarge("the size of the upload in bytes", size_bytes, limit_bytes)


def _accept(services: Services, load: NewLoad) -> Job:
    """Record the load as of now: receiving its upload may have taken long."""
    try:
        job = services.catalog.accept_load(replace(load, accepted_at=services.now()))
    except RequestError:
        # Any other error leaves open whether the job was recorded, so the upload stays; expire finds out later.
        services.blobs.delete(load.order.upload)
        raise
    if job.status is not JobStatus.PENDING:  # it was accepted before, and has ended
        services.blobs.delete(load.order.upload)
    return job
