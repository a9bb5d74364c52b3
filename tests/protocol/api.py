"""What a client of the HTTP contract does, so that each test is a request and what is true of its reply.

URLs are written as people write them, ``/data/…?$filter=Name eq 'x'``; everything lives under ``/REST/v1``. Nothing
here imports geostead: replies are read with the standard library and lxml.
"""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import httpx

from tests.servers import Server, resource

ROOT = "/REST/v1"
LOAD = "/Dataflows/LoadDataSource"
DOWNLOAD = "/Dataflows/DataSourceDownload"
ROLLBACK = "/Dataflows/DataSourceRollback"
JOB_LIST = "/Dataflows/ListJobs"
PUBLIC_LIST = "/data/$GetPublicDataSourceList"


@dataclass(frozen=True)
class Api:
    """The service as one key sees it; ``key`` None: without credentials."""

    server: Server
    key: str | None

    def with_key(self, key: str | None) -> Api:
        """Return the service as another key sees it."""
        return replace(self, key=key)

    def request(self, method: str, url: str, **sent: Any) -> httpx.Response:
        """Send a request to a URL under the root, the key added to its query string."""
        if self.key is not None:
            url = f"{url}{'&' if '?' in url else '?'}key={quote(self.key, safe='')}"
        return self.server.client.request(method, ROOT + url, **sent)

    def get(self, url: str, **sent: Any) -> httpx.Response:
        """Send a GET."""
        return self.request("GET", url, **sent)

    def post_load(self, name: str, upload: bytes, query: str = "", **sent: Any) -> httpx.Response:
        """Post a complete load of a pipe file; what ``query`` says goes first and so counts."""
        defaults = f"dataSourceName={quote(name, safe='')}&loadOperation=complete&input=pipe"
        return self.request("POST", f"{LOAD}?{query}&{defaults}", content=upload, **sent)

    def load(self, name: str, upload: bytes, query: str = "", **sent: Any) -> dict[str, Any]:
        """Load and wait; return the job when it is not pending any more."""
        reply = self.post_load(name, upload, query, **sent)
        assert reply.status_code == 201, reply.text
        assert self.key is not None
        return self.server.finished(self.key, resource(reply)["id"])

    def followed(self, reply: httpx.Response) -> dict[str, Any]:
        """Follow the job that an accepted request has made; return it when it is not pending any more."""
        assert reply.status_code in (201, 202), reply.text
        return self.server.followed(reply.headers["location"], self.key)

    def source(self, name: str, upload: bytes, query: str = "", **sent: Any) -> Source:
        """Load a data source and return it as this key sees it."""
        job = self.load(name, upload, query, **sent)
        assert job["status"] == "Completed", (job, self.error_log(job))
        return self.source_of(job)

    def source_of(self, job: dict[str, Any]) -> Source:
        """Return the data source that a finished load made."""
        base = next(link["url"] for link in job["links"] if link["role"] == "dataSource")
        path = httpx.URL(base).raw_path.decode().removeprefix(ROOT)
        return Source(self, path, job, self._entity_type(path))

    def error_log(self, job: dict[str, Any]) -> str:
        """Return the error log of a job."""
        reply = self.get(f"{LOAD}/{job['id']}/output/failed")
        assert reply.status_code == 200, reply.text
        return reply.text

    def download(self, source: Source) -> httpx.Response:
        """Download a data source, from the request to the data."""
        reply = self.get(DOWNLOAD + source.path.removeprefix("/data"))
        assert reply.status_code == 201, reply.text
        assert self.key is not None
        job = self.server.finished(self.key, resource(reply)["id"], "DataSourceDownload")
        assert job["status"] == "Completed", job
        return self.get(f"{DOWNLOAD}/{job['id']}/output/succeeded", headers={"Accept-Encoding": "identity"})

    def _entity_type(self, path: str) -> str:
        reply = self.get(f"{path}?$format=json")
        assert reply.status_code == 200, reply.text
        (entity_type,) = reply.json()["d"]["EntitySets"]
        return str(entity_type)


