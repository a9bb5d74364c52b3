"""A server and a worker whose snapshots and blobs lie in a real object store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.azurite import Azurite, running_azurite
from tests.deployments import DEPLOYMENT, Deployment
from tests.s3 import S3Server, running_s3
from tests.servers import Server, create_account, resource, run_cli, start_node, start_worker
from tests.uploads import pipe_upload

pytestmark = pytest.mark.skipif(DEPLOYMENT is not Deployment.SINGLE, reason="brings its own store")


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """Return a server that tests may kill."""
    with running_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="module")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    with running_azurite(tmp_path_factory.mktemp("azurite")) as server:
        yield server


def use(store: S3Server | Azurite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every process that is started keep its data in a fresh place of this store."""
    for name, value in {**store.environment, "GEOSTEAD_STORE_URL": store.fresh_url()}.items():
        monkeypatch.setenv(name, value)


def run(data_dir: Path, *arguments: str) -> str:
    done = run_cli(data_dir, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def count(server: Server, key: str, name: str) -> int:
    """Return how many entities a data source has; that is a query of its snapshot."""
    sources = server.client.get("/REST/v1/data", params={"key": key, "$format": "json"}).json()["d"]["DataSources"]
    (access_id,) = (source["AccessId"] for source in sources if source["Name"] == name)
    options = {"key": key, "$format": "json", "$inlinecount": "allpages", "$top": "1"}
    reply = server.client.get(f"/REST/v1/data/{access_id}/{name}/Place", params=options)
    assert reply.is_success, reply.text
    return int(reply.json()["d"]["__count"])


def download(server: Server, key: str, name: str) -> str:
    """Order a download, wait for it, and fetch what it wrote."""
    sources = server.client.get("/REST/v1/data", params={"key": key, "$format": "json"}).json()["d"]["DataSources"]
    (access_id,) = (source["AccessId"] for source in sources if source["Name"] == name)
    job = resource(server.client.get(f"/REST/v1/Dataflows/DataSourceDownload/{access_id}/{name}", params={"key": key}))
    assert server.finished(key, job["id"], "DataSourceDownload")["status"] == "Completed"
    output = f"/REST/v1/Dataflows/DataSourceDownload/{job['id']}/output/succeeded"
    return server.client.get(output, params={"key": key}).text


@pytest.mark.parametrize("kind", ["s3", "azurite"])
def test_loads_queries_downloads_chores_and_backups_work_on_an_object_store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    store = request.getfixturevalue(kind)
    use(store, monkeypatch)
    data_dir = tmp_path / "data"
    with ExitStack() as stack:
        server = stack.enter_context(start_node(data_dir, "--no-worker"))
        stack.enter_context(start_worker(data_dir, "--concurrency", "2"))
        key = create_account(data_dir, "owner")["master"]
        accepted = server.load(key, "Places", pipe_upload(2_000, bad_rows=3))
        assert server.finished(key, accepted["id"])["status"] == "Completed"
        assert count(server, key, "Places") == 2_000
        assert download(server, key, "Places").count("</EntityID>") == 2_000
        assert server.client.get("/readyz").status_code == httpx.codes.OK
        assert json.loads(run(data_dir, "check", "--json"))["faults"] == []
        assert json.loads(run(data_dir, "expire", "--json"))["blobs"] == 0
        run(data_dir, "backup", str(tmp_path / "backup"))
    assert not (data_dir / "blobs").exists()
    assert not (data_dir / "snapshots").exists()
    assert list((data_dir / "spool").iterdir()) == []

    use(store, monkeypatch)
    run(tmp_path / "restored", "restore", str(tmp_path / "backup"))
    with start_node(tmp_path / "restored") as restored:
        assert count(restored, key, "Places") == 2_000
