"""Accept an upload and put its load in the queue (http-api.md, section 3.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from geostead.blobs.base import BlobWriter
from geostead.catalog.base import NewLoad
from geostead.errors import InvalidParameter, RequestError, UploadTooLarge
from geostead.model.access import Key, check_master, digest_of
from geostead.model.job import InputFormat, Job, LoadOperation, LoadOrder, upload_blob
from geostead.operations.services import Services

MAX_DESCRIPTION = 2_560
"""Characters of a description, as many as a string property may have."""


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """What the sender of an upload asks for."""

    data_source_name: str
    """Of the form that names have (:data:`geostead.model.data_source.DATA_SOURCE_NAME`)."""
    operation: LoadOperation
    input: InputFormat
    set_public: bool | None = None
    """None: as it is."""
    query_key: str | None = None
    """Value of the key that shall be the query key; None: as it is."""
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """The bytes to load."""

    chunks: Iterable[bytes]
    announced_bytes: int | None = None
    """How many there will be, if the sender said so."""


def start_load(services: Services, key: Key, request: LoadRequest, upload: Upload) -> Job:
    """Keep the upload and record the load; both are durable when this returns.

    Nothing of ``upload`` is read before the request is known to be in order. Raises NotAuthorized, InvalidParameter
    (``queryKey``, ``description``, ``body``), UploadTooLarge, AccountFull.
    """
    _check_may_load(services, key, request)
    job_id = services.new_id()
    order = LoadOrder(
        operation=request.operation,
        input=request.input,
        upload=upload_blob(job_id),
        set_public=request.set_public,
        query_key_id=_query_key_id(services, key, request.query_key),
    )
    limit_bytes = services.catalog.get_account(key.account_id).limits.upload_bytes
    with services.blobs.create(order.upload) as blob:
        _receive(upload, blob, limit_bytes)
        blob.commit()
        return _accept(services, key, request, order, job_id)


def _check_may_load(services: Services, key: Key, request: LoadRequest) -> None:
    """Refuse before the upload what :meth:`Catalog.accept_load` would refuse after it."""
    existing = services.catalog.find_by_name(key.account_id, request.data_source_name)
    if existing is not None and existing.data_source.master_key_id is not None:
        check_master(key, existing.data_source, "load into")
    services.catalog.check_room(key.account_id, request.data_source_name, services.now())
    if len(request.description or "") > MAX_DESCRIPTION:
        expected = f"at most {MAX_DESCRIPTION:,} characters"
        raise InvalidParameter("description", request.description or "", expected)


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


def _receive(upload: Upload, blob: BlobWriter, limit_bytes: int) -> None:
    _check_size(upload.announced_bytes or 0, limit_bytes)
    for chunk in upload.chunks:
        blob.write(chunk)
        _check_size(blob.size_bytes, limit_bytes)
    if blob.size_bytes == 0:
        raise InvalidParameter("body", "", "the data to load as the body of the request")


def _check_size(size_bytes: int, limit_bytes: int) -> None:
    if size_bytes > limit_bytes:
        raise UploadTooLarge("the size of the upload in bytes", size_bytes, limit_bytes)


def _accept(services: Services, key: Key, request: LoadRequest, order: LoadOrder, job_id: str) -> Job:
    load = NewLoad(
        job_id=job_id,
        data_source_id=services.new_id(),
        access_id=services.new_id(),
        key=key,
        data_source_name=request.data_source_name,
        order=order,
        description=request.description,
        accepted_at=services.now(),
    )
    try:
        return services.catalog.accept_load(load)
    except RequestError:
        # Any other error leaves open whether the job was recorded, so the upload stays; expire finds out later.
        services.blobs.delete(order.upload)
        raise
