"""Makes routing graphs of OpenStreetMap files, with the programs and profiles that ``osrm-bindings`` brings along."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from geostead.durable import make_folder, publish_folder, sync_file
from geostead.errors import DiskFull, GeosteadError
from geostead.model.travel import TravelMode
from geostead.routing.graphs import FILES, SOURCE_FILE, Graph, graph_name, graphs

_UNFINISHED = ".unfinished-"
_LOCK_FILE = ".lock"
_HEAD_BYTES = 64
_LEAST_FREE_BYTES = 2**20
_SHOWN_LINES = 3

Report = Callable[[str], None]
"""Takes the name of the step that begins."""


class CannotBuild(GeosteadError):
    """No routing graph can be built; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The programs and profiles of an installed ``osrm-bindings``."""

    folder: Path

    def program(self, name: str) -> Path:
        """Return the path of a program."""
        return self.folder / "bin" / name

    @property
    def profiles(self) -> Path:
        """The folder of OSRM's own profiles."""
        return self.folder / "share" / "profiles"

    def profile(self, mode: TravelMode) -> Path:
        """Return the profile of a mode."""
        match mode:
            case TravelMode.DRIVING:
                return Path(__file__).parent / "profiles" / "driving.lua"
            case TravelMode.WALKING:
                return self.profiles / "foot.lua"


def find_tools() -> Tools:
    """Find the tools without importing anything of them. Raises CannotBuild, which says what to install."""
    spec = find_spec("osrm")
    tools = Tools(Path(spec.origin).parent) if spec is not None and spec.origin is not None else None
    if tools is None or not tools.program("osrm-extract").is_file():
        version = ".".join(map(str, sys.version_info[:2]))
        raise CannotBuild(
            "OSRM's tools are missing: install the extra geostead[routing]. "
            f"It brings osrm-bindings, which needs Python 3.12 or newer; this is Python {version}."
        )
    return tools


def build_graph(source: Path, folder: Path, mode: TravelMode, built_at: datetime, report: Report) -> Graph:
    """Build a graph beside the one that is there, put it in its place, and delete that.

    ``folder`` is that of all modes. Raises CannotBuild, DiskFull.
    """
    tools = find_tools()
    _check_source(source)
    home = folder / mode
    make_folder(home)
    with _only_builder(home), TemporaryDirectory(prefix=_UNFINISHED, dir=home) as temporary:
        unfinished = Path(temporary) / "graph"
        unfinished.mkdir()
        for step, command in _steps(tools, source.absolute(), unfinished, mode):
            report(step)
            _run(command, unfinished, tools)
        (unfinished / SOURCE_FILE).write_text(source.name + "\n", "utf-8")
        graph = Graph(home / graph_name(built_at))
        for file in unfinished.iterdir():
            sync_file(file)
        publish_folder(unfinished, graph.folder)
    for former in graphs(folder, mode):
        if former != graph:
            shutil.rmtree(former.folder)
    return graph


def _check_source(source: Path) -> None:
    try:
        with source.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise CannotBuild(f"{source} cannot be read: {error.strerror}.") from error
    if b"OSMHeader" not in head:
        raise CannotBuild(f"{source} is no OpenStreetMap file; expected one in the PBF format, region.osm.pbf.")


@contextmanager
def _only_builder(home: Path) -> Iterator[None]:
    """Keep others from building graphs of the same mode, and clear away what one that died has left."""
    with (home / _LOCK_FILE).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotBuild(f"Another process is building in {home}.") from error
        for leftover in home.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(leftover)
        yield


def _steps(tools: Tools, source: Path, unfinished: Path, mode: TravelMode) -> Iterator[tuple[str, Sequence[str]]]:
    """Return the name and the command of each step. OSRM knows the format of a file by the end of its name."""
    link = unfinished.parent / "source.osm.pbf"
    link.symlink_to(source)
    files = str(unfinished / FILES.removesuffix(".osrm"))
    profile = str(tools.profile(mode))
    yield "extract", [str(tools.program("osrm-extract")), "--profile", profile, "--output", files, str(link)]
    yield "partition", [str(tools.program("osrm-partition")), files]
    yield "customize", [str(tools.program("osrm-customize")), files]


def _run(command: Sequence[str], unfinished: Path, tools: Tools) -> None:
    """Run a tool to its end; what it says goes beside the graph until then. Raises CannotBuild, DiskFull."""
    environment = {**os.environ, "LUA_PATH": f"{tools.profiles}/?.lua;;"}
    log = unfinished.parent / "log.txt"
    with log.open("w") as output:
        done = subprocess.run(  # noqa: S603  # a program of a package that is installed
            [*command, "--verbosity", "WARNING"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=unfinished.parent,
            check=False,
        )
    if done.returncode != 0:
        raise _failure(Path(command[0]).name, done.returncode, log.read_text("utf-8", "replace"), unfinished)


def _failure(program: str, exit_code: int, said: str, unfinished: Path) -> GeosteadError:
    """Say what a tool failed of. One that runs out of disk may be killed while it writes to memory that is a file."""
    if "No space left" in said or shutil.disk_usage(unfinished).free < _LEAST_FREE_BYTES:
        return DiskFull()
    if found := re.search(r"PBF error: (.+)", said):
        return CannotBuild(f"The OpenStreetMap file is damaged or not complete ({found[1].strip()}).")
    if exit_code < 0:
        return CannotBuild(f"{program} was killed by signal {-exit_code}; if that was for want of memory, add some.")
    last = " ".join(said.split("\n")[-_SHOWN_LINES:]).strip()
    return CannotBuild(f"{program} failed with exit code {exit_code}: {last or 'it did not say why'}")
