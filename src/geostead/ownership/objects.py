"""An object store that files are kept in: the object ``installation`` names its owner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from geostead.objects.base import ObjectStore

MARK = "installation"


class ObjectPlace:
    """Implements :class:`geostead.ownership.base.Place`.

    ``url`` is where the store is, for people; ``list_ids`` lists the snapshots that are there.
    """

    def __init__(self, objects: ObjectStore, url: str, list_ids: Callable[[], Iterable[str]]) -> None:
        self._objects = objects
        self._url = url
        self._list_ids = list_ids

    @property
    def name(self) -> str:
        """What it is and where."""
        return f"the store {self._url}"

    def owner(self) -> str | None:
        """Return the id of the installation that it belongs to; None if nobody has claimed it."""
        try:
            return self._objects.read(MARK).decode("ascii", "replace").strip()
        except FileNotFoundError:
            return None

    def claim(self, installation_id: str) -> None:
        """Name an owner where there is none. Of several that do so at once, one becomes it."""
        self._objects.create(MARK, installation_id.encode())

    def seize(self, installation_id: str) -> None:
        """Name an owner in place of the one that there is."""
        self._objects.put(MARK, installation_id.encode())

    def snapshot_ids(self) -> Iterator[str]:
        """List the ids of the snapshots that are there, unfinished ones included."""
        yield from self._list_ids()
