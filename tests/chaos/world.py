"""The installation that is to survive: three HTTP servers, three workers, PostgreSQL, S3, and the proxy in front."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import psutil

from tests.backing_servers import Backing, make_backing
from tests.clusters import HOST, NODES, WORKERS, free_ports, node_command, running_proxy, worker_command
from tests.postgres import Postgres, running_postgres
from tests.processes import Running, begin, geostead, kill_trees
from tests.s3 import S3Server, running_s3

DRAIN = {"GEOSTEAD_DRAIN_S": "2"}


@dataclass
class Part:
    """One process of geostead with its children, which may be started, killed, stopped and suspended."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(repr=False)
    running: Running | None = None

    @property
    def is_up(self) -> bool:
        """Whether it runs."""
        return self.running is not None and self.running.process.poll() is None

    def start(self) -> None:
        """Start it, unless it runs; do not wait until it is ready."""
        if not self.is_up:
            self._forget()
            self.running = begin(geostead(*self.command), self.log, self.environment)

    def kill(self) -> None:
        """Kill it with all its children."""
        self._forget()

    def terminate(self) -> None:
        """Ask it to stop."""
        if self.running is not None:
            self.running.process.terminate()

    def kill_a_child(self) -> None:
        """Kill the last of the processes that it has started, which it starts again."""
        children = self._tree()[1:]
        if children:
            with suppress(psutil.NoSuchProcess):
                children[-1].kill()

    def suspend(self) -> None:
        """Let it hang with all its children."""
        send_to_all(self._tree(), signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        send_to_all(self._tree(), signal.SIGCONT)

    def _tree(self) -> list[psutil.Process]:
        return [] if self.running is None else self.running.tree()

    def _forget(self) -> None:
        if self.running is not None:
            kill_trees([self.running])
            self.running = None


@dataclass
class World:
    """Everything that may be hit."""

    url: str
    """Of the proxy."""
    data_dir: Path
    database: Postgres
    store: S3Server
    backing: Backing
    nodes: list[Part]
    workers: list[Part]

    def suspend_database(self) -> None:
        """Let every process of the database hang."""
        send_to_all(self._database_tree(), signal.SIGSTOP)

    def resume_database(self) -> None:
        """Let the database go on."""
        send_to_all(self._database_tree(), signal.SIGCONT)

    def _database_tree(self) -> list[psutil.Process]:
        pid = int((self.database.folder / "postmaster.pid").read_text().split()[0])
        with suppress(psutil.NoSuchProcess):
            parent = psutil.Process(pid)
            return [parent, *parent.children(recursive=True)]
        return []


@contextmanager
def running_world(folder: Path, engines: Sequence[str]) -> Iterator[World]:
    """Run everything until the block is left, then kill it.

    ``engines`` are those of the servers and of the workers, in turn: where they differ, a data source has versions on
    each, as while an installation moves from one to the other.
    """
    with ExitStack() as stack:
        database = stack.enter_context(running_postgres())
        store = stack.enter_context(running_s3(folder / "s3"))
        backing = make_backing(database, store, with_entities="postgis" in engines)
        ports = free_ports(NODES + 1)
        log = folder / "geostead.log"
        commands = {f"node-{i}": node_command(folder / f"node-{i}", port) for i, port in enumerate(ports[1:], 1)}
        commands |= {f"worker-{i}": worker_command(folder / f"worker-{i}") for i in range(1, WORKERS + 1)}
        parts = []
        for (name, command), engine in zip(commands.items(), cycle(engines)):
            environment = {**backing.variables, **DRAIN, "GEOSTEAD_ENTITIES": engine}
            parts.append(Part(name, command, log, environment))
        for part in parts:
            stack.callback(part.kill)
            part.start()
        for part in parts:
            assert part.running is not None
            part.running.await_ready()
        stack.enter_context(running_proxy(folder / "proxy", ports[0], ports[1:]))
        url = f"http://{HOST}:{ports[0]}"
        yield World(url, folder / "data", database, store, backing, parts[:NODES], parts[NODES:])


def send_to_all(processes: Sequence[psutil.Process], number: signal.Signals) -> None:
    """Send a signal to processes, some of which may be gone."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
