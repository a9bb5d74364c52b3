"""The whole road on a running server, and what happens to processes."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest

from tests.deployments import DEPLOYMENT, Deployment, kept
from tests.servers import Server, create_account, resource, run_cli, start_node, start_server, start_worker
from tests.uploads import pipe_upload


def entity_count(server: Server, key: str, job: dict) -> int:
    """Return how many entities the published version of a job's data source has, by a query."""
    base = next(link["url"] for link in job["links"] if link["role"] == "dataSource")
    parameters = {"$inlinecount": "allpages", "$top": "1", "$format": "json", "key": key}
    reply = httpx.get(f"{base}/Place", params=parameters)
    assert reply.status_code == 200, reply.text
    return int(reply.json()["d"]["__count"])


def test_a_load_is_accepted_completed_queried_and_downloaded(running_server: Server, keys: dict[str, str]):
    accepted = running_server.load(keys["master"], "Road", pipe_upload(50, bad_rows=1))
    job = running_server.finished(keys["master"], accepted["id"])

    assert (job["status"], job["processedEntityCount"], job["failedEntityCount"]) == ("Completed", 51, 1)
    assert entity_count(running_server, keys["query"], job) == 50
    base = next(link["url"] for link in job["links"] if link["role"] == "dataSource")
    started = running_server.client.get(
        base.replace("/data/", "/Dataflows/DataSourceDownload/"), params={"key": keys["master"]}
    )
    download = running_server.finished(keys["master"], resource(started)["id"], "DataSourceDownload")
    output = next(link["url"] for link in download["links"] if link["role"] == "output")
    assert httpx.get(output, params={"key": keys["master"]}).text.count("<EntityID>") == 50


def test_the_first_poll_finds_the_job_and_a_query_after_completed_sees_its_version(
    running_server: Server, keys: dict[str, str]
):
    for count in (5, 7, 6):
        accepted = running_server.load(keys["master"], "Again", pipe_upload(count))
        assert running_server.job(keys["master"], accepted["id"])["status"] in ("Pending", "Completed")
        job = running_server.finished(keys["master"], accepted["id"])
        assert entity_count(running_server, keys["query"], job) == count


def test_a_reserved_access_id_and_an_imported_key_make_an_old_url_work(running_server: Server):
    access_id, old_key = "ab" * 16, "Old_Key-of-the-service-that-was"
    create_account(running_server.data_dir, "mover")
    run_cli(running_server.data_dir, "key", "create", "mover", "--name", "old", "--value-from-stdin", stdin=old_key)
    run_cli(running_server.data_dir, "datasource", "reserve", "mover", "OldPlaces", "--access-id", access_id)

    running_server.finished(old_key, running_server.load(old_key, "OldPlaces", pipe_upload(4))["id"])

    url = f"/REST/v1/data/{access_id}/OldPlaces/Place?$format=json&key={old_key}"
    assert len(running_server.client.get(url).json()["d"]["results"]) == 4


def test_loads_of_two_data_sources_run_side_by_side_and_of_one_in_order(running_server: Server, keys: dict[str, str]):
    accepted = [running_server.load(keys["master"], "Line", pipe_upload(count)) for count in (3000, 30, 300)]
    jobs = [running_server.finished(keys["master"], job["id"]) for job in accepted]

    assert [job["status"] for job in jobs] == ["Completed"] * 3
    assert entity_count(running_server, keys["query"], jobs[-1]) == 300


def test_a_second_server_on_the_same_port_is_refused(running_server: Server, tmp_path: Path):
    port = running_server.url.rsplit(":", 1)[1]

    refused = run_cli(tmp_path / "data", "serve", "--port", port)

    assert refused.returncode == 1
    assert f"port {port}" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_sigterm_ends_every_process_with_exit_code_0(tmp_path: Path, command: str):
    start = start_node if command == "serve" else start_worker
    with start(tmp_path / "data") as running:
        processes = running.tree()

        assert running.stop() == 0

        gone, alive = psutil.wait_procs(processes, timeout=5)
        assert alive == []
        assert len(gone) >= 2


