"""A folder that files are kept in: the file ``installation`` names its owner."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from geostead.durable import make_folder, replace_file, sync_file, sync_folder
from geostead.errors import Unavailable

MARK = "installation"


class FolderPlace:
    """Implements :class:`geostead.ownership.base.Place`. ``list_ids`` lists the snapshots that are in the folder."""

    def __init__(self, folder: Path, list_ids: Callable[[], Iterable[str]]) -> None:
        self._folder = folder
        self._list_ids = list_ids

    @property
    def name(self) -> str:
        """What it is and where."""
        return f"the folder {self._folder.absolute()}"

    def owner(self) -> str | None:
        """Return the id of the installation that it belongs to; None if nobody has claimed it."""
        with suppress(FileNotFoundError), self._in_our_words():
            return (self._folder / MARK).read_text(encoding="ascii").strip()
        return None

    def claim(self, installation_id: str) -> None:
        """Name an owner where there is none, durably. Of several that do so at once, one becomes it."""
        with self._in_our_words(), self._written(installation_id) as file:
            sync_file(file)
            with suppress(FileExistsError):
                os.link(file, self._folder / MARK)
            sync_folder(self._folder)

    def seize(self, installation_id: str) -> None:
        """Name an owner in place of the one that there is, durably."""
        with self._in_our_words(), self._written(installation_id) as file:
            replace_file(file, self._folder / MARK)

    def snapshot_ids(self) -> Iterator[str]:
        """List the ids of the snapshots that are there, unfinished ones included."""
        yield from self._list_ids()

    @contextmanager
    def _written(self, installation_id: str) -> Iterator[Path]:
        make_folder(self._folder)
        file = self._folder / f".{MARK}.{secrets.token_hex(8)}"
        try:
            file.write_text(f"{installation_id}\n", encoding="ascii")
            yield file
        finally:
            file.unlink(missing_ok=True)

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except (OSError, UnicodeDecodeError) as error:
            raise Unavailable(f"Whose {self.name} is cannot be told: {error}.") from error
