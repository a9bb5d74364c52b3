"""Keep a file that a person sends, to look at it before it is loaded."""

from __future__ import annotations

from geostead.model.access import Account
from geostead.model.kept_upload import KeptUpload, blob_of
from geostead.model.person import Person
from geostead.operations.services import Services
from geostead.operations.start_load import Upload, receive_upload

MAX_FILE_NAME = 255


def keep_upload(services: Services, account: Account, person: Person, file_name: str, upload: Upload) -> KeptUpload:
    """Keep a file for a day; it is durable when this returns. Raises UploadTooLarge, InvalidParameter (``body``)."""
    upload_id = services.new_id()
    with services.blobs.create(blob_of(upload_id)) as blob:
        receive_upload(upload, blob, account.limits.upload_bytes)
        blob.commit()
        name = file_name.replace("\\", "/").rsplit("/", 1)[-1][-MAX_FILE_NAME:] or "upload"
        kept = KeptUpload(upload_id, account.id, person.id, name, blob.size_bytes, services.now())
        services.catalog.add_upload(kept)
        return kept
