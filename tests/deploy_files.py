"""The files of deploy/ for tests: read, and run with other addresses."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.clusters import HAPROXY, free_ports
from tests.processes import Running, begin, kill_trees

DEPLOY = Path(__file__).parents[1] / "deploy"
FILLED_IN = {
    "POSTGRES_PASSWORD": "apasswordforatest",
    "STORE_ACCESS_KEY": "anaccesskey",
    "STORE_SECRET_KEY": "asecretkey",
}
"""What an operator puts into .env."""
UP_S = 60.0
_LOOK_S = 0.05
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def compose(variables: Mapping[str, str]) -> dict[str, Any]:
    """Return deploy/compose.yaml as Compose reads it with these variables. Raises ValueError for want of one."""

    def value(found: re.Match[str]) -> str:
        name, kind, text = found.groups()
        if not variables.get(name) and kind != "-":
            raise ValueError(f"{name}: {text}")
        return variables.get(name) or str(text)

    def filled_in(node: Any) -> Any:
        match node:
            case dict():
                return {key: filled_in(child) for key, child in node.items()}
            case list():
                return [filled_in(child) for child in node]
            case str():
                return _VARIABLE.sub(value, node)
        return node

    read: dict[str, Any] = filled_in(yaml.safe_load((DEPLOY / "compose.yaml").read_text()))
    return read


def documents(*names: str) -> list[dict[str, Any]]:
    """Return the documents of files of deploy/kubernetes, of all of them unless some are named."""
    files = [DEPLOY / "kubernetes" / name for name in names] or sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    return [document for file in files for document in yaml.safe_load_all(file.read_text())]


def proxy_configuration(port: int, metrics_port: int, nodes: Mapping[str, int]) -> str:
    """Return deploy/haproxy.cfg with addresses of this machine; ``nodes`` are ports by the names in the file."""
    text = (DEPLOY / "haproxy.cfg").read_text()
    addresses = {"bind :8080": f"bind 127.0.0.1:{port}", "bind :8404": f"bind 127.0.0.1:{metrics_port}"}
    addresses["abns@geostead"] = f"abns@geostead-{port}"
    addresses |= {f"{name}:8080": f"127.0.0.1:{node_port}" for name, node_port in nodes.items()}
    for there, here in addresses.items():
        assert there in text, there
        text = text.replace(there, here)
    return text


class Proxy:
    """HAProxy with the configuration of deploy/, in front of nodes on this machine."""

    def __init__(self, folder: Path, nodes: Mapping[str, int]) -> None:
        self._folder = folder
        self._port, self._metrics_port = free_ports(2)
        self._configuration = proxy_configuration(self._port, self._metrics_port, nodes)

    @property
    def url(self) -> str:
        """The URL of the proxy."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> Running:
        """Start it, with a log beside its configuration."""
        self._folder.mkdir(parents=True)
        (self._folder / "haproxy.cfg").write_text(self._configuration)
        return begin([str(HAPROXY), "-db", "-f", str(self._folder / "haproxy.cfg")], self._folder / "haproxy.log", {})

    def await_state(self, node: str, state: str) -> None:
        """Wait until a node is ``UP``, or ``DOWN``, in the eyes of the proxy."""
        line = f'haproxy_server_status{{proxy="nodes",server="{node}",state="{state}"}} 1'
        deadline_s = time.monotonic() + UP_S
        while line not in self._metrics():
            assert time.monotonic() < deadline_s, f"{node} is not {state}"
            time.sleep(_LOOK_S)

    def _metrics(self) -> str:
        try:
            return httpx.get(f"http://127.0.0.1:{self._metrics_port}/metrics", params={"scope": "server"}).text
        except httpx.TransportError:  # it has just been started
            return ""


@contextmanager
def running_proxy(folder: Path, nodes: Mapping[str, int]) -> Iterator[Proxy]:
    """Run HAProxy until the block is left. Skips the test where it is not installed."""
    if HAPROXY is None:
        pytest.skip("HAProxy is not installed; `make test` does it as root on Debian and Ubuntu")
    proxy = Proxy(folder, nodes)
    running = proxy.start()
    try:
        yield proxy
    finally:
        kill_trees([running])
