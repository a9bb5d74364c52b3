"""``kill -9`` in the middle of jobs of every kind: what was acknowledged comes out as if nothing had happened."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx

from geostead.model.job import JobStatus, LoadOperation
from tests.deployments import kept
from tests.management_model import Delete, Load, Model, Publish, Rollback, Rows, Source
from tests.servers import JOB_TIMEOUT_S, POLL_S, Server, create_account, resource, run_cli, start_server

ROUNDS = int(os.environ.get("GEOSTEAD_TEST_KILLS", "1"))
"""How often everything is killed; ``make soak`` asks for 20."""
NAME = "Places"
ENTITIES = 4_000
LONGEST_ROUND_S = 2.5
ROOT = "/REST/v1"
HEADER = (
    "Bing Spatial Data Services, 1.0, Place\n"
    "EntityID(Edm.String,primaryKey)|Name(Edm.String)|Latitude(Edm.Double)|Longitude(Edm.Double)|"
    "__deleteEntity(Edm.Boolean)\n"
)

Acceptance = Callable[[str], None]
"""Notes in the model that the job of an id was accepted."""


def test_jobs_of_every_kind_survive_kill_9(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    history = History(create_account(data_dir, "owner")["master"], Random(7))
    for _ in range(ROUNDS):
        with start_server(data_dir) as server:
            history.check(server)
            history.play_until_killed(server)
    with start_server(data_dir) as server:
        history.check(server)
    assert sum(history.accepted.values()) >= ROUNDS, f"hardly anything was accepted: {history.accepted}"
    check_nothing_is_left_behind(data_dir)


@dataclass
class History:
    """One client of one data source: what it was promised, and what it does next."""

    key: str
    random: Random
    model: Model = field(default_factory=Model)
    downloads: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Ids of acknowledged downloads, the version that each is of, and how many entities it has to have."""
    accepted: Counter[str] = field(default_factory=Counter)
    _number: int = 0
    _unanswered: Acceptance | None = None
    """What to note if the request that was cut off turns out to have been accepted."""

    def play_until_killed(self, server: Server) -> None:
        """Ask for one thing after the other, until everything is killed at a random moment."""
        killer = threading.Timer(self.random.uniform(0.1, LONGEST_ROUND_S), server.kill_tree)
        killer.start()
        with suppress(httpx.TransportError):
            while killer.is_alive():
                self._do_something(server)
        killer.join()

    def _do_something(self, server: Server) -> None:
        does = self.random.choices(
            (self._load, self._publish, self._roll_back, self._delete, self._set_public, self._download),
            weights=(8, 3, 3, 1, 2, 2),
        )
        does[0](server)

    def _load(self, server: Server) -> None:
        operation = self.random.choice(list(LoadOperation))
        self._number += 1
        rows = self._rows(operation)
        lines = [f"{id_}|{name or ''}|1|2|{'' if name else 'true'}\n" for id_, name in rows]
        parameters = {"dataSourceName": NAME, "loadOperation": operation.value, "input": "pipe"}
        self._send(
            server,
            "POST",
            "/Dataflows/LoadDataSource",
            lambda job_id: self.model.accept(NAME, Load(job_id, operation, rows, None)),
            parameters,
            (HEADER + "".join(lines)).encode(),
        )

    def _rows(self, operation: LoadOperation) -> Rows:
        name = f"v{self._number}"
        if not operation.is_incremental:
            return [(f"P{i:05d}", name) for i in range(self.random.randint(1, ENTITIES))]
        chosen = self.random.sample(range(ENTITIES), 500)
        return [(f"P{i:05d}", self.random.choice((name, None))) for i in chosen]

    def _publish(self, server: Server) -> None:
        self._send(server, "GET", f"{self._path(server)}/$commit", lambda id_: self.model.accept(NAME, Publish(id_)))

    def _roll_back(self, server: Server) -> None:
        described = server.client.get(
            f"{ROOT}{self._path(server)}", params={"key": self.key, "$format": "json", "showAllVersions": "1"}
        )
        if described.is_success:
            version_id = self.random.choice(described.json()["d"]["Versions"])["JobId"]
            self._send(
                server,
                "GET",
                f"/Dataflows/DataSourceRollback/{version_id}/{NAME}",
                lambda id_: self.model.accept(NAME, Rollback(id_, version_id)),
            )

    def _delete(self, server: Server) -> None:
        staged_only = self.random.random() < 0.6
        self._send(
            server,
            "DELETE",
            self._path(server),
            lambda id_: self.model.accept(NAME, Delete(id_, staged_only)),
            {"isStaging": "1"} if staged_only else {},
        )

    def _set_public(self, server: Server) -> None:
        is_public = self.random.random() < 0.5
        self._send(
            server,
            "GET",
            f"{self._path(server)}/$updateDataSource",
            lambda id_: self.model.set_public(NAME, id_, is_public=is_public),
            {"setPublic": "1" if is_public else "0"},
        )

    def _download(self, server: Server) -> None:
        path = self._path(server)
        described = server.client.get(
            f"{ROOT}{path}", params={"key": self.key, "$format": "json", "showAllVersions": "1"}
        )
        if described.is_success:
            version = self.random.choice(described.json()["d"]["Versions"])
            reply = server.client.get(
                f"{ROOT}/Dataflows/DataSourceDownload/{path.removeprefix('/data/')}",
                params={"key": self.key, "jobId": version["JobId"]},
            )
            if reply.is_success:
                self.downloads[resource(reply)["id"]] = version["JobId"], version["EntityCount"]
                self.accepted["download"] += 1

    def _send(
        self,
        server: Server,
        method: str,
        path: str,
        note: Acceptance,
        parameters: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> None:
        """Send what may be accepted; a request that is cut off may have been, too."""
        self._unanswered = note
        query = {**(parameters or {}), "key": self.key}
        reply = server.client.request(method, ROOT + path, params=query, content=body)
        self._unanswered = None
        assert reply.status_code in (201, 202, 400, 404), reply.text
        if reply.is_success:
            self._note(note, _job_id(reply))

    def _note(self, note: Acceptance, job_id: str) -> None:
        while (source := self.model.sources.get(NAME)) is not None and source.is_deleted:
            self.model.run(NAME)  # it was accepted, so the data source had been deleted by then
        note(job_id)
        self.accepted[note.__qualname__.split(".")[1]] += 1

    def _path(self, server: Server) -> str:
        listed = server.client.get(f"{ROOT}/data", params={"key": self.key, "$format": "json"})
        sources = listed.json()["d"]["DataSources"]
        return f"/data/{sources[0]['AccessId'] if sources else '0' * 32}/{NAME}"

    def check(self, server: Server) -> None:
        """Wait for every job, and compare what came of each and of the data source with the model."""
        self._note_unanswered(server)
        while NAME in self.model.sources and self.model.sources[NAME].queue:
            self.model.run(NAME)
        assert self._ended(server) == self.model.statuses
        self._check_source(server)
        self._check_downloads(server)

    def _note_unanswered(self, server: Server) -> None:
        unknown = [job_id for job_id in self._listed(server) if job_id not in self.model.statuses]
        assert len(unknown) <= 1, f"jobs that nobody asked for: {unknown}"
        if unknown:
            assert self._unanswered is not None
            self._note(self._unanswered, unknown[0])
        self._unanswered = None

    def _listed(self, server: Server) -> dict[str, str]:
        reply = server.client.get(f"{ROOT}/Dataflows/ListJobs", params={"key": self.key})
        return {job["id"]: job["status"] for job in reply.json()["resourceSets"][0]["resources"]}

    def _ended(self, server: Server) -> dict[str, JobStatus]:
        """Return the statuses of all jobs as soon as none is pending."""
        deadline_s = time.monotonic() + JOB_TIMEOUT_S
        while "Pending" in (listed := self._listed(server)).values():
            assert time.monotonic() < deadline_s, f"{listed}; {server.log.read_text()[-3000:]}"
            time.sleep(POLL_S)
        return {job_id: JobStatus(status) for job_id, status in listed.items()}

    def _check_source(self, server: Server) -> None:
        path = self._path(server)
        options = {"key": self.key, "$format": "json", "showAllVersions": "1"}
        described = server.client.get(ROOT + path, params=options)
        source = self.model.find(NAME)
        if source is None:
            assert described.status_code == 404, described.text
            return
        found = described.json()["d"]
        assert [version["JobId"] for version in found["Versions"]] == source.visible_versions()
        counts = {version["JobId"]: version["EntityCount"] for version in found["Versions"]}
        assert counts == {version: len(source.contents[version]) for version in source.visible_versions()}
        self._check_entities(server, path, source, source.published, {})
        self._check_entities(server, path, source, source.staged, {"isStaging": "1"})

    def _check_entities(
        self, server: Server, path: str, source: Source, version: str | None, options: dict[str, str]
    ) -> None:
        """Count the entities of each load that are left in a version."""
        if version is None:
            return
        for name, count in Counter(source.contents[version].values()).items():
            query = {"$format": "json", "$inlinecount": "allpages", "$top": "1", "$filter": f"Name eq '{name}'"}
            reply = server.client.get(f"{ROOT}{path}/Place", params={**query, **options, "key": self.key})
            assert reply.json()["d"]["__count"] == str(count), reply.text

    def _check_downloads(self, server: Server) -> None:
        source = self.model.sources.get(NAME)
        for job_id, (version_id, count) in self.downloads.items():
            job = server.finished(self.key, job_id, "DataSourceDownload")
            if job["status"] == "Aborted":  # the version was deleted, or had too many after it, before its turn came
                assert source is None or version_id not in source.contents, job
                continue
            output = next(link["url"] for link in job["links"] if link["role"] == "output")
            reply = server.client.get(output, params={"key": self.key})
            assert reply.text.count("<Place>") == count


def _job_id(reply: httpx.Response) -> str:
    """Return the id of the job that was accepted; the reply to a deletion has it in its Location alone."""
    if reply.content:
        found: dict[str, Any] = resource(reply)
        return str(found["id"])
    return reply.headers["Location"].rsplit("/", 2)[1]


def check_nothing_is_left_behind(data_dir: Path) -> None:
    """Nothing is damaged, and after ``expire`` no upload and nothing unfinished is left."""
    for command in ("expire", "check"):
        done = run_cli(data_dir, command)
        assert done.returncode == 0, done.stdout + done.stderr
    assert kept(data_dir, "blobs/uploads") == []
    assert [name for name in kept(data_dir, "snapshots") if name.endswith(".unfinished")] == []
