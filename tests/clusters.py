"""A cluster for tests: HTTP servers and workers as processes of their own, and HAProxy in front of the servers."""

from __future__ import annotations

import os
import random
import re
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import which

import pytest

from tests.deployments import DEPLOYMENT
from tests.processes import Running, begin, kill_trees, started

HAPROXY = which("haproxy", path=os.environ["PATH"] + ":/usr/sbin")
CONFIGURATION = Path(__file__).parents[1] / "deploy" / "haproxy.cfg"
NODES = 3
WORKERS = 3
HOST = "127.0.0.1"
START_TIMEOUT_S = 20.0
PORTS = range(20_000, 32_000)
"""Below those that the system gives to connections: nobody takes the port of a node that is down for a moment."""


@contextmanager
def running_cluster(
    data_dir: Path, arguments: Sequence[str], environment: Mapping[str, str], log: Path, workers: int | None = None
) -> Iterator[tuple[str, list[Running]]]:
    """Run servers, workers (three unless given) and the proxy until the block is left, then kill all of them.

    Hands out the URL of the proxy, and what was started, the proxy last. Skips the test where HAProxy is missing.
    """
    if HAPROXY is None:
        pytest.skip("HAProxy is not installed; `make test` does it as root on Debian and Ubuntu")
    ports = free_ports(NODES + 1)
    nodes = [folder_of(data_dir, f"node-{number}") for number in range(1, NODES + 1)]
    commands = [node_command(folder, port, *arguments) for folder, port in zip(nodes, ports[1:], strict=True)]
    count = WORKERS if workers is None else workers
    commands += [worker_command(folder_of(data_dir, f"worker-{number}")) for number in range(1, count + 1)]
    with ExitStack() as stack:
        running = stack.enter_context(started(commands, log, environment))
        proxy = stack.enter_context(running_proxy(log.with_suffix(".haproxy"), ports[0], ports[1:]))
        yield f"http://{HOST}:{ports[0]}", [*running, proxy]


def node_command(folder: Path, port: int, *arguments: str) -> list[str]:
    """Return the arguments that start one HTTP server with a data folder."""
    return [
        *("serve", "--no-worker", "--workers", "1", "--host", HOST, "--port", str(port)),
        *("--data-dir", str(folder), *arguments),
    ]


def worker_command(folder: Path) -> list[str]:
    """Return the arguments that start one worker with a data folder."""
    return ["worker", "--concurrency", "1", "--data-dir", str(folder)]


def folder_of(data_dir: Path, process: str) -> Path:
    """Return the data folder of one process: the installation's, or one of its own where that does not matter."""
    return data_dir if DEPLOYMENT.is_folder else data_dir / process


@contextmanager
def running_proxy(folder: Path, port: int, node_ports: Sequence[int]) -> Iterator[Running]:
    """Run HAProxy in front of nodes until the block is left, then kill it."""
    folder.mkdir(exist_ok=True)
    configuration = folder / "haproxy.cfg"
    configuration.write_text(configured(port, node_ports))
    running = begin([str(HAPROXY), "-db", "-f", str(configuration)], folder / "haproxy.log", {})
    try:
        _await_port(port, running)
        yield running
    finally:
        kill_trees([running])


def configured(port: int, node_ports: Sequence[int]) -> str:
    """Return the proxy's configuration, that of deploy/ with addresses of this machine and looks more often."""

    def servers(example: re.Match[str]) -> str:
        follows = " track nodes/node-{0}" if "track" in example[0] else ""
        line = f"    server node-{{0}} {HOST}:{{1}}{follows}\n"
        return "".join(line.format(number, at) for number, at in enumerate(node_ports, 1))

    text = re.sub(r"(    server (?!self).*\n)+", servers, CONFIGURATION.read_text())
    text = text.replace("abns@geostead", f"abns@geostead-{port}")
    text = text.replace("bind :8080", f"bind {HOST}:{port}").replace("inter 500ms fall 2", "inter 200ms fall 1")
    return text[: text.index("# Metrics of the proxy")]


def free_ports(count: int) -> list[int]:
    """Return ports where nobody listens."""
    found: list[int] = []
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if probe.connect_ex((HOST, port)) != 0:
                found.append(port)
        if len(found) == count:
            break
    return found


def _await_port(port: int, running: Running) -> None:
    deadline_s = time.monotonic() + START_TIMEOUT_S
    while True:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        is_late = time.monotonic() > deadline_s or running.process.poll() is not None
        assert not is_late, f"HAProxy did not start:\n{running.log.read_text()[-3000:]}"
        time.sleep(0.01)
