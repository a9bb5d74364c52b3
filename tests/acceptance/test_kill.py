"""``kill -9`` of everything at any moment loses nothing that was acknowledged and publishes nothing by halves."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path
from random import Random

import httpx

from tests.deployments import kept
from tests.servers import Server, create_account, run_cli, start_server
from tests.uploads import pipe_upload

ROUNDS = int(os.environ.get("GEOSTEAD_TEST_KILLS", "2"))
"""How many loads are killed; ``make soak`` asks for 20."""
ENTITIES = 30_000
AREAS = ("uploads", "downloads", "logs")
FEW = "endswith(EntityID,'00') and Size lt 10000"
"""A filter that 100 entities satisfy, all over the file."""
LATEST_KILL_S = 1.2
"""A load of so many entities takes about as long from the first byte of its upload to its end."""


def test_after_kill_9_every_acknowledged_job_completes_and_every_query_sees_one_whole_version(tmp_path: Path) -> None:
    random = Random(2)
    data_dir = tmp_path / "data"
    key = create_account(data_dir, "owner")["master"]
    acknowledged: list[str] = []
    for number in range(ROUNDS):
        with start_server(data_dir) as server:
            check_everything(server, key, acknowledged)
            kill_during_load(server, key, number, random.uniform(0, LATEST_KILL_S), acknowledged)
    with start_server(data_dir) as server:
        check_everything(server, key, acknowledged)
        assert acknowledged, "no load was acknowledged before its kill: the test tests nothing"
        check_nothing_is_left_behind(data_dir)
        check_everything(server, key, acknowledged)


def kill_during_load(server: Server, key: str, number: int, delay_s: float, acknowledged: list[str]) -> None:
    """Post a load and kill every process ``delay_s`` later, whatever has come of it until then; query all the while."""
    killer = threading.Timer(delay_s, server.kill_tree)
    killer.start()
    with suppress(httpx.TransportError):  # killed before it was acknowledged, or while it was queried
        job_id = server.load(key, "Places", pipe_upload(ENTITIES, name=f"v{number}"))["id"]
        acknowledged.append(job_id)
        while killer.is_alive():
            check_one_reply(server, key)
    killer.join()


def check_one_reply(server: Server, key: str) -> None:
    """One reply has entities of one version, however many versions come and go meanwhile."""
    for url in query_urls(server, key):
        options = {"key": key, "$format": "json", "$inlinecount": "allpages", "$top": "250", "$filter": FEW}
        found = server.client.get(url, params=options).json()["d"]
        assert found["__count"] == "100"
        assert len({entity["Name"].split()[0] for entity in found["results"]}) == 1


def check_everything(server: Server, key: str, acknowledged: list[str]) -> None:
    statuses = {job_id: server.finished(key, job_id)["status"] for job_id in acknowledged}
    assert set(statuses.values()) <= {"Completed"}, statuses
    if not acknowledged:
        return
    (url,) = query_urls(server, key)
    seen = {one_name(server, key, url, skip) for skip in (0, 777, ENTITIES - 1)}
    assert len(seen) == 1, f"one version has entities of several loads: {seen}"


def query_urls(server: Server, key: str) -> list[str]:
    sources = server.client.get("/REST/v1/data", params={"key": key, "$format": "json"}).json()["d"]["DataSources"]
    return [source["QueryUrl"] for source in sources]


def one_name(server: Server, key: str, url: str, skip: int) -> str:
    """Return the version of one entity; all must be there."""
    options = {"key": key, "$format": "json", "$inlinecount": "allpages", "$top": "1", "$skip": str(skip)}
    reply = server.client.get(url, params=options)
    assert reply.status_code == 200, reply.text
    found = reply.json()["d"]
    assert found["__count"] == str(ENTITIES)
    name: str = found["results"][0]["Name"]
    return name.split()[0]


def check_nothing_is_left_behind(data_dir: Path) -> None:
    """After ``expire`` there are the snapshots of at most four versions and no upload."""
    expired = run_cli(data_dir, "expire")
    assert expired.returncode == 0, expired.stderr
    snapshots = kept(data_dir, "snapshots")
    assert 1 <= len(snapshots) <= 4
    assert not [name for name in snapshots if name.endswith(".unfinished")]
    assert [name for area in AREAS for name in kept(data_dir, f"blobs/{area}")] == []
