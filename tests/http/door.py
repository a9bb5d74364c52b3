"""A client of the application in this process, and a world for it to ask about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx
import numpy as np
import pyarrow as pa

from geostead.catalog.base import Ending, NewLoad
from geostead.formats.base import EntityBatch
from geostead.http.app import create_app
from geostead.http.options import HttpOptions
from geostead.model.access import Account, Key, digest_of
from geostead.model.columns import arrow_schema
from geostead.model.data_source import DataSource, Version
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.model.ids import new_id
from geostead.model.job import (
    InputFormat,
    Job,
    JobStatus,
    LoadOperation,
    LoadOrder,
    Progress,
    snapshot_of,
    upload_blob,
)
from geostead.model.limits import PROFILES, Limits
from geostead.operations.services import Services

CAFES = EntityType.declare(
    "Cafes",
    [
        Property("EntityID", EdmType.STRING),
        Property("Name", EdmType.STRING),
        Property("Seats", EdmType.INT64),
        Property("Latitude", EdmType.DOUBLE),
        Property("Longitude", EdmType.DOUBLE),
    ],
    ["EntityID"],
)
ROWS = [
    {"EntityID": "1", "Name": "Quai", "Seats": 12, "Latitude": 47.0, "Longitude": 8.0},
    {"EntityID": "2", "Name": "", "Seats": None, "Latitude": 47.01, "Longitude": 8.0},
    {"EntityID": "it's a/b", "Name": "Ecke", "Seats": 30, "Latitude": 47.02, "Longitude": 8.0},
    {"EntityID": "%2F", "Name": "Rad", "Seats": 4, "Latitude": -33.0, "Longitude": 151.0},
]


def cafes(count: int) -> list[dict[str, Any]]:
    """Make ``count`` rows far from the others."""
    return [
        {"EntityID": f"n{i:05d}", "Name": f"Café {i}", "Seats": i, "Latitude": 10 + i / 1e4, "Longitude": 20.0}
        for i in range(count)
    ]


@dataclass
class Door:
    """The application, and the services behind it."""

    services: Services
    options: HttpOptions = field(default_factory=HttpOptions)
    client_address: str = "192.0.2.1"

    def __post_init__(self) -> None:
        self.app = create_app(self.services, self.options)

    def request(self, method: str, url: str, **sent: Any) -> httpx.Response:
        """Send one request to a URL below ``/REST/v1``, or to any other that begins with ``//host``."""
        return anyio.run(self._request, method, url, sent)

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return self.request("GET", url, headers=headers)

    def post(self, url: str, content: Any = b"data", headers: Mapping[str, str] | None = None) -> httpx.Response:
        return self.request("POST", url, content=content, headers=headers)

    def raw(self, url: str, headers: Mapping[str, str] | None = None) -> tuple[httpx.Response, bytes]:
        """Send a GET; return the reply and its body as it was sent, not unpacked."""

        async def read() -> tuple[httpx.Response, bytes]:
            async with self._client() as client, client.stream("GET", url, headers=headers) as reply:
                return reply, b"".join([piece async for piece in reply.aiter_raw()])

        return anyio.run(read)

    def abandoned(self, method: str, url: str, pieces: list[bytes]) -> list[str]:
        """Send the beginning of a request and hang up; return the types of the messages that came back."""
        path, _, query = url.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [],
            "client": None,
            "server": None,
        }
        received = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
        return self._converse(scope, [*received, {"type": "http.disconnect"}])

    def live(self) -> list[str]:
        """Start and stop the application as a server does; return the types of its answers."""
        return self._converse({"type": "lifespan"}, [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    def _converse(self, scope: dict[str, Any], messages: list[dict[str, Any]]) -> list[str]:
        rest = iter(messages)
        answers: list[str] = []

        async def receive() -> dict[str, Any]:
            return next(rest)

        async def send(message: Any) -> None:
            answers.append(message["type"])

        anyio.run(self.app, scope, receive, send)
        return answers

    async def _request(self, method: str, url: str, sent: dict[str, Any]) -> httpx.Response:
        async with self._client() as client:
            return await client.request(method, url, **sent)

    def _client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, client=(self.client_address, 1234))
        client = httpx.AsyncClient(transport=transport, base_url="http://places.test")
        client.headers.clear()  # a test says itself what it wants, Accept-Encoding above all
        return client


@dataclass
class World:
    """Accounts and data sources, made without going through the door."""

    services: Services

    def account(self, name: str, *key_values: str, limits: Limits = PROFILES["self-hosted"]) -> Account:
        """Make an account with keys of these values."""
        now = self.services.now()
        account = Account(new_id(), name, limits, now)
        keys = [Key(new_id(), account.id, f"key {i}", digest_of(value), now) for i, value in enumerate(key_values)]
        self.services.catalog.add_account(account, keys)
        return account

    def key(self, value: str) -> Key:
        """Return the key of that value."""
        found = self.services.catalog.find_key(digest_of(value))
        assert found is not None
        return found

    def load(
        self, key_value: str, name: str = "Places", *, operation: LoadOperation = LoadOperation.COMPLETE, **order: Any
    ) -> Job:
        """Put a load in the queue."""
        job_id = new_id()
        made = LoadOrder(operation, InputFormat.CSV, upload_blob(job_id), **order)
        now = self.services.now()
        load = NewLoad(job_id, new_id(), new_id(), self.key(key_value), name, made, None, now)
        return self.services.catalog.accept_load(load)

    def claim(self, accepted: Job) -> Job:
        """Take a job as a worker does."""
        job = self.services.catalog.claim("worker", 30)
        assert job is not None
        assert job.id == accepted.id
        return job

    def publish(
        self, key_value: str, name: str = "Places", rows: list[dict[str, Any]] = ROWS, **order: Any
    ) -> DataSource:
        """Load rows into a data source, from the order to the published version."""
        job = self.claim(self.load(key_value, name, **order))
        snapshot_id = snapshot_of(job.id, job.attempt)
        batch = EntityBatch(pa.RecordBatch.from_pylist(rows, arrow_schema(CAFES)), np.arange(len(rows)), len(rows), ())
        self.services.snapshots.write(snapshot_id, CAFES, [batch])
        now = self.services.now()
        version = Version(job.id, job.data_source_id, snapshot_id, CAFES, len(rows), now)
        count = len(rows)
        self.services.catalog.complete_load(job, "worker", version, Ending(Progress(count, count, 0), now))
        found = self.services.catalog.find_data_source(job.access_id, name)
        assert found is not None
        return found.data_source

    def stage(self, key_value: str, name: str = "Places") -> DataSource:
        """Load rows into a data source, from the order to the staged version."""
        return self.publish(key_value, name, operation=LoadOperation.COMPLETE_STAGING)

    def version_ids(self, source: DataSource) -> list[str]:
        """Return the ids of all versions of a data source."""
        found = self.services.catalog.find_data_source(source.access_id, source.name)
        assert found is not None
        return [version.job_id for version in found.every]

    def run_change(self, job_id: str) -> Job:
        """Do what a publish, rollback or delete job was ordered to do, as a worker does; return it completed."""
        accepted = self.services.catalog.get_job(job_id)
        assert accepted is not None
        ending = Ending(Progress(0, 0, 0), self.services.now())
        self.services.catalog.complete_change(self.claim(accepted), "worker", ending)
        done = self.services.catalog.get_job(job_id)
        assert done is not None
        assert done.status is JobStatus.COMPLETED
        return done

    def write_blob(self, name: str, content: bytes) -> None:
        """Put a blob into the store."""
        with self.services.blobs.create(name) as blob:
            blob.write(content)
            blob.commit()
