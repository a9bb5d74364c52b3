"""Real routing engines on a map of central Helsinki: OSRM in process and as a server, Valhalla as a server.

`make test` installs them into .tools, where it finds a Python that is new enough (tests/install_routing_engines.sh).
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from geostead.geo.position import Position
from geostead.model.travel import TravelMode, TravelOptions
from geostead.routing.base import Route

ROOT = Path(__file__).parents[1]
START_TIMEOUT_S = 30.0
POLL_S = 0.02
MAX_PORTS = 3


def _installed() -> Path | None:
    """Return the newest folder that the script made."""
    found = sorted((ROOT / ".tools").glob("routing-*/.complete"), key=lambda file: file.stat().st_mtime)
    return found[-1].parent if found else None


INSTALLED = _installed()
needs_engines = pytest.mark.skipif(INSTALLED is None, reason="No routing engines: they need Python 3.12 and make test.")

BULEVARDI, MARKET_SQUARE = Position(60.164199, 24.93666), Position(60.178797, 24.94609)
"""Two places on streets of the map, 1.7 km from each other, that one can drive and walk between."""


def _environment(name: str) -> Path:
    assert INSTALLED is not None
    return INSTALLED / name


def osrm_packages() -> Path:
    """Return the folder from which ``osrm`` can be imported; programs in it run without that."""
    return next(_environment("osrm-bindings").glob("lib/python3*/site-packages"))


def the_map() -> Path:
    """Return the OpenStreetMap file of central Helsinki."""
    return _environment("Helsinki.osm.pbf")


def new_python_variables() -> dict[str, str]:
    """Return variables with which the new Python imports this checkout."""
    return {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}


class EmbeddedProcess:
    """Asks OSRM in process: in a process of a Python that is new enough for it."""

    def __init__(self, folder: Path) -> None:
        command = [
            str(_environment("osrm-bindings") / "bin" / "python"),
            "-m",
            "tests.routing.ask_embedded",
            str(folder),
        ]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=new_python_variables()
        )

    def route(self, start: Position, end: Position, options: TravelOptions) -> Route | None:
        found = self.tell({"start": start, "end": end, "options": _plain(options)})
        return found and Route(tuple(Position(*place) for place in found["line"]), tuple(found["remarks"]))

    def tell(self, question: dict[str, Any]) -> Any:
        """Send one line and read one."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def mapped_files(self) -> set[Path]:
        """Return the files that the process has mapped into its memory."""
        lines = Path(f"/proc/{self._process.pid}/maps").read_text().splitlines()
        return {Path(line.split(maxsplit=5)[5]) for line in lines if line.count("/") > 1}

    def stop(self) -> None:
        self._process.communicate()


def _plain(options: TravelOptions) -> dict[str, Any]:
    return {
        "mode": options.mode,
        "avoid": sorted(options.avoid),
        "optimize": options.optimize,
        "heading": options.heading_degrees,
    }


def build_graphs(folder: Path, modes: Sequence[TravelMode] = tuple(TravelMode), *, source: Path | None = None) -> None:
    """Build graphs of the map as the command does, in a process of the new Python."""
    program = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from geostead.model.travel import TravelMode; from geostead.routing.osrm_build import build_graph\n"
        "source, folder, *modes = sys.argv[1:]\n"
        "for mode in modes: build_graph(Path(source), Path(folder), TravelMode(mode), datetime.now(UTC), print)"
    )
    python = str(_environment("osrm-bindings") / "bin" / "python")
    done = subprocess.run(
        [python, "-c", program, str(source or the_map()), str(folder), *modes],
        env=new_python_variables(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def osrm_routed(graph: Path) -> Iterator[str]:
    """Run OSRM's server on a graph; yield its URL for ``GEOSTEAD_ROUTING_URL``."""
    program = str(osrm_packages() / "osrm" / "bin" / "osrm-routed")

    def command(port: int) -> list[str]:
        return [program, "--algorithm", "mld", "--ip", "127.0.0.1", "--port", str(port), str(graph)]

    with _running(command) as port:
        yield f"osrm+http://127.0.0.1:{port}"


@contextmanager
def valhalla_service(folder: Path, *, allow_hard_exclusions: bool) -> Iterator[str]:
    """Build Valhalla's tiles of the map in a new folder, and run its server on them."""
    folder.mkdir()
    config = folder / "valhalla.json"
    content = _valhalla_config(folder, allow_hard_exclusions)
    config.write_text(json.dumps(content))
    programs = next(_environment("pyvalhalla").glob("lib/python3*/site-packages/valhalla/bin"))
    build = [str(programs / "valhalla_build_tiles"), "--config", str(config), str(the_map())]
    subprocess.run(build, check=True, capture_output=True, timeout=60)

    def command(port: int) -> list[str]:
        content["httpd"]["service"]["listen"] = f"tcp://127.0.0.1:{port}"
        config.write_text(json.dumps(content))
        return [str(programs / "valhalla_service"), str(config), "1"]

    with _running(command) as port:
        yield f"valhalla+http://127.0.0.1:{port}"


def _valhalla_config(folder: Path, allow_hard_exclusions: bool) -> dict[str, Any]:
    python = str(_environment("pyvalhalla") / "bin" / "python")
    program = "import json; from valhalla.config import get_config; print(json.dumps(get_config('', '')))"
    found = subprocess.run([python, "-c", program], check=True, capture_output=True, text=True, timeout=60)
    config: dict[str, Any] = json.loads(found.stdout)
    config["mjolnir"] |= {"tile_dir": str(folder / "tiles"), "tile_extract": "", "traffic_extract": "", "admin": ""}
    for part in ("loki", "thor", "odin"):
        config[part]["service"]["proxy"] = f"ipc://{folder / part}"
    ends = {"loopback": f"ipc://{folder / 'loopback'}", "interrupt": f"ipc://{folder / 'interrupt'}"}
    config["httpd"]["service"] |= ends
    config["service_limits"]["allow_hard_exclusions"] = allow_hard_exclusions
    return config


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextmanager
def _running(command: Callable[[int], list[str]]) -> Iterator[int]:
    """Run a server on a port that is free; yield the port. Another process may take one before the server does."""
    for _ in range(MAX_PORTS):
        port = _free_port()
        process = subprocess.Popen(command(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            if _listens(port, process):
                yield port
                return
        finally:
            process.kill()
            process.wait()
    raise AssertionError(f"{process.args} ended with exit code {process.returncode} on each of {MAX_PORTS} ports")


def _listens(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Wait until the server listens on its port; return False where it ends instead, as one does without its port."""
    deadline_s = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None:
        if port in _ports_of(process):
            return True
        assert time.monotonic() < deadline_s, f"{process.args} does not listen"
        time.sleep(POLL_S)
    return False


def _ports_of(process: subprocess.Popen[bytes]) -> set[int]:
    """Return the ports on which the server itself listens: a connection could reach whoever else took the port."""
    try:
        connections = psutil.Process(process.pid).net_connections("tcp")
    except psutil.NoSuchProcess:
        return set()
    return {each.laddr.port for each in connections if each.status == psutil.CONN_LISTEN}
