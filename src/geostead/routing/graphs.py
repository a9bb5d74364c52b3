"""Where the routing graphs of an installation are: ``routing/driving/20260131T120000.000000Z/graph.osrm.*``.

A graph is written once, under a name that begins with a dot until it is complete, and never changed. The one with the
latest name counts; so a new one takes over at once, and a process that has the old one open goes on with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from geostead.model.travel import TravelMode

FOLDER_NAME = "routing"
FILES = "graph.osrm"
"""What the names of a graph's files begin with."""
SOURCE_FILE = "source.txt"
_NAME_FORMAT = "%Y%m%dT%H%M%S.%fZ"


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph that was built."""

    folder: Path

    @property
    def files(self) -> Path:
        """What OSRM opens: the path of the graph's files, without their endings."""
        return self.folder / FILES

    @property
    def built_at(self) -> datetime:
        """The time that the folder is named after."""
        return datetime.strptime(self.folder.name, _NAME_FORMAT).replace(tzinfo=UTC)

    def source_name(self) -> str:
        """Return the name of the file that the graph was built from."""
        return (self.folder / SOURCE_FILE).read_text("utf-8").strip()

    def size_bytes(self) -> int:
        """Return how much room the graph takes."""
        return sum(file.stat().st_size for file in self.folder.iterdir())


def graph_name(built_at: datetime) -> str:
    """Return the name of a graph's folder: later ones sort later."""
    return built_at.astimezone(UTC).strftime(_NAME_FORMAT)


def graphs(folder: Path, mode: TravelMode) -> list[Graph]:
    """Return the complete graphs of a mode, the one that counts last. ``folder`` is that of all modes."""
    try:
        return [Graph(path) for path in sorted((folder / mode).iterdir()) if _is_name(path.name)]
    except FileNotFoundError:
        return []


def _is_name(name: str) -> bool:
    try:
        datetime.strptime(name, _NAME_FORMAT)  # noqa: DTZ007  # only its form counts
    except ValueError:
        return False
    return True
