"""Two nodes behind the proxy of deploy/ are restarted in turn, while clients of every kind go on: nothing fails."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.clusters import free_ports
from tests.deploy_files import running_proxy
from tests.deployments import variables_of
from tests.processes import Running, begin, geostead, kill_trees
from tests.servers import create_account, resource, start_worker
from tests.uploads import pipe_upload

ROUNDS = int(os.environ.get("GEOSTEAD_TEST_RESTARTS", "1"))
DRAIN = {"GEOSTEAD_DRAIN_S": "4"}
COUNT = 20
PAUSE_S = 0.005
"""Pause of a client between two requests, so that the nodes under test are not starved."""


@dataclass
class Clients:
    """Threads that ask until they are stopped, and what they were answered."""

    url: str
    key: str
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    """How often there was which status, by what was asked for."""
    stopped: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask for as long as the block runs. Raises what the first client met that has failed."""
        kinds: list[Callable[[], None]] = [self.keep_alive, self.keep_alive, self.anew, self.anew, self.load]
        with ThreadPoolExecutor(len(kinds)) as pool:
            clients = [pool.submit(kind) for kind in kinds]
            try:
                yield
            finally:
                self.stopped.set()
            for client in clients:
                client.result()

    def keep_alive(self) -> None:
        """Query on one connection."""
        with httpx.Client() as client:
            while not self.stopped.wait(PAUSE_S):
                self.query(client, "query on one connection")

    def anew(self) -> None:
        """Query on a connection for each request."""
        while not self.stopped.wait(PAUSE_S):
            with httpx.Client() as client:
                self.query(client, "query on a new connection")

    def query(self, client: httpx.Client, what: str) -> None:
        parameters = {"$format": "json", "key": self.key, "$top": str(COUNT)}
        sources = client.get(f"{self.url}/REST/v1/data", params={"$format": "json", "key": self.key})
        self.answers["list", sources.status_code] += 1
        (entity_set,) = (found["QueryUrl"] for found in sources.json()["d"]["DataSources"] if "Fixed" in found["Name"])
        reply = client.get(entity_set, params=parameters)
        self.answers[what, reply.status_code] += 1
        assert len(reply.json()["d"]["results"]) == COUNT, reply.text

    def load(self) -> None:
        """Load, and ask for the job until it is completed."""
        with httpx.Client() as client:
            while not self.stopped.wait(PAUSE_S):
                self.load_once(client, "Changing", pipe_upload(500))

    def load_once(self, client: httpx.Client, name: str, upload: bytes) -> None:
        query = {"dataSourceName": name, "loadOperation": "complete", "input": "pipe", "key": self.key}
        reply = client.post(f"{self.url}/REST/v1/Dataflows/LoadDataSource", params=query, content=upload)
        self.answers["load", reply.status_code] += 1
        job = resource(reply)
        while job["status"] == "Pending":
            poll = client.get(f"{self.url}/REST/v1/Dataflows/LoadDataSource/{job['id']}", params={"key": self.key})
            self.answers["poll", poll.status_code] += 1
            job = resource(poll)
        assert job["status"] == "Completed", job


def start_node(data_dir: Path, name: str, port: int) -> Running:
    """Start one node without waiting for it."""
    command = geostead(*("serve", "--no-worker", "--workers", "2", "--port", str(port)), "--data-dir", str(data_dir))
    return begin(command, data_dir.parent / f"{name}.log", {**variables_of(data_dir), **DRAIN})


def test_nodes_that_are_restarted_in_turn_fail_no_request(tmp_path: Path):
    data_dir = tmp_path / "data"
    ports = dict(zip(("api-1", "api-2"), free_ports(2), strict=True))
    key = create_account(data_dir, "a")["master"]
    nodes = {name: start_node(data_dir, name, port) for name, port in ports.items()}
    try:
        with start_worker(data_dir, "--concurrency", "1"), running_proxy(tmp_path / "proxy", ports) as proxy:
            for name in ports:
                proxy.await_state(name, "UP")
            clients = Clients(proxy.url, key)
            with httpx.Client() as client:
                clients.load_once(client, "Fixed", pipe_upload(COUNT))

            with clients.asking():
                for _ in range(ROUNDS):
                    for name, port in ports.items():
                        assert nodes[name].stop() == 0
                        nodes[name].process.stdout.close()
                        nodes[name] = start_node(data_dir, name, port)
                        nodes[name].await_ready()
                        proxy.await_state(name, "UP")
    finally:
        kill_trees(nodes.values())

    assert {status for _, status in clients.answers} == {200, 201}, clients.answers
    asked = {what for what, _ in clients.answers}
    assert asked == {"list", "query on one connection", "query on a new connection", "load", "poll"}
