"""What a backup holds: the file ``backup.json``, which makes files lying in a folder a backup."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

LAYOUT = 1
"""Counts up when backups change in a way that this program could not read before."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a backup as it was written."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Contents:
    """All that belongs to one whole backup."""

    taken_at: datetime
    accounts: frozenset[str]
    """Ids of the accounts: no two installations have one in common."""
    catalog: str
    """Name of the file with the catalog."""
    catalog_file: StoredFile
    snapshots: frozenset[str]
    """Their files are described by their own manifests."""
    blobs: dict[str, StoredFile]
    missing: tuple[str, ...] = ()
    """Snapshots and blobs that the catalog needs and that were missing or damaged already where they came from."""

    def encode(self) -> bytes:
        """Write the contents as JSON."""
        document = {
            "layout": LAYOUT,
            "takenAt": self.taken_at.isoformat(),
            "accounts": sorted(self.accounts),
            "catalog": {"name": self.catalog, **_encode(self.catalog_file)},
            "snapshots": sorted(self.snapshots),
            "blobs": {name: _encode(file) for name, file in sorted(self.blobs.items())},
            "missing": list(self.missing),
        }
        return orjson.dumps(document, option=orjson.OPT_INDENT_2)

    @staticmethod
    def decode(data: bytes) -> Contents:
        """Read what :meth:`encode` wrote. Raises ValueError for anything else."""
        try:
            document: dict[str, Any] = orjson.loads(data)
            if document["layout"] != LAYOUT:
                raise ValueError(f"layout {document['layout']}; this program reads layout {LAYOUT}")
            return Contents(
                taken_at=datetime.fromisoformat(document["takenAt"]),
                accounts=frozenset(document["accounts"]),
                catalog=document["catalog"]["name"],
                catalog_file=_decode(document["catalog"]),
                snapshots=frozenset(document["snapshots"]),
                blobs={name: _decode(file) for name, file in document["blobs"].items()},
                missing=tuple(document["missing"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("not the contents of a backup") from error


def _encode(file: StoredFile) -> dict[str, Any]:
    return {"size": file.size_bytes, "sha256": file.sha256}


def _decode(document: dict[str, Any]) -> StoredFile:
    return StoredFile(document["size"], document["sha256"])
