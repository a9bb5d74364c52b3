"""deploy/compose.yaml as plain processes: its commands and environments, with addresses of this machine.

What needs the database and the store is started before them, as where nothing orders it, and has to wait itself.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.clusters import free_ports
from tests.deploy_files import FILLED_IN, Proxy, compose, running_proxy
from tests.postgres import POSTGIS, Postgres, running_postgres
from tests.processes import Running, begin, geostead, kill_trees
from tests.s3 import PROGRAM as WEED
from tests.servers import Server
from tests.uploads import pipe_upload

START_S = 90.0
_LOOK_S = 0.05
STORE_PORTS = ("master.port", "volume.port", "filer.port", "s3.port")


@dataclass
class Topology:
    """The services of compose.yaml on this machine, each startable by its name."""

    folder: Path
    services: Mapping[str, dict[str, Any]]
    ports: Mapping[str, int]
    """By ``host:port`` as in the file, and of the store by its options."""
    database: Postgres

    def here(self, text: str) -> str:
        """Return a value of the file with addresses of this machine."""
        for there, port in self.ports.items():
            text = text.replace(there, f"127.0.0.1:{port}")
        return text

    def environment(self, service: str) -> dict[str, str]:
        """Return the variables of a service."""
        return {name: self.here(value) for name, value in self.services[service].get("environment", {}).items()}

    def start_geostead(self, name: str, service: str) -> Running:
        """Start a node or a worker, with a data folder of its own, without waiting for it."""
        own = {"GEOSTEAD_DATA_DIR": str(self.folder / name), "GEOSTEAD_METRICS_PORT": str(self.ports[f"{name}:9090"])}
        if service != "worker":
            own |= {"GEOSTEAD_PORT": str(self.ports[f"{name}:8080"])}
        return begin(
            geostead(*self.services[service]["command"]),
            self.folder / f"{name}.log",
            {**self.environment(service), **own},
        )

    def run_geostead(self, service: str, *arguments: str) -> str:
        """Run another command in the environment of a service, as ``docker compose exec`` does; return its output."""
        environment = {**os.environ, **self.environment(service), "GEOSTEAD_DATA_DIR": str(self.folder / service)}
        done = subprocess.run(geostead(*arguments), capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start_store(self) -> Running:
        """Start the store with the command of the file; of options that are given twice, the last one counts."""
        data = self.folder / "store"
        data.mkdir(exist_ok=True)
        options = {name: self.ports[name] for name in (*STORE_PORTS, *(f"{port}.grpc" for port in STORE_PORTS))}
        moved = {"dir": data, "ip": "127.0.0.1", "ip.bind": "127.0.0.1", "s3.port.iceberg": 0, **options}
        sockets = {f"{role}.localSocket": data / f"{role}.sock" for role in ("filer", "s3")}
        extra = [f"-{name}={value}" for name, value in {**moved, **sockets}.items()]
        command = [str(WEED), *self.services["store"]["command"], *extra]
        return begin(command, self.folder / "store.log", {**self.environment("store"), "TMPDIR": str(data)})

    def make_bucket(self) -> None:
        """Run what makes the bucket, until it succeeds: Compose would have waited for the store to be healthy."""
        master, filer = (f"127.0.0.1:{self.ports[name]}.{self.ports[f'{name}.grpc']}" for name in STORE_PORTS[::2])
        *shell, script = self.services["bucket"]["entrypoint"]
        script = (
            script.replace("store:9333", master).replace("store:8888", filer).replace("weed", shlex.quote(str(WEED)))
        )
        _until(lambda: _status(f"http://127.0.0.1:{self.ports['s3.port']}/healthz") == 200)
        for _ in range(2):  # the second time it is there
            done = subprocess.run([*shell, script], capture_output=True, text=True, check=False, timeout=START_S)
            assert done.returncode == 0, done.stdout + done.stderr

    def make_database(self) -> None:
        """Make what the image of the database makes of its variables."""
        variables = self.environment("database")
        role, password = variables["POSTGRES_USER"], variables["POSTGRES_PASSWORD"]
        self.database.new_database(like=POSTGIS)  # so that there is a template
        self.database.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
        self.database.execute(f"CREATE DATABASE {variables['POSTGRES_DB']} TEMPLATE {POSTGIS} OWNER {role}")


@pytest.fixture(scope="module")
def topology(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Topology]:
    """Prepare everything, and start nothing; the database has been stopped again."""
    if not WEED.exists():
        pytest.skip("SeaweedFS is not installed; `make test` does it")
    names = [*STORE_PORTS, *(f"{port}.grpc" for port in STORE_PORTS), "api-1:8080", "api-2:8080"]
    names += [f"{name}:9090" for name in ("api-1", "api-2", "worker-1", "worker-2")]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    with running_postgres() as database:
        ports |= {"store:8333": ports["s3.port"], "database:5432": database.port}
        services = compose(FILLED_IN)["services"]
        topology = Topology(tmp_path_factory.mktemp("compose"), services, ports, database)
        topology.make_database()
        database.stop()
        yield topology


@contextmanager
def _started(topology: Topology) -> Iterator[tuple[Proxy, dict[str, Running]]]:
    """Start everything, the store and the database last; wait until both nodes are up."""
    replicas = topology.services["worker"]["deploy"]["replicas"]
    kinds = {name: name for name in ("api-1", "api-2")} | {f"worker-{n}": "worker" for n in range(1, replicas + 1)}
    with ExitStack() as stack:
        nodes = {name: ports for name, ports in topology.ports.items() if name.endswith(":8080")}
        at = {name.partition(":")[0]: port for name, port in nodes.items()}
        proxy = stack.enter_context(running_proxy(topology.folder / "proxy", at))
        running: dict[str, Running] = {}
        stack.callback(lambda: kill_trees(running.values()))
        for name, service in kinds.items():
            running[name] = topology.start_geostead(name, service)
        for one in running.values():
            _await_line(one, "Waiting for what the installation stands on")
        running["store"] = topology.start_store()
        topology.make_bucket()  # a store without its bucket is not waited for: somebody has mistyped it
        topology.database.start()
        for name in kinds:
            running[name].await_ready()
        for name in at:
            proxy.await_state(name, "UP")
        yield proxy, running


def test_the_services_of_compose_start_in_any_order_and_go_on_without_one_node_and_one_worker(
    topology: Topology,
) -> None:
    with _started(topology) as (proxy, running), httpx.Client(base_url=proxy.url, timeout=60) as client:
        key = topology.run_geostead("api-1", "account", "create", "me", "--json").split('"key":"')[1].split('"')[0]
        server = Server(list(running.values()), running["api-1"].log, topology.folder, proxy.url, client)
        job = server.finished(key, server.load(key, "Places", pipe_upload(2000))["id"])
        assert (job["status"], job["processedEntityCount"]) == ("Completed", 2000)
        query = _query_of(job, proxy.url)
        assert _count(client, query, key) == 2000

        with _asking(client, query, key) as counts:
            accepted = server.load(key, "Places", pipe_upload(30_000))
            running["worker-1"].kill_tree()
            running["api-1"].kill_tree()
            assert server.finished(key, accepted["id"])["status"] == "Completed"
            proxy.await_state("api-1", "DOWN")
            assert _count(client, query, key) == 30_000
            running["api-1"] = topology.start_geostead("api-1", "api-1")
            proxy.await_state("api-1", "UP")
        assert set(counts) == {2000, 30_000}
        assert running["api-2"].stop() == 0
        assert _count(client, query, key) == 30_000
        assert running["worker-2"].stop() == 0


def _query_of(job: Mapping[str, Any], base: str) -> str:
    """Return the path at which the entities of a load are queried; its URL leads through the proxy."""
    url = next(link["url"] for link in job["links"] if link["role"] == "dataSource")
    assert url.startswith(base)
    return f"{urlsplit(url).path}/Place"


def _count(client: httpx.Client, path: str, key: str) -> int:
    parameters = {"$inlinecount": "allpages", "$top": "1", "$format": "json", "key": key}
    reply = client.get(path, params=parameters)
    assert reply.status_code == 200, reply.text
    return int(reply.json()["d"]["__count"])


@contextmanager
def _asking(client: httpx.Client, path: str, key: str) -> Iterator[Sequence[int]]:
    """Query for as long as the block runs, and hand out the answers. Raises what a query met that has failed."""
    counts: list[int] = []
    is_over: list[bool] = []

    def ask() -> None:
        while not is_over:
            counts.append(_count(client, path, key))
            time.sleep(_LOOK_S)

    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask)
        try:
            yield counts
        finally:
            is_over.append(True)
        asked.result()


def _await_line(running: Running, text: str) -> None:
    deadline_s = time.monotonic() + START_S
    while text not in running.log.read_text():
        is_late = time.monotonic() > deadline_s or running.process.poll() is not None
        assert not is_late, running.log.read_text()[-3000:]
        time.sleep(_LOOK_S)


def _until(is_so: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + START_S
    while not is_so():
        assert time.monotonic() < deadline_s
        time.sleep(_LOOK_S)


def _status(url: str) -> int | None:
    try:
        return httpx.get(url).status_code
    except httpx.TransportError:
        return None
