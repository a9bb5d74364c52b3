"""Files that were sent to the console and are not loaded yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class KeptUpload:
    """A file that a person looks at before it is loaded; forgotten a day after it came."""

    id: str
    account_id: str
    person_id: str
    file_name: str
    """As the browser gave it; for people only."""
    size_bytes: int
    created_at: datetime

    @property
    def blob(self) -> str:
        """The name of the blob with its bytes."""
        return blob_of(self.id)


def blob_of(upload_id: str) -> str:
    """Return the name of the blob with the bytes of a kept upload."""
    return f"kept/{upload_id}"
