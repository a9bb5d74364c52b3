"""deploy/compose.yaml as plain processes: its commands and environments, with addresses of this machine.

What needs the database and the store is started before them, as where nothing orders it, and has to wait itself.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import threading
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

COUNT, MORE = 2000, 30_000
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


@dataclass
class Up:
    """Everything as it runs, with an account and a data source."""

    topology: Topology
    proxy: Proxy
    running: dict[str, Running]
    server: Server
    key: str
    path: str
    """Where the entities of the data source are queried."""

    def node(self, name: str) -> str:
        """Return the URL of a node itself."""
        return f"http://127.0.0.1:{self.topology.ports[f'{name}:8080']}"

    def ask(self) -> httpx.Response:
        """Query through the proxy."""
        parameters = {"$inlinecount": "allpages", "$top": "1", "$format": "json", "key": self.key}
        return self.server.client.get(self.path, params=parameters)

    def count(self) -> int:
        """Return how many entities there are."""
        reply = self.ask()
        assert reply.status_code == 200, reply.text
        return int(reply.json()["d"]["__count"])

    def await_all_processes(self) -> None:
        """Wait until every process answers: a node says that it is ready as soon as one of its processes is."""
        deadline_s = time.monotonic() + START_S
        good = 0
        while good < 20:
            good = good + 1 if self.ask().status_code == 200 else 0
            assert time.monotonic() < deadline_s, self.ask().text

    def load(self, count: int) -> dict[str, Any]:
        """Load the data source anew and return the job as it ended."""
        return self.server.finished(self.key, self.server.load(self.key, "Places", pipe_upload(count))["id"])


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


@pytest.fixture(scope="module")
def compose_up(topology: Topology) -> Iterator[Up]:
    """Start everything, the store and the database last; wait until both nodes are up, and load something."""
    replicas = topology.services["worker"]["deploy"]["replicas"]
    kinds = {name: name for name in ("api-1", "api-2")} | {f"worker-{n}": "worker" for n in range(1, replicas + 1)}
    at = {name.partition(":")[0]: port for name, port in topology.ports.items() if name.endswith(":8080")}
    running: dict[str, Running] = {}
    with ExitStack() as stack:
        proxy = stack.enter_context(running_proxy(topology.folder / "proxy", at))
        client = stack.enter_context(httpx.Client(base_url=proxy.url, timeout=60))
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
        key = topology.run_geostead("api-1", "account", "create", "me", "--json").split('"key":"')[1].split('"')[0]
        server = Server(list(running.values()), running["api-1"].log, topology.folder, proxy.url, client)
        job = server.finished(key, server.load(key, "Places", pipe_upload(COUNT))["id"])
        assert (job["status"], job["processedEntityCount"]) == ("Completed", COUNT)
        yield Up(topology, proxy, running, server, key, _query_of(job, proxy.url))


def test_the_services_start_before_database_and_store_and_answer_behind_the_proxy(compose_up: Up) -> None:
    assert [compose_up.count() for _ in range(10)] == [COUNT] * 10


def test_without_the_database_clients_get_geosteads_own_503_and_with_it_all_goes_on_by_itself(compose_up: Up) -> None:
    compose_up.topology.database.kill()
    for name in ("api-1", "api-2"):
        compose_up.proxy.await_state(name, "DOWN")

    reply = compose_up.ask()
    assert (reply.status_code, "Retry-After" in reply.headers) == (503, True)
    assert "X-Request-Id" in reply.headers
    assert [_status(f"{compose_up.node(name)}/healthz") for name in ("api-1", "api-2")] == [200, 200]
    assert [_status(f"{compose_up.node(name)}/readyz") for name in ("api-1", "api-2")] == [503, 503]

    compose_up.topology.database.start()
    for name in ("api-1", "api-2"):
        compose_up.proxy.await_state(name, "UP")
    compose_up.await_all_processes()
    assert compose_up.count() == COUNT
    assert compose_up.load(COUNT)["status"] == "Completed"


def test_queries_and_loads_go_on_when_a_node_and_a_worker_are_killed(compose_up: Up) -> None:
    running, proxy = compose_up.running, compose_up.proxy
    with _asking(compose_up) as counts:
        accepted = compose_up.server.load(compose_up.key, "Places", pipe_upload(MORE))
        running["worker-1"].kill_tree()
        running["api-1"].kill_tree()
        assert compose_up.server.finished(compose_up.key, accepted["id"])["status"] == "Completed"
        proxy.await_state("api-1", "DOWN")
        assert compose_up.count() == MORE
        running["api-1"] = compose_up.topology.start_geostead("api-1", "api-1")
        proxy.await_state("api-1", "UP")
    assert set(counts) == {COUNT, MORE}


def test_a_node_that_is_stopped_is_missed_by_nobody(compose_up: Up) -> None:
    with _asking(compose_up) as counts:
        assert compose_up.running["api-2"].stop() == 0
        assert compose_up.running["worker-2"].stop() == 0
    assert set(counts) == {MORE}


def _query_of(job: Mapping[str, Any], base: str) -> str:
    """Return the path at which the entities of a load are queried; its URL leads through the proxy."""
    url = next(link["url"] for link in job["links"] if link["role"] == "dataSource")
    assert url.startswith(base)
    return f"{urlsplit(url).path}/Place"


@contextmanager
def _asking(up: Up) -> Iterator[Sequence[int]]:
    """Query for as long as the block runs, and hand out the answers. Raises what a query met that has failed."""
    counts: list[int] = []
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.wait(_LOOK_S):
            counts.append(up.count())

    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask)
        try:
            yield counts
        finally:
            is_over.set()
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
