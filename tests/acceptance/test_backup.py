"""Backups of an installation that is at work, checks of one that was damaged, chores beside everything else."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.deployments import only_in_a_folder, variables_of
from tests.servers import POLL_S, Server, create_account, run_cli, start_server, start_worker
from tests.uploads import pipe_upload

ENTITIES = 1_000
FEW = "endswith(EntityID,'00')"
"""A filter that ten entities satisfy, all over the file."""
TIMEOUT_S = 60.0
DATA_SOURCES = ("Published", "Staged")


def test_a_backup_of_a_server_at_work_is_restored_whole(tmp_path: Path) -> None:
    with start_server(tmp_path / "data") as server:
        key = create_account(server.data_dir, "owner")["master"]
        with at_work(server, key) as accepted:
            for _ in range(2):
                before = len(accepted)
                run(server.data_dir, "backup", str(tmp_path / "backup"))
                wait_until(lambda count=before: len(accepted) > count)
    run(tmp_path / "restored", "restore", str(tmp_path / "backup"))

    with start_server(tmp_path / "restored") as restored:
        for name in DATA_SOURCES:
            assert version_of(restored, key, name) is not None
        listed = restored.client.get("/REST/v1/Dataflows/ListJobs", params={"key": key}).json()
        for job in listed["resourceSets"][0]["resources"]:
            if job["__type"].startswith("DataflowJob"):
                assert restored.finished(key, job["id"])["status"] == "Completed"
        for name in DATA_SOURCES:
            assert version_of(restored, key, name) is not None
        assert json.loads(run(restored.data_dir, "check", "--json"))["faults"] == []


def test_a_backup_that_is_killed_leaves_the_earlier_one(tmp_path: Path) -> None:
    data_dir, backup = tmp_path / "data", tmp_path / "backup"
    with start_server(data_dir) as server:
        key = create_account(data_dir, "owner")["master"]
        load(server, key, "Published", 1)
        run(data_dir, "backup", str(backup))
        for number in range(2, 6):
            load(server, key, "Published", number)
            load(server, key, f"Extra{number}", number)
    copied = set((backup / "snapshots").iterdir())

    command = [sys.executable, "-m", "geostead", "backup", str(backup), "--data-dir", str(data_dir)]
    with subprocess.Popen(command, env={**os.environ, **variables_of(data_dir)}) as process:
        wait_until(lambda: set((backup / "snapshots").iterdir()) != copied)
        process.kill()
    assert process.returncode == -signal.SIGKILL

    assert answers_after_restoring(backup, tmp_path / "first", key) == "v1"
    run(data_dir, "backup", str(backup))
    assert answers_after_restoring(backup, tmp_path / "second", key) == "v5"


def test_a_backup_says_what_it_copied_again_because_the_earlier_one_was_damaged(tmp_path: Path) -> None:
    data_dir, backup = tmp_path / "data", tmp_path / "backup"
    with start_server(data_dir) as server:
        key = create_account(data_dir, "owner")["master"]
        load(server, key, "Published", 1)
        load(server, key, "Published", 2)
    assert "2 of them new.\n" in run(data_dir, "backup", str(backup))
    flipped, missing = sorted((backup / "snapshots").iterdir())
    flip_a_byte(flipped / "entities.arrow")
    shutil.rmtree(missing)

    assert run(data_dir, "backup", str(backup)).endswith(
        "0 of them new.\nDamaged or missing in the earlier backup, and copied again: 2.\n"
    )
    assert run(data_dir, "backup", str(backup)).endswith("0 of them new.\n")
    assert answers_after_restoring(backup, tmp_path / "restored", key) == "v2"


def answers_after_restoring(backup: Path, data_dir: Path, key: str) -> str | None:
    """Restore a backup into a new folder; return the version that a server on it answers with."""
    run(data_dir, "restore", str(backup))
    with start_server(data_dir, "--no-worker") as server:
        return version_of(server, key, "Published")


@only_in_a_folder("it damages the files of the folder")
def test_a_check_finds_a_flipped_byte_a_truncated_file_and_a_missing_folder(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with start_server(data_dir) as server:
        key = create_account(data_dir, "owner")["master"]
        for name in ("Flipped", "Truncated", "Missing", "Whole"):
            load(server, key, name, 1)
        run(data_dir, "check")
        snapshots = published_snapshots(data_dir)
        flipped, truncated, missing = (snapshots[name] for name in ("Flipped", "Truncated", "Missing"))
        flip_a_byte(flipped / "entities.arrow")
        (truncated / "fragments.bin").write_bytes(b"")
        shutil.rmtree(missing)

        done = run_cli(data_dir, "check", "--json")

        assert done.returncode == 1
        faults = {fault["dataSource"]: fault["problem"] for fault in json.loads(done.stdout)["faults"]}
        assert faults.keys() == {"Flipped", "Truncated", "Missing"}
        assert "entities.arrow" in faults["Flipped"]
        assert "fragments.bin: 0 bytes" in faults["Truncated"]
        assert "no such snapshot" in faults["Missing"]
        assert version_of(server, key, "Whole") == "v1"


def test_two_expires_at_once_beside_running_loads_take_nothing_that_is_needed(tmp_path: Path) -> None:
    with start_server(tmp_path / "data") as server, ThreadPoolExecutor(2) as pool:
        key = create_account(server.data_dir, "owner")["master"]
        with at_work(server, key) as accepted:
            for _ in range(2):
                before = len(accepted)
                runs = [pool.submit(run, server.data_dir, "expire", "--json") for _ in range(2)]
                assert all(json.loads(done.result())["files"] == 0 for done in runs)
                wait_until(lambda count=before: len(accepted) > count)
        assert {server.finished(key, job_id)["status"] for job_id in accepted} == {"Completed"}
        assert all(version_of(server, key, name) is not None for name in DATA_SOURCES)
        run(server.data_dir, "check")


@only_in_a_folder("its chore is a file that a killed process left there")
@pytest.mark.parametrize("command", ["serve --no-worker", "worker"])
def test_what_goes_on_running_does_the_chores_by_itself(tmp_path: Path, command: str) -> None:
    data_dir = tmp_path / "data"
    create_account(data_dir, "owner")
    abandoned = data_dir / "blobs" / "uploads" / "abandoned"
    abandoned.parent.mkdir(parents=True)
    abandoned.write_bytes(b"left by a process that was killed")
    with start_worker(data_dir) if command == "worker" else start_server(data_dir, "--no-worker"):
        wait_until(lambda: not abandoned.exists())


@contextmanager
def at_work(server: Server, key: str) -> Iterator[list[str]]:
    """Load one data source, and stage and publish another, again and again on two threads; return the loads' ids.

    All the while, whatever is published has to be one whole version.
    """
    stop, accepted = threading.Event(), list[str]()
    with ThreadPoolExecutor(2) as pool:
        workers: list[Future[None]] = [
            pool.submit(_repeat, stop, lambda number: accepted.append(load(server, key, "Published", number))),
            pool.submit(_repeat, stop, lambda number: accepted.append(stage_and_publish(server, key, number))),
        ]
        try:
            wait_until(lambda: len(accepted) >= 4)
            yield accepted
        finally:
            stop.set()
        for worker in workers:
            worker.result(TIMEOUT_S)


def _repeat(stop: threading.Event, do: Callable[[int], object]) -> None:
    number = 0
    while not stop.is_set():
        number += 1
        do(number)


def load(server: Server, key: str, name: str, number: int, **parameters: str) -> str:
    """Load a version into a data source; return the id of the job, which is completed."""
    job = server.load(key, name, pipe_upload(ENTITIES, name=f"v{number}"), **parameters)
    assert server.finished(key, job["id"])["status"] == "Completed"
    version_of(server, key, name)
    return str(job["id"])


def stage_and_publish(server: Server, key: str, number: int) -> str:
    job_id = load(server, key, "Staged", number, loadOperation="completeStaging")
    published = server.client.get(f"{url_of(server, key, 'Staged')}/$commit", params={"key": key})
    assert published.status_code == httpx.codes.ACCEPTED, published.text
    return job_id


def version_of(server: Server, key: str, name: str) -> str | None:
    """Return the published version of a data source, which has to be whole; None if there is none yet."""
    options = {"key": key, "$format": "json", "$inlinecount": "allpages", "$filter": FEW}
    reply = server.client.get(f"{url_of(server, key, name)}/Place", params=options)
    if reply.status_code == httpx.codes.NOT_FOUND:
        return None
    assert reply.status_code == httpx.codes.OK, reply.text
    found = reply.json()["d"]
    versions = {entity["Name"].split()[0] for entity in found["results"]}
    assert (found["__count"], len(versions)) == (str(ENTITIES // 100), 1)
    return str(versions.pop())


def url_of(server: Server, key: str, name: str) -> str:
    sources = server.client.get("/REST/v1/data", params={"key": key, "$format": "json"}).json()["d"]["DataSources"]
    (access_id,) = (source["AccessId"] for source in sources if source["Name"] == name)
    return f"/REST/v1/data/{access_id}/{name}"


def run(data_dir: Path, *arguments: str) -> str:
    """Run a command that has to succeed; return what it prints."""
    done = run_cli(data_dir, *arguments)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def published_snapshots(data_dir: Path) -> dict[str, Path]:
    """Return the folder of the published version of each data source, by name."""
    listed = json.loads(run(data_dir, "datasource", "list", "owner", "--json"))["dataSources"]
    return {
        found["dataSource"]: next((data_dir / "snapshots").glob(f"{found['versions'][0]['jobId']}-*"))
        for found in listed
    }


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + TIMEOUT_S
    while not is_so():
        assert time.monotonic() < deadline_s
        time.sleep(POLL_S / 4)
