"""The names of a snapshot's files, and its manifest.

``manifest.json`` is written last and names every other file with its size and SHA-256; it holds nothing that differs
between two loads of equal entities, so that equal versions have equal manifests.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from geostead.errors import SnapshotDamaged, SnapshotMissing
from geostead.model.entity_type import EntityType

MANIFEST_FILE = "manifest.json"
ENTITIES_FILE = "entities.arrow"
FRAGMENTS_FILE = "fragments.bin"
OFFSETS_FILE = "fragments.offsets"

LAYOUT = 1
"""Counts up when files change in a way that this program could not read before."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file as it was written."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot holds."""

    entity_type: EntityType
    entity_count: int
    files: dict[str, FileEntry]

    def encode(self) -> bytes:
        """Write the manifest as JSON."""
        document = {
            "layout": LAYOUT,
            "entityType": self.entity_type.to_dict(),
            "entityCount": self.entity_count,
            "files": {name: {"size": e.size_bytes, "sha256": e.sha256} for name, e in sorted(self.files.items())},
        }
        return orjson.dumps(document, option=orjson.OPT_INDENT_2)

    @staticmethod
    def read(folder: Path) -> Manifest:
        """Read a manifest. Raises SnapshotMissing where there is none, SnapshotDamaged where it is not one."""
        try:
            document: dict[str, Any] = orjson.loads((folder / MANIFEST_FILE).read_bytes())
            if document["layout"] != LAYOUT:
                raise SnapshotDamaged(f"{folder}: layout {document['layout']}; this program reads layout {LAYOUT}.")
            return Manifest(
                EntityType.from_dict(document["entityType"]),
                document["entityCount"],
                {name: FileEntry(e["size"], e["sha256"]) for name, e in document["files"].items()},
            )
        except FileNotFoundError as error:
            raise SnapshotMissing(f"{folder}: there is no such snapshot.") from error
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise SnapshotDamaged(f"{folder / MANIFEST_FILE}: not a manifest.") from error

    def check_sizes(self, folder: Path) -> None:
        """Raise SnapshotDamaged unless every file is there in its full size."""
        for name, entry in self.files.items():
            path = folder / name
            size = path.stat().st_size if path.exists() else -1
            if size != entry.size_bytes:
                raise SnapshotDamaged(f"{path}: {size} bytes; expected {entry.size_bytes}.")


def describe(path: Path) -> FileEntry:
    """Return size and checksum of a file."""
    with path.open("rb") as file:
        return FileEntry(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())