def test_sigterm_lets_the_requests_that_are_running_finish(tmp_path: Path):
    """An upload that is under way when the signal comes is still answered with 201."""
    half_sent = threading.Event()
    stopping = threading.Event()
    upload = pipe_upload(2000)

    def chunks():
        yield upload[: len(upload) // 2]
        half_sent.set()
        assert stopping.wait(30)
        yield upload[len(upload) // 2 :]

    with start_node(tmp_path / "data") as server, ThreadPoolExecutor(1) as pool:
        key = create_account(server.data_dir, "a")["master"]
        query = {"dataSourceName": "Slow", "loadOperation": "complete", "input": "pipe", "key": key}
        url = "/REST/v1/Dataflows/LoadDataSource"
        posted = pool.submit(lambda: server.client.post(url, params=query, content=chunks()))
        assert half_sent.wait(30)
        server.process.terminate()
        _wait_until_refused(server)
        stopping.set()

        assert posted.result(30).status_code == 201
        assert server.process.wait(30) == 0


def _wait_until_refused(server: Server) -> None:
    """Wait until the server accepts no more connections."""
    for _ in range(500):
        try:
            httpx.get(f"{server.url}/healthz", timeout=5)
        except httpx.TransportError:
            return
        time.sleep(0.02)
    pytest.fail("the server still accepts connections ten seconds after the signal")


def test_a_job_that_was_running_when_everything_was_killed_completes_after_a_restart(tmp_path: Path):
    data_dir = tmp_path / "data"
    with start_server(data_dir) as server:
        keys = create_account(data_dir, "a")
        first = server.finished(keys["master"], server.load(keys["master"], "Places", pipe_upload(10))["id"])
        accepted = server.load(keys["master"], "Places", pipe_upload(200_000))
        _wait_until_written(server, keys["master"], accepted["id"], 2)
        server.kill_tree()

    with start_server(data_dir) as server:
        assert server.job(keys["master"], accepted["id"])["status"] == "Pending"
        base = next(link["url"] for link in first["links"] if link["role"] == "dataSource")
        moved = {**first, "links": [{"role": "dataSource", "url": server.url + base[base.index("/REST") :]}]}
        assert entity_count(server, keys["query"], moved) == 10
        job = server.finished(keys["master"], accepted["id"])
        assert job["status"] == "Completed"
        assert entity_count(server, keys["query"], job) == 200_000
        assert run_cli(data_dir, "expire").returncode == 0

    assert len(kept(data_dir, "snapshots")) == 2


def _wait_until_written(server: Server, key: str, job_id: str, count: int) -> None:
    """Wait until a job writes a snapshot, which is the ``count``-th."""

    def is_being_written() -> bool:
        if DEPLOYMENT is Deployment.POSTGIS_S3:  # where nobody sees it before it is whole
            return bool(server.job(key, job_id)["processedEntityCount"])
        return len(kept(server.data_dir, "snapshots")) >= count

    deadline_s = time.monotonic() + 30
    while not is_being_written():
        assert time.monotonic() < deadline_s, "no snapshot was begun within 30 seconds"
        time.sleep(0.005)


def test_the_processes_of_a_server_that_is_killed_end_by_themselves(tmp_path: Path):
    with start_node(tmp_path / "data") as server:
        children = server.tree()[1:]

        server.process.kill()

        _, alive = psutil.wait_procs(children, timeout=10)
        assert alive == []


def test_a_process_that_dies_is_started_again(tmp_path: Path):
    with start_node(tmp_path / "data") as server:
        key = create_account(server.data_dir, "a")["master"]
        for process in server.tree()[1:]:
            if not process.children():  # the processes that do the work, not those that watch over them
                process.kill()

        for _ in range(1500):
            try:
                if httpx.get(f"{server.url}/readyz", timeout=5).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.02)
        job = server.finished(key, server.load(key, "Places", pipe_upload(5))["id"])
        assert job["status"] == "Completed"
        assert server.stop() == 0


def test_jobs_run_in_a_worker_beside_a_server_that_runs_none(tmp_path: Path):
    with start_server(tmp_path / "data", "--no-worker") as server:
        key = create_account(server.data_dir, "a")["master"]
        accepted = server.load(key, "Places", pipe_upload(5))
        assert server.job(key, accepted["id"])["status"] == "Pending"

        with start_worker(tmp_path / "data", "--concurrency", "1"):
            assert server.finished(key, accepted["id"])["status"] == "Completed"


def test_a_second_worker_takes_over_from_one_that_was_killed(tmp_path: Path):
    with start_server(tmp_path / "data", "--no-worker") as server:
        key = create_account(server.data_dir, "a")["master"]
        with start_worker(tmp_path / "data", "--concurrency", "1") as first:
            accepted = server.load(key, "Places", pipe_upload(200_000))
            _wait_until_written(server, key, accepted["id"], 1)
            first.kill_tree()
        assert server.job(key, accepted["id"])["status"] == "Pending"
        with start_worker(tmp_path / "data", "--concurrency", "1"):
            assert server.finished(key, accepted["id"])["status"] == "Completed"


def test_a_server_that_cannot_start_says_why_and_ends(tmp_path: Path):
    certificate = tmp_path / "cert.pem"
    certificate.write_text("not a certificate")
    command = [sys.executable, "-m", "geostead", "serve", "--data-dir", str(tmp_path / "data"), "--port", "0"]

    done = subprocess.run(
        [*command, "--tls-cert", str(certificate), "--tls-key", str(certificate)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 1
    assert "geostead: " in done.stderr
