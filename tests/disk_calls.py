"""Records what is asked of the disk; everything is carried out all the same."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

Rename = Callable[[Path, Path], None]


class DiskCalls:
    """Calls of ``os.fsync``, ``os.rename`` and ``os.replace``, with paths relative to a folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made: list[str] = []
        self._folder = folder
        monkeypatch.setattr(os, "fsync", self._fsync_recorded(os.fsync))
        monkeypatch.setattr(os, "rename", self._rename_recorded("rename", os.rename))
        monkeypatch.setattr(os, "replace", self._rename_recorded("replace", os.replace))

    def _fsync_recorded(self, fsync: Callable[[int], None]) -> Callable[[int], None]:
        def recorded(descriptor: int) -> None:
            self.made.append(f"sync {self._relative(Path(f'/proc/self/fd/{descriptor}').readlink())}")
            fsync(descriptor)

        return recorded

    def _rename_recorded(self, word: str, rename: Rename) -> Rename:
        def recorded(source: Path, target: Path) -> None:
            self.made.append(f"{word} {self._relative(source)} -> {self._relative(target)}")
            rename(source, target)

        return recorded

    def _relative(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()
