"""Starts what is measured as real processes on free ports, and stops it again."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from geostead.cli.http_server import CONNECTIONS_PER_PROCESS

_START_S = 30.0


@dataclass(frozen=True, slots=True)
class Installation:
    """A running Geostead with one account."""

    origin: str
    key: str
    process_id: int
    client: httpx.Client
    """Keeps its connection: a new one for every poll would cost more than the server's answer."""


@contextmanager
def geostead(data_dir: Path, *, workers: int = 1) -> Iterator[Installation]:
    """Run ``geostead serve`` with ``workers`` HTTP processes and one job worker, and make an account."""
    port = free_port()
    created = _geostead("account", "create", "bench", "--json", "--data-dir", str(data_dir))
    key = json.loads(subprocess.run(created, capture_output=True, text=True, check=True).stdout)["keys"][0]["key"]
    command = _geostead("serve", "--port", str(port), "--workers", str(workers), "--data-dir", str(data_dir))
    variables = {"GEOSTEAD_JOB_WORKERS": "1"}
    with running(command, port, "/readyz", variables) as process_id, httpx.Client(timeout=120) as client:
        yield Installation(f"http://127.0.0.1:{port}", key, process_id, client)


@contextmanager
def ceiling(*, workers: int = 1) -> Iterator[str]:
    """Run the canned application on the same server with the same options; gives its origin."""
    port = free_port()
    with run_granian("bench.canned:app", port, "/1", workers, {}):
        yield f"http://127.0.0.1:{port}"


def run_granian(app: str, port: int, path: str, workers: int, variables: dict[str, str]) -> AbstractContextManager[int]:
    """Run an ASGI application on the server of Geostead with its options, until the end, as :func:`running` does."""
    options = ["--interface", "asgi", "--loop", "uvloop", "--no-ws", "--backpressure", str(CONNECTIONS_PER_PROCESS)]
    command = [sys.executable, "-m", "granian", app, "--port", str(port), "--workers", str(workers)]
    return running([*command, *options], port, path, variables)


def load(installation: Installation, name: str, upload: Path, *, operation: str = "complete") -> str:
    """Post a csv upload; return the URL of its status."""
    parameters = {"dataSourceName": name, "loadOperation": operation, "input": "csv", "key": installation.key}
    with upload.open("rb") as body:
        url = f"{installation.origin}/REST/v1/Dataflows/LoadDataSource"
        reply = installation.client.post(url, params=parameters, content=body)
    reply.raise_for_status()
    return reply.headers["Location"]


def order(installation: Installation, path: str) -> str:
    """Order a job with a ``GET`` that acts; return the URL of its status."""
    reply = installation.client.get(f"{installation.origin}{path}", params={"key": installation.key})
    reply.raise_for_status()
    return _link(reply.json()["resourceSets"][0]["resources"][0], "self")


def wait_until_completed(installation: Installation, status_url: str, *, pause_s: float = 0.02) -> dict[str, object]:
    """Poll a job until it is no longer pending; return the resource. Raises RuntimeError if it was aborted."""
    while True:
        reply = installation.client.get(status_url, params={"key": installation.key})
        resource: dict[str, object] = reply.json()["resourceSets"][0]["resources"][0]
        if resource["status"] == "Completed":
            return resource
        if resource["status"] == "Aborted":
            raise RuntimeError(f"{status_url}: {resource['errorMessage']}")
        time.sleep(pause_s)


def data_source_path(resource: dict[str, object]) -> str:
    """Return the path of the data source that a completed load names."""
    return httpx.URL(_link(resource, "dataSource")).path


def _link(resource: dict[str, object], role: str) -> str:
    links = resource["links"]
    assert isinstance(links, list)
    return str(next(link["url"] for link in links if link["role"] == role))


def _geostead(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "geostead", *arguments]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, path: str, variables: dict[str, str]) -> Iterator[int]:
    """Run a server until the end; gives its process id when it answers the path. Raises RuntimeError if it does not."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), **variables}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(lambda: _answers(port, path), process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


def _answers(port: int, path: str) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def _wait_for(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_S
    while not condition():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} does not answer")
        time.sleep(0.05)