@dataclass(frozen=True)
class Source:
    """One data source as one key sees it."""

    api: Api
    path: str
    """Its URL under the root, ``/data/{accessId}/{name}``."""
    job: dict[str, Any]
    """The load that made it."""
    entity_type: str

    @property
    def access_id(self) -> str:
        """Its access id."""
        return self.path.split("/")[2]

    @property
    def entities_path(self) -> str:
        """The URL of its entities under the root."""
        return f"{self.path}/{self.entity_type}"

    def with_key(self, key: str | None) -> Source:
        """Return the data source as another key sees it."""
        return replace(self, api=self.api.with_key(key))

    def load(self, upload: bytes, query: str = "") -> dict[str, Any]:
        """Load into it and return the job at its end; a complete load unless the query says otherwise."""
        return self.api.load(self.path.split("/")[3], upload, query)

    def changed(self, tail: str) -> dict[str, Any]:
        """Ask for a change by a GET, like ``/$commit``, and return the job at its end."""
        return self.api.followed(self.api.get(self.path + tail))

    def roll_back(self, version_id: str) -> httpx.Response:
        """Ask for the return to a version."""
        return self.api.get(f"{ROLLBACK}/{version_id}/{self.path.split('/')[3]}")

    def delete(self, query: str = "") -> httpx.Response:
        """Ask for its deletion."""
        return self.api.request("DELETE", f"{self.path}?{query}")

    def versions(self) -> list[dict[str, Any]]:
        """Return its versions as its service document lists them."""
        reply = self.api.get(f"{self.path}?$format=json&showAllVersions=1")
        assert reply.status_code == 200, reply.text
        found: list[dict[str, Any]] = reply.json()["d"]["Versions"]
        return found

    def get(self, query: str = "", **sent: Any) -> httpx.Response:
        """Query it, in Atom unless the query says otherwise."""
        return self.api.get(f"{self.entities_path}?{query}", **sent)

    def json(self, query: str = "") -> dict[str, Any]:
        """Query it and return the ``d`` of the reply."""
        reply = self.get(f"$format=json&{query}")
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = json.loads(reply.content)["d"]
        return found

    def results(self, query: str = "") -> list[dict[str, Any]]:
        """Query it and return the entities of the first page."""
        found: list[dict[str, Any]] = self.json(query)["results"]
        return found

    def ids(self, query: str = "") -> list[str]:
        """Query it and return the ids on the first page, in order."""
        return [entity["EntityID"] for entity in self.results(query)]

    def by_id(self, entity_id: str, query: str = "") -> httpx.Response:
        """Ask for one entity."""
        quoted = quote(entity_id.replace("'", "''"), safe="'")
        return self.api.get(f"{self.entities_path}('{quoted}')?{query}")

    def refusal(self, query: str) -> str:
        """Query it, expect a 400 and return its message."""
        reply = self.get(f"$format=json&{query}")
        assert reply.status_code == 400, reply.text
        message: str = reply.json()["error"]["message"]["value"]
        return message


def raw(
    server: Server, method: str, target: str, body: bytes | None = None, **headers: str
) -> http.client.HTTPResponse:
    """Send a request whose target nobody has tidied up; the body of the reply has been read into ``.text``."""
    url = httpx.URL(server.url)
    connection = http.client.HTTPConnection(url.host, url.port, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, target, body, named)
        reply = connection.getresponse()
        reply.text = reply.read().decode(errors="replace")  # type: ignore[attr-defined]
        return reply
    finally:
        connection.close()


def pipe(columns: str, *rows: str, entity_type: str = "Place") -> bytes:
    """Make a pipe file. A schema without a location gets Latitude and Longitude, which rows may leave out."""
    header = columns if "Geography" in columns or "Latitude" in columns else f"{columns}|{LOCATION}"
    return "\n".join([f"Bing Spatial Data Services, 1.0, {entity_type}", header, *rows, ""]).encode()


KEY = "EntityID(Edm.String,primaryKey)"
LOCATION = "Latitude(Edm.Double)|Longitude(Edm.Double)"
