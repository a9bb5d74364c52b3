"""The part of the catalog that knows the files that were sent to the console and are not loaded yet."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from geostead.model.kept_upload import KeptUpload

KEPT_FOR = timedelta(days=1)
"""Then ``forget_old`` forgets a kept upload, and its blob is not used any more."""


class KeptUploads(Protocol):
    """Kept uploads by id."""

    def add_upload(self, upload: KeptUpload) -> None:
        """Record a file whose blob is durable."""

    def find_upload(self, account_id: str, upload_id: str) -> KeptUpload | None:
        """Return a kept upload of an account."""

    def list_uploads(self, account_id: str) -> list[KeptUpload]:
        """Return the kept uploads of an account, the youngest first."""

    def drop_upload(self, upload_id: str) -> None:
        """Forget it; one that is not there is fine. Its blob is the caller's to delete."""
