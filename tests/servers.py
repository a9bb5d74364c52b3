"""Real servers for tests: ``geostead serve``, or a cluster of it behind a proxy, on free ports."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from typer.testing import CliRunner

from geostead.cli.main import app
from tests.clusters import running_cluster
from tests.deployments import DEPLOYMENT, variables_of
from tests.processes import Running, geostead, kill_trees, started

JOB_TIMEOUT_S = 90.0
POLL_S = 0.02


def run_cli(data_dir: Path, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run one command to its end, as a process of its own."""
    command = geostead(*arguments, "--data-dir", str(data_dir))
    environment = {**os.environ, **variables_of(data_dir)}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, input=stdin, env=environment
    )


def administer(data_dir: Path, *arguments: str, stdin: str | None = None) -> str:
    """Run one command that has to succeed in this process, which is ten times as quick; return what it prints."""
    command = [*arguments, "--data-dir", str(data_dir)]
    done = CliRunner().invoke(app, command, input=stdin, env=dict(variables_of(data_dir)))
    assert done.exit_code == 0, done.output
    return done.stdout


def create_account(data_dir: Path, name: str, *arguments: str) -> dict[str, str]:
    """Create an account; return the values of its keys by name ("master", "query")."""
    created = administer(data_dir, "account", "create", name, *arguments, "--json")
    return {key["name"]: key["key"] for key in json.loads(created)["keys"]}


@dataclass
class Server:
    """A running ``geostead serve``, or several behind a proxy, with workers."""

    running: Sequence[Running] = field(repr=False)
    """What has been started: one process with its children, or many."""
    log: Path
    """What all of them log to."""
    data_dir: Path
    """The folder that the installation is named by."""
    url: str
    client: httpx.Client = field(repr=False)
    """A client with the server as its base URL."""

    @property
    def process(self) -> subprocess.Popen[str]:
        """The first process, which is the only one that :func:`start_node` starts."""
        return self.running[0].process

    def stop(self) -> int:
        """Send SIGTERM to all that was started and return the highest exit code."""
        for one in self.running:
            one.process.terminate()
        return max(one.stop() for one in self.running)

    def tree(self) -> list[psutil.Process]:
        """Return all processes, parents first."""
        return [process for one in self.running for process in one.tree()]

    def children(self) -> list[psutil.Process]:
        """Return the processes that those which were started keep alive."""
        return [process for one in self.running for process in one.children()]

    def kill_tree(self) -> None:
        """Send SIGKILL to every process, as a power cut would; return when all are gone."""
        kill_trees(self.running)

    def load(self, key: str, name: str, upload: bytes, **parameters: str) -> dict[str, Any]:
        """Post a complete load (``input=pipe`` unless given) and return the job as accepted."""
        query = {"dataSourceName": name, "loadOperation": "complete", "input": "pipe", "key": key, **parameters}
        reply = self.client.post("/REST/v1/Dataflows/LoadDataSource", params=query, content=upload)
        assert reply.status_code == httpx.codes.CREATED, reply.text
        return resource(reply)

    def job(self, key: str, job_id: str, kind: str = "LoadDataSource") -> dict[str, Any]:
        """Return the job as it stands."""
        return resource(self.client.get(f"/REST/v1/Dataflows/{kind}/{job_id}", params={"key": key}))

    def finished(self, key: str, job_id: str, kind: str = "LoadDataSource") -> dict[str, Any]:
        """Poll a job until it is not pending any more, and return it."""
        return self.followed(f"/REST/v1/Dataflows/{kind}/{job_id}", key)

    def followed(self, status_url: str, key: str | None) -> dict[str, Any]:
        """Poll the URL of a job's status, with a key or without, until it is not pending any more; return the job."""
        parameters = {} if key is None else {"key": key}
        deadline_s = time.monotonic() + JOB_TIMEOUT_S
        while (job := resource(self.client.get(status_url, params=parameters)))["status"] == "Pending":
            assert time.monotonic() < deadline_s, f"{job} is still pending; {self.log.read_text()[-3000:]}"
            time.sleep(POLL_S)
        return job


def resource(reply: httpx.Response) -> dict[str, Any]:
    """Return the one resource of a management reply."""
    assert reply.is_success, reply.text
    found: dict[str, Any] = reply.json()["resourceSets"][0]["resources"][0]
    return found


@contextmanager
def start_server(data_dir: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run the deployment that is tested until the block is left, then kill it; a test may stop or kill it before.

    ``arguments`` are those of ``geostead serve``. What a test says of one process alone needs :func:`start_node`.
    """
    if not DEPLOYMENT.is_cluster:
        with start_node(data_dir, *arguments, environment=environment) as server:
            yield server
        return
    log = _log(data_dir, "serve")
    workers = 0 if "--no-worker" in arguments else None
    rest = [argument for argument in arguments if argument != "--no-worker"]
    variables = {**variables_of(data_dir), **(environment or {})}
    with (
        running_cluster(data_dir, rest, variables, log, workers) as (url, running),
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        yield Server(running, log, data_dir, url, client)


@contextmanager
def start_node(data_dir: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run one ``geostead serve`` on the installation, whatever the deployment, until the block is left."""
    command = ["serve", "--data-dir", str(data_dir), "--port", "0", "--workers", "1", *arguments]
    log = _log(data_dir, "serve")
    with started([command], log, {**variables_of(data_dir), **(environment or {})}) as running:
        url = running[0].ready_line.split()[-1].rstrip("/")
        with httpx.Client(base_url=url, timeout=30, verify=False) as client:
            yield Server(running, log, data_dir, url, client)


@contextmanager
def start_worker(data_dir: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Run ``geostead worker`` until the block is left, then kill it."""
    command = ["worker", "--data-dir", str(data_dir), *arguments]
    variables = {**variables_of(data_dir), **(environment or {})}
    with started([command], _log(data_dir, "worker"), variables) as running:
        yield running[0]


def _log(data_dir: Path, command: str) -> Path:
    return data_dir.parent / f"{data_dir.name}-{command}.log"
