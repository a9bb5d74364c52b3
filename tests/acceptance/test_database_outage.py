"""PostgreSQL is killed under a running server: only 503 meanwhile, and everything goes on by itself."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.deployments import DEPLOYMENT, Deployment
from tests.postgres import Postgres, running_postgres
from tests.servers import Server, create_account, start_server, start_worker
from tests.uploads import pipe_upload

pytestmark = pytest.mark.skipif(DEPLOYMENT is not Deployment.SINGLE, reason="brings its own database")

WAIT_S = 60.0
OUTAGES = int(os.environ.get("GEOSTEAD_TEST_OUTAGES", "1"))
LOAD = "/REST/v1/Dataflows/LoadDataSource"
LATE = {"dataSourceName": "Late", "loadOperation": "complete", "input": "pipe"}


@pytest.fixture
def database() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def server(database: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("GEOSTEAD_DATABASE_URL", database.new_database())
    with start_server(tmp_path / "data", "--no-worker") as running, start_worker(tmp_path / "data"):
        yield running


def eventually_well(server: Server, path: str, parameters: dict[str, str]) -> httpx.Response:
    """Ask until the answer is not 503, which has to say when to come again."""
    deadline_s = time.monotonic() + WAIT_S
    while (reply := server.client.get(path, params=parameters)).status_code == httpx.codes.SERVICE_UNAVAILABLE:
        check_unavailable(reply)
        assert time.monotonic() < deadline_s
        time.sleep(0.05)
    return reply


def test_while_the_database_is_away_there_is_only_503_and_no_acknowledged_job_is_lost(
    server: Server, database: Postgres
) -> None:
    key = create_account(server.data_dir, "acme")["master"]
    server.finished(key, server.load(key, "Places", pipe_upload(10))["id"])
    (entities,) = query_urls(server, key)
    acknowledged = []
    for number in range(OUTAGES):
        acknowledged.append(server.load(key, f"Other{number}", pipe_upload(10))["id"])
        database.kill()
        for path in ("/REST/v1/Dataflows/ListJobs", entities, "/readyz"):
            check_unavailable(server.client.get(path, params={"key": key, "$format": "json"}))
        check_unavailable(server.client.post(LOAD, params={**LATE, "key": key}, content=pipe_upload(10)))
        assert server.client.get("/healthz").is_success
        database.start()
        found = eventually_well(server, entities, {"key": key, "$format": "json"})
        assert len(found.json()["d"]["results"]) == 10
    for job_id in acknowledged:
        eventually_well(server, f"/REST/v1/Dataflows/LoadDataSource/{job_id}", {"key": key})
        assert server.finished(key, job_id)["status"] == "Completed"


def check_unavailable(reply: httpx.Response) -> None:
    assert reply.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert reply.headers["retry-after"]


def query_urls(server: Server, key: str) -> list[str]:
    sources = server.client.get("/REST/v1/data", params={"key": key, "$format": "json"}).json()["d"]["DataSources"]
    return [httpx.URL(source["QueryUrl"]).path for source in sources]
