"""Loads from a URL on a running server: from Azure, as Azurite plays it, and from hosts that do not behave."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.azurite import Azurite, running_azurite
from tests.deployments import kept
from tests.remote_hosts import dripping, file, redirect, running_host
from tests.servers import JOB_TIMEOUT_S, POLL_S, Server, create_account, start_server
from tests.uploads import pipe_upload

LOAD = "/REST/v1/Dataflows/LoadDataSource"


@pytest.fixture(scope="module")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    with running_azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a server that may fetch from this machine, and that logs whatever it can."""
    environment = {"GEOSTEAD_ALLOWED_FETCH_HOSTS": "127.0.0.1", "GEOSTEAD_LOG_LEVEL": "debug"}
    with start_server(tmp_path_factory.mktemp("installation") / "data", environment=environment) as server:
        yield server


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    return create_account(server.data_dir, "loader")["master"]


def post(server: Server, key: str, location: str | None, body: bytes = b"", **parameters: str) -> httpx.Response:
    """Post a load; without a body unless one is given."""
    query = {"dataSourceName": "Places", "loadOperation": "complete", "input": "pipe", "key": key, **parameters}
    if location is not None:
        query["dataLocation"] = location
    return server.client.post(LOAD, params=query, content=body)


def loaded(server: Server, key: str, location: str, **parameters: str) -> dict[str, Any]:
    """Load from a URL and return the job at its end."""
    return server.finished(key, server.load(key, "Places", b"", dataLocation=location, **parameters)["id"])


def refused(server: Server, key: str, location: str | None, body: bytes = b"") -> str:
    """Return the words in which a load is refused at once."""
    reply = post(server, key, location, body)
    assert reply.status_code == 400, reply.text
    (words,) = reply.json()["errorDetails"]
    return words


def everything_about(server: Server, key: str, job: dict[str, Any]) -> str:
    """Return all that the server tells about a job: status in both formats, error log, job list, its own log."""
    log = next((link["url"] for link in job["links"] if link["role"] == "output"), None)
    pages = [
        server.client.get(f"{LOAD}/{job['id']}", params={"key": key}),
        server.client.get(f"{LOAD}/{job['id']}", params={"key": key, "o": "xml"}),
        server.client.get("/REST/v1/Dataflows/ListJobs", params={"key": key}),
        *([server.client.get(log, params={"key": key})] if log else []),
    ]
    assert [page.status_code for page in pages] == [200] * len(pages)
    return "".join(page.text for page in pages) + server.log.read_text()


# Azure


def test_a_blob_of_a_public_container_is_loaded_without_a_signature(server: Server, key: str, azurite: Azurite):
    upload = pipe_upload(50, bad_rows=1)

    job = loaded(server, key, azurite.put("places.txt", upload, public=True))

    assert (job["status"], job["processedEntityCount"], job["failedEntityCount"]) == ("Completed", 51, 1)
    assert job["fetchedByteCount"] == len(upload)


def test_a_private_blob_is_loaded_with_a_signature(server: Server, key: str, azurite: Azurite):
    azurite.put("folder/all places.txt", pipe_upload(20), public=False)
    location = azurite.signed("folder/all places.txt")

    job = loaded(server, key, location)

    assert (job["status"], job["processedEntityCount"]) == ("Completed", 20)
    assert_no_secret_of(location, everything_about(server, key, job))


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page uses curl, which is not installed")
def test_the_command_of_the_how_to_page_loads_a_signed_blob(server: Server, key: str, azurite: Azurite):
    azurite.put("shops.txt", pipe_upload(7), public=False)
    page = (Path(__file__).parents[2] / "docs/how-to/load-from-a-url.md").read_text()
    command = page.partition("```sh")[2].partition("```")[0].partition("curl")[2]
    variables = {"API": f"{server.url}/REST/v1", "KEY": key, "LOCATION": azurite.signed("shops.txt")}

    done = subprocess.run(
        ["bash", "-c", f"curl{command}"], env={**os.environ, **variables}, capture_output=True, timeout=30, check=True
    )

    accepted = json.loads(done.stdout)["resourceSets"][0]["resources"][0]
    assert server.finished(key, accepted["id"])["processedEntityCount"] == 7


def test_a_gzipped_blob_is_loaded(server: Server, key: str, azurite: Azurite):
    upload = gzip.compress(pipe_upload(30))

    job = loaded(server, key, azurite.put("places.txt.gz", upload, public=True))

    assert (job["status"], job["processedEntityCount"]) == ("Completed", 30)
    assert job["fetchedByteCount"] == len(upload)


@pytest.mark.parametrize("why", ["expired", "wrong", "missing"])
def test_a_signature_that_does_not_open_the_blob_aborts_the_load_and_is_told_nowhere(
    server: Server, key: str, azurite: Azurite, why: str
):
    url = azurite.put("secret.txt", pipe_upload(1), public=False)
    valid = azurite.signed("secret.txt")
    location = {
        "expired": azurite.signed("secret.txt", valid_for=timedelta(hours=-1)),
        "wrong": valid.replace(signature_of(valid), "V" * 43 + "%3D"),
        "missing": url,
    }[why]

    job = loaded(server, key, location)

    assert job["status"] == "Aborted"
    assert job["errorMessage"] == (
        f"{url} cannot be fetched: its host answered 403 Forbidden (AuthorizationFailure); "
        "a signature is missing, wrong or has expired."
    )
    assert_no_secret_of(location, everything_about(server, key, job))


