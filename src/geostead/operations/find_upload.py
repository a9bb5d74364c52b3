"""Find a file that was sent to the console, for a member of its account."""

from __future__ import annotations

from geostead.errors import NotFound
from geostead.model.kept_upload import KeptUpload
from geostead.operations.services import Services


def find_upload(services: Services, account_id: str, upload_id: str) -> KeptUpload:
    """Return a kept upload of the account. Raises NotFound."""
    found = services.catalog.find_upload(account_id, upload_id.lower())
    if found is None:
        raise NotFound(
            "There is no such upload, or no longer: files wait for a day, or until many others came. Send it again."
        )
    return found


def drop_upload(services: Services, upload: KeptUpload) -> None:
    """Forget a kept upload and delete its bytes."""
    services.catalog.drop_upload(upload.id)
    services.blobs.delete(upload.blob)
