"""Keep a file that a person sends, to look at it before it is loaded."""

from __future__ import annotations

from geostead.errors import InvalidParameter
from geostead.model.access import Account
from geostead.model.kept_upload import KeptUpload, blob_of
from geostead.model.person import Person
from geostead.operations.find_upload import drop_upload
from geostead.operations.services import Services
from geostead.operations.start_load import Upload, receive_upload

MAX_FILE_NAME = 255
MAX_KEPT = 50
"""Files of an account that wait at a time."""
KEPT_SIZES = 4
"""How many times ``upload_bytes`` they have together at most."""


def keep_upload(services: Services, account: Account, person: Person, file_name: str, upload: Upload) -> KeptUpload:
    """Keep a file for a day; it is durable when this returns.

    The oldest files of the account that wait go once there are more than :data:`MAX_KEPT`, or with more bytes than
    :data:`KEPT_SIZES` uploads may have. Raises UploadTooLarge, InvalidParameter (``file``).
    """
    upload_id = services.new_id()
    name = file_name.replace("\\", "/").rsplit("/", 1)[-1][-MAX_FILE_NAME:] or "upload"
    with services.blobs.create(blob_of(upload_id)) as blob:
        receive_upload(upload, blob, account.limits.upload_bytes)
        if blob.size_bytes == 0:
            raise InvalidParameter("file", name, "a file that is not empty")
        blob.commit()
        kept = KeptUpload(upload_id, account.id, person.id, name, blob.size_bytes, services.now())
        services.catalog.add_upload(kept)
    _make_room(services, account)
    return kept


def _make_room(services: Services, account: Account) -> None:
    size_bytes = 0
    for count, kept in enumerate(services.catalog.list_uploads(account.id), 1):
        size_bytes += kept.size_bytes
        if count > MAX_KEPT or size_bytes > KEPT_SIZES * account.limits.upload_bytes:
            drop_upload(services, kept)