def test_a_blob_that_does_not_exist_aborts_the_load(server: Server, key: str, azurite: Azurite):
    job = loaded(server, key, f"{azurite.put('one.txt', b'x', public=True)}.other")

    assert job["status"] == "Aborted"
    assert "one.txt.other cannot be fetched: its host answered 404 Not Found (BlobNotFound)" in job["errorMessage"]


def signature_of(url: str) -> str:
    """Return the value of ``sig``, as it stands in the URL."""
    return next(part for part in urlsplit(url).query.split("&") if part.startswith("sig=")).removeprefix("sig=")


def assert_no_secret_of(url: str, text: str) -> None:
    """Assert that a text has neither the signature, in any spelling, nor the query string."""
    query = urlsplit(url).query
    for secret in [query, *parse_qs(query).get("sig", []), *([signature_of(url)] if query else [])]:
        assert not secret or secret not in text


# What is refused at once


def test_a_host_that_is_not_allowed_is_refused_at_once(running_server: Server, keys: dict[str, str]):
    words = refused(running_server, keys["master"], "https://places.example/shops.txt?sig=SECRET")

    assert words.startswith("dataLocation: found 'https://places.example/shops.txt'; expected a URL on a host")
    assert "SECRET" not in running_server.log.read_text()


def test_an_address_that_is_not_allowed_is_refused_at_once_and_a_name_when_it_is_looked_up(server: Server, key: str):
    """Where addresses are listed, any name may have one of them."""
    assert refused(server, key, "http://192.0.2.1/shops.txt").startswith("dataLocation: found 'http://192.0.2.1/")

    job = loaded(server, key, "http://no-such-host.invalid/shops.txt?sig=SECRET")

    assert job["status"] == "Aborted"
    assert job["errorMessage"].startswith("http://no-such-host.invalid/shops.txt cannot be fetched: its host has no")


def test_this_machine_is_not_allowed_by_default(running_server: Server, keys: dict[str, str]):
    with running_host(file(pipe_upload(1))) as host:
        for name in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0.0.0.0"):
            assert refused(running_server, keys["master"], host.url(name=name)).startswith("dataLocation: ")

    assert host.connection_count == 0


def test_body_and_location_exclude_each_other(server: Server, key: str):
    words = refused(server, key, "http://127.0.0.1/a?sig=SECRET", body=pipe_upload(1))

    assert "dataLocation" in words
    assert "SECRET" not in words


def test_one_of_body_and_location_is_needed(server: Server, key: str):
    assert "body" in refused(server, key, None)


# Hosts that do not behave


def test_a_host_that_redirects_elsewhere_aborts_the_load(server: Server, key: str):
    with (
        running_host(file(pipe_upload(1)), address="127.0.0.2") as forbidden,
        running_host(redirect(forbidden.url("/a?sig=SECRET", name="127.0.0.2"))) as host,
    ):
        job = loaded(server, key, host.url(name="127.0.0.1"))

    assert job["status"] == "Aborted"
    assert "the operator does not allow its host" in job["errorMessage"]
    assert forbidden.connection_count == 0
    assert "SECRET" not in everything_about(server, key, job)


def test_a_file_beyond_the_limit_aborts_the_load_without_being_fetched_to_its_end(server: Server):
    basic = create_account(server.data_dir, "small", "--limits", "basic")["master"]
    endless = b"HTTP/1.1 200 OK\r\n\r\nBing Spatial Data Services, 1.0, Place\n"

    with running_host(dripping(endless, b"x" * 1_000_000)) as host:
        job = loaded(server, basic, host.url(name="127.0.0.1"))

    assert job["status"] == "Aborted"
    assert "Limit exceeded" in job["errorMessage"]
    assert kept(server.data_dir, "blobs/uploads") == []


def test_the_status_tells_how_much_is_fetched_while_it_is(server: Server, key: str):
    upload = pipe_upload(2_000)
    half = len(upload) // 2
    go_on = threading.Event()

    def halves(stream: socket.socket) -> None:
        stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(upload) + upload[:half])
        assert go_on.wait(JOB_TIMEOUT_S)
        stream.sendall(upload[half:])

    with running_host(halves) as host:
        job_id = server.load(key, "Places", b"", dataLocation=host.url(name="127.0.0.1"))["id"]
        halfway = _fetched(server, key, job_id, half)
        go_on.set()
        job = server.finished(key, job_id)

    assert (halfway["status"], halfway["fetchedByteCount"]) == ("Pending", half)
    assert (job["status"], job["fetchedByteCount"]) == ("Completed", len(upload))


def _fetched(server: Server, key: str, job_id: str, at_least: int) -> dict[str, Any]:
    """Poll a job until so many bytes are fetched."""
    deadline_s = time.monotonic() + JOB_TIMEOUT_S
    while (job := server.job(key, job_id)).get("fetchedByteCount", 0) < at_least:
        assert job["status"] == "Pending", job
        assert time.monotonic() < deadline_s, job
        time.sleep(POLL_S)
    return job
