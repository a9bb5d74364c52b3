"""The port to a place that an installation keeps files in, and that names the installation it belongs to.

What the catalog of an installation does not name is deleted from its places. So no two installations may share one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class Place(Protocol):
    """A folder, an object store or a database. Every method raises Unavailable where that does not answer."""

    @property
    def name(self) -> str:
        """What it is and where, for people, without anything secret."""

    def owner(self) -> str | None:
        """Return the id of the installation that it belongs to; None if nobody has claimed it."""

    def claim(self, installation_id: str) -> None:
        """Name an owner where there is none. Of several that do so at once, one becomes it.

        Nobody becomes it where files cannot be kept there anyway, for want of rights.
        """

    def seize(self, installation_id: str) -> None:
        """Name an owner in place of the one that there is."""

    def snapshot_ids(self) -> Iterator[str]:
        """List the ids of the snapshots that are there, unfinished ones included."""
