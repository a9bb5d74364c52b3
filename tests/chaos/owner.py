"""The owner of one data source: asks for changes of every kind, and holds what came of them against the model."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

import httpx

from geostead.model.job import JobStatus, LoadOperation
from tests.chaos.asking import Asker
from tests.chaos.truth import ENTITIES, Observation, State, Timeline, entity_id, named, place_of
from tests.management_model import Delete, Entities, Load, Model, Publish, Rollback, Rows, Waiting
from tests.servers import resource

HEADER = (
    "Bing Spatial Data Services, 1.0, Place\n"
    "EntityID(Edm.String,primaryKey)|Name(Edm.String)|Latitude(Edm.Double)|Longitude(Edm.Double)|"
    "__deleteEntity(Edm.Boolean)\n"
)
MAX_PENDING = 4
CERTAIN_S = 2.0
"""What was sent before one list of jobs, and is in no list this much later, was not accepted and never will be."""
SETTLED_S = 300.0
GIVEN_UP = "The job was given up"
"""How the reason begins of a job whose worker was lost three times, which can happen to any job here."""
DESCRIPTIONS = {
    LoadOperation.COMPLETE: "DataSourceComplete",
    LoadOperation.INCREMENTAL: "DataSourceIncremental",
    LoadOperation.COMPLETE_STAGING: "DataSourceCompleteStaging",
    LoadOperation.INCREMENTAL_STAGING: "DataSourceIncrementalStaging",
}
STATUS_URLS = {
    "DataSourceRollback": "/Dataflows/DataSourceRollback/{}",
    "DataSourcePublishFromStaged": "/data/jobs/{}/$getstatus",
    "DataSourceDelete": "/data/jobs/{}/$getstatus",
}

Make = Callable[[str], Waiting]
"""Makes what the model runs, given the id of the job."""


@dataclass
class Order:
    """A request that was accepted, or may have been."""

    description: str
    """What the list of jobs calls it."""
    make: Make
    sent_s: float
    answered_s: float | None
    """When it was accepted; None: nobody knows whether it was."""
    ended_s: float | None = None
    """When its job was first seen to have ended."""


@dataclass
class Owner:
    """One client of one data source."""

    name: str
    asker: Asker
    random: Random
    model: Model = field(default_factory=Model)
    access_id: str | None = None
    observed: list[Observation] = field(default_factory=list)
    """What readers saw and nobody has checked yet."""
    _number: int = 0
    _timeline: Timeline = field(default_factory=Timeline)
    _orders: dict[str, Order] = field(default_factory=dict)
    """Accepted and not yet settled, by the id of the job."""
    _uncertain: list[Order] = field(default_factory=list)
    _downloads: dict[str, str] = field(default_factory=dict)
    """Ids of downloads, and of the version that each is of."""

    def begin(self) -> None:
        """Load once and wait for it, so that there is something to query from the first moment."""
        self._load(LoadOperation.COMPLETE)
        self.settle()
        self._find()

    def play(self, until_s: float) -> None:
        """Ask for one thing after the other."""
        acts = (self._load_somehow, self._publish, self._roll_back, self._delete, self._download)
        while time.monotonic() < until_s:
            self._look_at_jobs()
            if len(self._orders) < MAX_PENDING:
                self.random.choices(acts, weights=(8, 3, 3, 1, 2))[0]()
            else:
                time.sleep(0.1)

    def _load_somehow(self) -> None:
        self._load(self.random.choice(list(LoadOperation)))

    def _load(self, operation: LoadOperation) -> None:
        self._number += 1
        rows = self._rows(operation)
        lines = [_line(id_, name) for id_, name in rows]
        parameters = {"dataSourceName": self.name, "loadOperation": operation.value, "input": "pipe"}
        body = (HEADER + "".join(lines)).encode()
        self._order(
            DESCRIPTIONS[operation],
            lambda job_id: Load(job_id, operation, rows, None),
            ("POST", "/Dataflows/LoadDataSource", {**parameters, "description": f"v{self._number}"}, body),
        )

    def _rows(self, operation: LoadOperation) -> Rows:
        name = f"v{self._number}"
        if not operation.is_incremental:
            return [(entity_id(i), name) for i in range(self.random.randint(1, ENTITIES))]
        chosen = self.random.sample(range(ENTITIES), 300)
        return [(entity_id(i), self.random.choice((name, None))) for i in chosen]

    def _publish(self) -> None:
        if self.access_id is not None:
            path = f"/data/{self.access_id}/{self.name}/$commit"
            self._order("DataSourcePublishFromStaged", Publish, ("GET", path, {}, None))

    def _roll_back(self) -> None:
        for version in self._a_version():
            path = f"/Dataflows/DataSourceRollback/{version}/{self.name}"
            self._order("DataSourceRollback", partial(_rollback, version), ("GET", path, {}, None))

    def _delete(self) -> None:
        staged_only = self.random.random() < 0.7
        if self.access_id is not None:
            parameters = {"isStaging": "1"} if staged_only else {}
            path = f"/data/{self.access_id}/{self.name}"
            make = lambda id_: Delete(id_, staged_only)  # noqa: E731
            if self._order("DataSourceDelete", make, ("DELETE", path, parameters, None)) and not staged_only:
                self.access_id = None

    def _download(self) -> None:
        for version in self._a_version():
            path = f"/Dataflows/DataSourceDownload/{self.access_id}/{self.name}"
            reply = self.asker.ask("download", "GET", path, {"jobId": version})
            if reply is not None and reply.is_success:
                self._downloads[resource(reply)["id"]] = version

    def _a_version(self) -> list[str]:
        """Return one of the versions that there are at present."""
        if self.access_id is None:
            return []
        options = {"$format": "json", "showAllVersions": "1"}
        reply = self.asker.ask("describe", "GET", f"/data/{self.access_id}/{self.name}", options)
        if reply is None or not reply.is_success:
            return []
        return [self.random.choice(reply.json()["d"]["Versions"])["JobId"]]

    def _order(self, description: str, make: Make, request: tuple[str, str, dict[str, str], bytes | None]) -> bool:
        """Send what may be accepted; return whether it was, or may have been.

        No more of a kind is sent while nobody knows whether the last one was accepted: the list of jobs would not tell
        one from the other.
        """
        if any(order.description == description for order in self._uncertain):
            return False
        method, path, parameters, body = request
        sent_s = time.monotonic()
        reply = self.asker.ask(description, method, path, parameters, body)
        if reply is None:
            self._uncertain.append(Order(description, make, sent_s, None))
            return True
        if reply.is_success:
            self._orders[_job_id(reply)] = Order(description, make, sent_s, time.monotonic())
        elif reply.status_code not in (400, 404):
            self.asker.tally.blame(f"{description}: {reply.status_code} {reply.text[:500]}")
        return reply.is_success

    def _look_at_jobs(self) -> None:
        """Note when jobs end, and find out where the data source is."""
        for job_id, order in self._orders.items():
            if order.ended_s is None:
                url = STATUS_URLS.get(order.description, "/Dataflows/LoadDataSource/{}").format(job_id)
                reply = self.asker.ask("status", "GET", url)
                if reply is None:
                    return
                if reply.status_code != 200:
                    self.asker.tally.blame(f"the acknowledged job {job_id} is lost: {reply.status_code} {reply.text}")
                elif resource(reply)["status"] == "Pending":
                    return
                order.ended_s = time.monotonic()
        if self.access_id is None:
            self._find()
        is_full = len(self._orders) >= MAX_PENDING or len(self._uncertain) > 1
        if is_full and all(order.ended_s is not None for order in self._orders.values()):
            self.settle()

    def _find(self) -> None:
        reply = self.asker.ask("list", "GET", "/data", {"$format": "json"})
        if reply is not None:
            assert reply.status_code == 200, reply.text
            found = [each["AccessId"] for each in reply.json()["d"]["DataSources"]]
            self.access_id = found[0] if found else None

    def settle(self) -> None:
        """Wait until every job has ended; hold jobs, data source, downloads and answers against the model."""
        jobs = self._ended()
        observed, self.observed = self.observed, []
        settled_s = time.monotonic()
        for job in jobs:
            if job["id"] not in self.model.statuses:
                self._run(job, settled_s)
        self._orders.clear()
        self._uncertain.clear()
        self._find_surely()
        self._check_source()
        self._check_downloads()
        for observation in observed:
            self._check_answer(observation)

    def _ended(self) -> list[dict[str, Any]]:
        """Return all jobs, the oldest first, as soon as none is pending and nothing can be on its way any more."""
        deadline_s, seen, since_s = time.monotonic() + SETTLED_S, [], time.monotonic()
        while True:
            jobs = self.asker.insist("list of jobs", "/Dataflows/ListJobs").json()["resourceSets"][0]["resources"]
            now_s = time.monotonic()
            if [job["id"] for job in jobs] != seen:
                seen, since_s = [job["id"] for job in jobs], now_s
            is_certain = not self._uncertain or now_s > since_s + CERTAIN_S
            if is_certain and all(job["status"] != "Pending" for job in jobs):
                return list(reversed(jobs))
            assert now_s < deadline_s, f"still pending after {SETTLED_S} s: {jobs}"
            time.sleep(0.1)

    def _run(self, job: dict[str, Any], settled_s: float) -> None:
        """Run a job in the model, compare how it ended, and note when queries may have seen what it did."""
        order = self._orders.pop(job["id"], None) or self._once_uncertain(job)
        if order is None:
            self.asker.tally.blame(f"nobody asked for {job}")
            return
        before = self._published()
        self.model.accept(self.name, order.make(job["id"]))
        if job.get("errorMessage", "").startswith(GIVEN_UP):
            self._give_up(job["id"])
        else:
            self.model.run(self.name)
        expected = self.model.statuses[job["id"]]
        self.asker.tally.jobs[job["description"], _outcome(job)] += 1
        if JobStatus(job["status"]) is not expected:
            self.asker.tally.blame(f"{self.name}: expected {expected}: {job}")
        after = self._published()
        if after is not before:
            latest_s = order.answered_s if after is None else order.ended_s
            self._timeline.add(State(after, order.sent_s, settled_s if latest_s is None else latest_s))

    def _published(self) -> Entities | None:
        source = self.model.sources.get(self.name)
        return None if source is None or source.published is None else source.contents[source.published]

    def _once_uncertain(self, job: dict[str, Any]) -> Order | None:
        for order in self._uncertain:
            if order.description == job["description"]:
                self._uncertain.remove(order)
                return order
        return None

    def _give_up(self, job_id: str) -> None:
        source = self.model.sources[self.name]
        source.queue.pop()
        self.model.statuses[job_id] = JobStatus.ABORTED
        if source.is_nothing:
            del self.model.sources[self.name]

    def _find_surely(self) -> None:
        listed = self.asker.insist("list", "/data", {"$format": "json"}).json()["d"]["DataSources"]
        self.access_id = listed[0]["AccessId"] if listed else None

    def _check_source(self) -> None:
        """Hold versions, their sizes and the staged entities against the model."""
        source = self.model.find(self.name)
        if source is None or not source.contents:
            if self.access_id is not None and source is None:
                self.asker.tally.blame(f"{self.name} should not be there")
            return
        path = f"/data/{self.access_id}/{self.name}"
        reply = self.asker.insist("describe", path, {"$format": "json", "showAllVersions": "1"})
        found = [(version["JobId"], version["EntityCount"]) for version in reply.json()["d"]["Versions"]]
        expected = [(version, len(source.contents[version])) for version in source.visible_versions()]
        if found != expected:
            self.asker.tally.blame(f"{self.name} has the versions {found} instead of {expected}")
        if source.visible_staged is not None:
            self._check_staged(path, source.contents[source.visible_staged])

    def _check_staged(self, path: str, entities: Entities) -> None:
        for name, count in Counter(entities.values()).items():
            parameters = {**named(name).parameters, "$format": "json", "isStaging": "1"}
            reply = self.asker.insist("query of staged", f"{path}/Place", parameters)
            if reply.status_code != 200 or reply.json()["d"]["__count"] != str(count):
                self.asker.tally.blame(f"{self.name}: {count} staged entities are of {name}: {reply.text[:300]}")

    def _check_downloads(self) -> None:
        """Each download has ended: with the entities of its version, or because the version was gone by then."""
        source = self.model.sources.get(self.name)
        for job_id, version in self._downloads.items():
            job = self._ended_download(job_id)
            self.asker.tally.jobs["DataSourceDownload", _outcome(job)] += 1
            if job["status"] == "Completed":
                self._check_output(job_id, version)
            elif source is not None and version in source.contents and GIVEN_UP not in job["errorMessage"]:
                self.asker.tally.blame(f"{self.name}: the download of a version that is there: {job}")
        self._downloads.clear()

    def _ended_download(self, job_id: str) -> Mapping[str, Any]:
        deadline_s = time.monotonic() + SETTLED_S
        while True:
            job = resource(self.asker.insist("status", f"/Dataflows/DataSourceDownload/{job_id}"))
            if job["status"] != "Pending":
                return job
            assert time.monotonic() < deadline_s, f"still pending after {SETTLED_S} s: {job}"
            time.sleep(0.1)

    def _check_output(self, job_id: str, version: str) -> None:
        path = f"/Dataflows/DataSourceDownload/{job_id}/output/succeeded"
        reply = self.asker.insist("output", path, {"dataFormat": "csv"})
        if reply.status_code != 200:
            self.asker.tally.blame(f"{self.name}: the output of {job_id}: {reply.status_code} {reply.text[:300]}")
            return
        entities = self._contents_of(version)
        rows = {tuple(line.split(",")[:2]) for line in reply.text.splitlines() if line.startswith("P")}
        if entities is not None and rows != set(entities.items()):
            self.asker.tally.blame(f"{self.name}: the output of {job_id} has {len(rows)} rows, not {len(entities)}")

    def _contents_of(self, version: str) -> Entities | None:
        source = self.model.sources.get(self.name)
        return None if source is None else source.contents.get(version)

    def _check_answer(self, observation: Observation) -> None:
        """An answer has to be one that was possible; that there is nothing under an earlier access id is always so."""
        if observation.answer is None and observation.access_id != self.access_id:
            return
        fault = self._timeline.fault_of(observation)
        self.asker.tally.verified["nothing" if observation.answer is None else "entities"] += 1
        if fault is not None:
            self.asker.tally.blame(f"{self.name}: {fault}")


def _rollback(version_id: str, job_id: str) -> Rollback:
    return Rollback(job_id, version_id)


def _line(id_: str, name: str | None) -> str:
    latitude, longitude = place_of(id_)
    return f"{id_}|{name or ''}|{latitude:.4f}|{longitude}|{'' if name else 'true'}\n"


def _job_id(reply: httpx.Response) -> str:
    """Return the id of the job that was accepted; the reply to a deletion has it in its Location alone."""
    if reply.content:
        return str(resource(reply)["id"])
    return reply.headers["Location"].rsplit("/", 2)[1]


def _outcome(job: Mapping[str, Any]) -> str:
    if job.get("errorMessage", "").startswith(GIVEN_UP):
        return "given up after three lost workers"
    return str(job["status"])
