"""Files that are damaged, or made to do damage: each load of one ends, in bounded memory, and breaks nothing else."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.hostile.formats import FORMATS, Format
from tests.hostile.mutations import mutations_of
from tests.hostile.packing import UPLOAD_LIMIT, Make
from tests.memory import watched
from tests.servers import POLL_S, Server, administer, create_account, resource, start_server

MUTATIONS = int(os.environ.get("GEOSTEAD_TEST_MUTATIONS", "2"))
"""How many random mutations of good files there are of each format; ``make soak`` asks for 200."""
FILES = None if "GEOSTEAD_TEST_MUTATIONS" in os.environ else 12
"""How many hostile files there are of each format; None: all."""
MAX_MEMORY_BYTES = 2**30
PENDING = 6
"""Loads that wait for each other."""
JOB_TIMEOUT_S = 600.0
ROOT = "/REST/v1"

Files = Mapping[str, Make]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a server with one job worker: what the loads of a format need is seen in one process and its children."""
    data_dir = tmp_path_factory.mktemp("hostile") / "data"
    with start_server(data_dir, environment={"GEOSTEAD_JOB_WORKERS": "1"}) as running:
        yield running


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    """Create an account that may have what the original service gave at most, but for the number of its jobs."""
    master = create_account(server.data_dir, "owner", "--limits", "enterprise")["master"]
    limits = ("--jobs-per-day", "none", "--jobs-in-process", "none", "--upload-bytes", str(UPLOAD_LIMIT))
    administer(server.data_dir, "account", "set-limits", "owner", *limits)
    return master


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_files_end_their_loads_in_bounded_memory_and_leave_what_is_published_whole(
    server: Server, key: str, name: str, record_property: Callable[[str, object], None]
) -> None:
    chosen = FORMATS[name]
    files = chosen.files(FILES)
    mutations = mutations_of(name, [chosen.good], MUTATIONS)
    source = DataSource(server, key, f"Hostile_{name}", chosen)
    processes = [process.pid for process in server.children()]
    with watched(server) as memory:
        source.load_all({**files, **mutations}, "complete")
        source.load_all({"a good file": chosen.good}, "complete")
        source.load_all(dict(islice({**mutations, **files}.items(), 0, None, 4)), "incremental")
    record_property("peak_mib", memory.peak >> 20)
    record_property("slowest", max(source.seconds.items(), key=lambda item: item[1]))
    assert memory.peak < MAX_MEMORY_BYTES, {pid: size >> 20 for pid, size in memory.peaks.items()}
    assert [process.pid for process in server.children()] == processes, "a process died and was replaced"
    assert_nothing_failed(server.log)


def assert_nothing_failed(log: Path) -> None:
    """Nothing went wrong that the log of a server would tell the operator."""
    bad = [line for line in log.read_text().splitlines() if '"level":"info"' not in line or "raceback" in line]
    assert bad == [], bad[0]


@dataclass
class DataSource:
    """A data source that has a published version, and whose owner sends hostile files."""

    server: Server
    key: str
    name: str
    format: Format
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each load took, waiting for others left out."""

    def __post_init__(self) -> None:
        self._load = {"dataSourceName": self.name, "input": self.format.input, "key": self.key}
        accepted = self.server.load(self.key, self.name, self.format.good(), input=self.format.input)
        job = self.server.finished(self.key, accepted["id"])
        assert (job["status"], job["failedEntityCount"]) == ("Completed", 0), job
        self._url = next(link["url"] for link in job["links"] if link["role"] == "dataSource")
        self._published: str = job["id"]

    def load_all(self, files: Files, operation: str) -> None:
        """Load files in order, several pending at once."""
        waiting = iter(files.items())
        while group := list(islice(waiting, PENDING)):
            self._load_some(group, operation)

    def _load_some(self, files: list[tuple[str, Make]], operation: str) -> None:
        before = self._content()
        accepted = {name: job_id for name, make in files if (job_id := self._post(name, make(), operation))}
        completed = []
        for name, job_id in accepted.items():
            job = self._ended(name, job_id)
            if job["status"] == "Completed":
                completed.append(job)
        if completed:
            self._published = completed[-1]["id"]
            self._check_queries(completed[-1] if operation == "complete" else None)
        else:
            assert self._content() == before, f"one of these changed what is published: {list(accepted)}"

    def _post(self, name: str, upload: bytes, operation: str) -> str | None:
        """Send a file; return the id of its job, None if it was refused."""
        query = {**self._load, "loadOperation": operation}
        reply = self.server.client.post(f"{ROOT}/Dataflows/LoadDataSource", params=query, content=upload)
        assert reply.status_code == 201 or 400 <= reply.status_code < 500, f"{name}: {reply.status_code} {reply.text}"
        if reply.status_code == 201:
            return str(resource(reply)["id"])
        assert reply.json()["errorDetails"][0], f"{name}: {reply.text}"
        return None

    def _ended(self, name: str, job_id: str) -> dict[str, Any]:
        """Query until a job has ended, and return it."""
        began_s = time.monotonic()
        while (job := self.server.job(self.key, job_id))["status"] == "Pending":
            assert time.monotonic() < began_s + JOB_TIMEOUT_S, f"{name} is still pending: {job}"
            assert self._describe()["Versions"], "nothing is published"
            time.sleep(POLL_S)
        self.seconds[name] = time.monotonic() - began_s
        if job["status"] == "Aborted":
            assert job["errorMessage"].strip(), f"{name}: {job}"
            assert not job["errorMessage"].startswith("Internal error"), f"{name}: {job}"
        else:
            assert job["status"] == "Completed", f"{name}: {job}"
        return job

    def _describe(self) -> dict[str, Any]:
        found: dict[str, Any] = self._get(self._url, showAllVersions="true").json()["d"]
        return found

    def _published_version(self) -> tuple[str, int]:
        """Return URL and number of entities of the published version, which has to be the one that it should be."""
        described = self._describe()
        (active,) = (version for version in described["Versions"] if version["IsActive"])
        assert active["JobId"] == self._published
        return described["QueryUrl"], active["EntityCount"]

    def _content(self) -> bytes:
        """Return the reply to a query for everything that is published."""
        url, count = self._published_version()
        reply = self._get(url, **{"$inlinecount": "allpages", "$top": "250"})
        found = reply.json()["d"]
        assert (int(found["__count"]), len(found["results"])) == (count, min(count, 250))
        return reply.content

    def _check_queries(self, loaded: dict[str, Any] | None) -> None:
        """Query what is published in several ways; it holds as many entities as the complete load that made it."""
        url, count = self._published_version()
        if loaded is not None:
            assert count == loaded["totalEntityCount"] - loaded["failedEntityCount"], loaded
        self._content()
        self._get(url, **{"$format": "atom", "$top": "250"})
        self._get(url, spatialFilter="nearby(1,1,1000)")
        self._get(url, **{"spatialFilter": "bbox(-80,-170,80,170)", "$inlinecount": "allpages"})

    def _get(self, url: str, **options: str) -> httpx.Response:
        reply = self.server.client.get(url, params={"$format": "json", "key": self.key, **options})
        assert reply.status_code == 200, f"{reply.status_code} {reply.text}"
        return reply
