"""Snapshots as folders of one folder."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from geostead.durable import make_folder, publish_folder
from geostead.errors import SnapshotDamaged, SnapshotMissing
from geostead.formats.base import EntityBatch
from geostead.model.entity_type import EntityType
from geostead.snapshots.base import RenderFragments, Snapshot, WrittenSnapshot
from geostead.snapshots.cache import RecentlyUsed
from geostead.snapshots.files import Manifest
from geostead.snapshots.snapshot import FolderSnapshot
from geostead.snapshots.writer import write_files

_SNAPSHOT_ID = re.compile(r"[0-9a-z][0-9a-z-]{0,99}\Z")
_UNFINISHED = ".unfinished"
_OPEN_SNAPSHOTS = 256


class FolderSnapshots:
    """Snapshots below ``root``: ``{root}/{snapshot id}/…``, unfinished ones with the ending ``.unfinished``."""

    def __init__(self, root: Path, render: RenderFragments) -> None:
        self._root = root
        self._render = render
        # A snapshot that another process deleted takes up the disk until the last one that has it open lets go.
        self._open = RecentlyUsed(_OPEN_SNAPSHOTS, self._open_folder, lambda name: self._folder(name).exists())

    def write(self, snapshot_id: str, entity_type: EntityType, batches: Iterable[EntityBatch]) -> WrittenSnapshot:
        """Write a snapshot, whole or not at all: when this returns it is durable and can be opened everywhere.

        Of entities with one id the first row stays. Raises NoValidEntities if there is none, and what ``batches``
        raises.
        """
        final = self._folder(snapshot_id)
        unfinished = final.with_name(final.name + _UNFINISHED)
        make_folder(self._root)
        unfinished.mkdir()
        try:
            written = write_files(unfinished, entity_type, batches, self._render)
            publish_folder(unfinished, final)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        return written

    def open(self, snapshot_id: str) -> Snapshot:
        """Open a snapshot (cheap, cached). Raises SnapshotMissing or SnapshotDamaged."""
        return self._open.get(snapshot_id)

    def delete(self, snapshot_id: str) -> None:
        """Delete the files; who has them open reads on. One that does not exist is fine."""
        self._open.drop(snapshot_id)
        folder = self._folder(snapshot_id)
        unfinished = folder.with_name(folder.name + _UNFINISHED)
        shutil.rmtree(unfinished, ignore_errors=True)
        with suppress(FileNotFoundError):
            # Renamed first: who opens it in this moment finds it whole or not at all.
            folder.rename(unfinished)
            shutil.rmtree(unfinished, ignore_errors=True)

    def ids(self) -> Iterator[str]:
        """List the ids of all snapshots, unfinished ones included."""
        if self._root.is_dir():
            for name in sorted({path.name.removesuffix(_UNFINISHED) for path in self._root.iterdir()}):
                if _SNAPSHOT_ID.match(name):
                    yield name

    def _folder(self, snapshot_id: str) -> Path:
        if not _SNAPSHOT_ID.match(snapshot_id):
            raise SnapshotMissing(f"'{snapshot_id}' cannot be the id of a snapshot.")
        return self._root / snapshot_id

    def _open_folder(self, snapshot_id: str) -> Snapshot:
        folder = self._folder(snapshot_id)
        try:
            return FolderSnapshot(folder, Manifest.read(folder))
        except (SnapshotDamaged, OSError) as error:
            if folder.exists():
                raise
            raise SnapshotMissing(f"{folder}: deleted while it was opened.") from error
