"""Load a file that was kept, as a member of the account decided."""

from __future__ import annotations

from geostead.errors import InvalidParameter, NotFound
from geostead.model.access import Account, Key
from geostead.model.job import Job
from geostead.model.kept_upload import KeptUpload
from geostead.model.person import Person
from geostead.operations.find_upload import drop_upload
from geostead.operations.services import Services
from geostead.operations.start_load import LoadRequest, Upload, start_load

_CHUNK_BYTES = 2**20


def load_kept_upload(
    services: Services, account: Account, person: Person, upload: KeptUpload, request: LoadRequest, key_name: str = ""
) -> Job:
    """Put the load of a kept upload in the queue, and forget the upload. The job has its id, so that there is but one.

    It is loaded with the master key of the data source; a new one gets the key of that name, else the oldest live one
    of the account (http-api.md, section 2). Raises what :func:`start_load` does, InvalidParameter (``key``) where there
    is no such key, NotFound.
    """
    assert request.data_source_name is not None
    key = _key(services, account, request.data_source_name, key_name)
    try:
        source = services.blobs.open(upload.blob)
    except FileNotFoundError as error:
        raise NotFound("The file is gone: files wait for a day, or until many others came. Send it again.") from error
    with source:
        chunks = iter(lambda: source.read(_CHUNK_BYTES), b"")
        body = Upload(chunks, upload.size_bytes)
        job = start_load(services, key, request, body, made_by=person.email, job_id=upload.id)
    drop_upload(services, upload)
    return job


def _key(services: Services, account: Account, data_source_name: str, key_name: str) -> Key:
    keys = services.catalog.list_keys(account.id)
    found = services.catalog.find_by_name(account.id, data_source_name)
    if found is not None and found.data_source.master_key_id is not None:
        return next(key for key in keys if key.id == found.data_source.master_key_id)
    live = [key for key in keys if key.is_live(services.now())]
    chosen = next((key for key in live if key_name in ("", key.name)), None)
    if chosen is None:
        expected = "a live key of the account, which becomes the master key of the data source"
        raise InvalidParameter("key", key_name, expected)
    return chosen
