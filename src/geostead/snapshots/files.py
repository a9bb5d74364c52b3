"""The names of a snapshot's files, and its manifest.

``manifest.json`` is written last and names every other file with its size and SHA-256; it holds nothing that differs
between two loads of equal entities, so that equal versions have equal manifests.
"""

from __future__ import annotations

import errno
import hashlib
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson
import pyarrow as pa

from geostead.durable import make_folder, publish_folder, sync_file
from geostead.errors import SnapshotDamaged, SnapshotMissing
from geostead.model.entity_type import EntityType

MANIFEST_FILE = "manifest.json"
ENTITIES_FILE = "entities.arrow"
FRAGMENTS_FILE = "fragments.bin"
OFFSETS_FILE = "fragments.offsets"

UNFINISHED = ".unfinished"
"""Ending of the name of a folder whose files are being written."""

_BUFFER_BYTES = 2**18
_FILE_NAME = re.compile(r"[a-z]+\.[a-z]+\Z")
_SNAPSHOT_ID = re.compile(r"[0-9a-z][0-9a-z-]{0,99}\Z")

LAYOUT = 1
"""Counts up when files change in a way that this program could not read before."""


def is_snapshot_id(text: str) -> bool:
    """Tell whether a text can be the id of a snapshot: never a path."""
    return _SNAPSHOT_ID.match(text) is not None


def check_snapshot_id(text: str) -> str:
    """Return the id of a snapshot. Raises SnapshotMissing for a text that cannot be one."""
    if not is_snapshot_id(text):
        raise SnapshotMissing(f"'{text}' cannot be the id of a snapshot.")
    return text


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

    @property
    def size_bytes(self) -> int:
        """How much all files have together, but for the manifest itself."""
        return sum(entry.size_bytes for entry in self.files.values())

    @staticmethod
    def read(folder: Path) -> Manifest:
        """Read a manifest. Raises SnapshotMissing where there is none, SnapshotDamaged where it is not one."""
        try:
            data = (folder / MANIFEST_FILE).read_bytes()
        except FileNotFoundError as error:
            raise SnapshotMissing(f"{folder}: there is no such snapshot.") from error
        except OSError as error:
            raise SnapshotDamaged(f"{folder / MANIFEST_FILE}: cannot be read ({error.strerror}).") from error
        return Manifest.decode(data, str(folder))

    @staticmethod
    def decode(data: bytes, where: str) -> Manifest:
        """Read what :meth:`encode` wrote; ``where`` is for people. Raises SnapshotDamaged for what is no manifest."""
        try:
            document: dict[str, Any] = orjson.loads(data)
            if document["layout"] != LAYOUT:
                raise SnapshotDamaged(f"{where}: layout {document['layout']}; this program reads layout {LAYOUT}.")
            if not all(map(_FILE_NAME.match, document["files"])):
                raise SnapshotDamaged(f"{where}/{MANIFEST_FILE}: names a file that no snapshot has.")
            return Manifest(
                EntityType.from_dict(document["entityType"]),
                document["entityCount"],
                {name: FileEntry(e["size"], e["sha256"]) for name, e in document["files"].items()},
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise SnapshotDamaged(f"{where}/{MANIFEST_FILE}: not a manifest.") from error

    def check_sizes(self, folder: Path) -> None:
        """Raise SnapshotDamaged unless every file is there in its full size."""
        for name, entry in self.files.items():
            path = folder / name
            size = path.stat().st_size if path.exists() else -1
            if size != entry.size_bytes:
                raise SnapshotDamaged(f"{path}: {size} bytes; expected {entry.size_bytes}.")


class HashedFile:
    """A file that is being written once, from beginning to end; what it comes to is known without reading it again."""

    closed = False
    """Arrow asks for it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._size_bytes = 0

    def write(self, data: bytes | memoryview | pa.Buffer) -> int:
        """Append bytes. Raises the error of the operating system, a full disk for one."""
        view = memoryview(data)
        self._file.write(view)
        self._digest.update(view)
        self._size_bytes += view.nbytes
        return view.nbytes

    def flush(self) -> None:
        """Do nothing: everything is written out when the file is complete."""

    def describe(self) -> FileEntry:
        """Return size and checksum of what was written so far."""
        return FileEntry(self._size_bytes, self._digest.hexdigest())


@contextmanager
def create_file(path: Path) -> Iterator[HashedFile]:
    """Open a new file for writing; its bytes are durable when the block is left without an error."""
    with path.open("wb", buffering=_BUFFER_BYTES) as file:
        yield HashedFile(file)
        file.flush()
        sync_file(file.fileno())


def write_file(path: Path, data: bytes | memoryview) -> FileEntry:
    """Write a file whole and durable."""
    with create_file(path) as file:
        file.write(data)
    return file.describe()


def unfinished_folder(final: Path) -> Path:
    """Return what a folder is called until its files are complete."""
    return final.with_name(final.name + UNFINISHED)


@contextmanager
def create_folder(final: Path) -> Iterator[Path]:
    """Make a folder to write files into; it gets its name, durably, when the block is left without an error, else goes.

    Raises FileExistsError if there is one of that name, finished or not.
    """
    if final.exists():
        raise FileExistsError(errno.EEXIST, "There is such a folder", str(final))
    folder = unfinished_folder(final)
    make_folder(final.parent)
    folder.mkdir()
    try:
        yield folder
        publish_folder(folder, final)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
