"""How a server stops, seen from raw connections: those that wait, those that are idle, those that are half sent."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.servers import Server, create_account, start_node, start_worker
from tests.uploads import pipe_upload

LONG = {"GEOSTEAD_DRAIN_S": "600"}
"""A drain that no test waits for."""
SHORT = {"GEOSTEAD_DRAIN_S": "1"}
HALF_A_REQUEST = b"GET /healthz HTTP/1.1\r\nHo"
HALF_A_BODY = (
    b"POST /REST/v1/Dataflows/LoadDataSource?dataSourceName=A&loadOperation=complete&input=pipe&key=%s HTTP/1.1\r\n"
    b"Host: places.test\r\nContent-Length: 100000\r\n\r\nthe first few of many bytes"
)


@contextmanager
def connected(server: Server) -> Iterator[socket.socket]:
    """Open a connection."""
    url = urlsplit(server.url)
    with socket.create_connection((url.hostname, url.port), timeout=40) as connection:
        yield connection


def ask(connection: socket.socket, path: str = "/healthz") -> tuple[int, bool]:
    """Send a request; return the status of the reply, and whether the server says that it closes."""
    connection.sendall(b"GET %s HTTP/1.1\r\nHost: places.test\r\n\r\n" % path.encode())
    reply = b""
    while b"\r\n\r\n" not in reply:
        received = connection.recv(65_536)
        assert received, "the server closed the connection instead of answering"
        reply += received
    return int(reply.split()[1]), b"\r\nconnection: close\r\n" in reply.lower()


def ask_anew(server: Server, path: str) -> tuple[int, bool]:
    """Send a request on a connection of its own."""
    with connected(server) as connection:
        return ask(connection, path)


def is_closed(connection: socket.socket) -> bool:
    """Wait for what comes next, and tell whether that is the end of the connection."""
    return connection.recv(65_536) == b""


def begin_drain(server: Server) -> None:
    """Send SIGTERM and wait until some process tells of it."""
    server.process.terminate()
    while ask_anew(server, "/readyz")[0] == 200:
        pass


def test_a_server_that_drains_is_not_ready_in_any_process_but_answers_on_new_and_on_idle_connections(tmp_path: Path):
    with (
        start_node(tmp_path / "data", "--workers", "3", "--no-worker", environment=LONG) as server,
        connected(server) as idle,
        connected(server) as silent,
    ):
        assert ask(idle) == (200, False)
        begin_drain(server)

        # Linux spreads new connections over the three processes at random.
        assert {ask_anew(server, "/readyz") for _ in range(60)} == {(503, True)}
        assert ask_anew(server, "/healthz") == (200, True)
        assert ask(idle) == (200, True)
        assert is_closed(idle)

        server.process.terminate()  # the second signal ends the wait
        assert is_closed(silent)
        assert server.process.wait(30) == 0


def test_the_drain_ends_by_itself(tmp_path: Path):
    with (
        start_node(tmp_path / "data", "--no-worker", environment=SHORT) as server,
        connected(server) as idle,
    ):
        assert ask(idle) == (200, False)
        begin_drain(server)

        assert is_closed(idle)
        assert server.process.wait(30) == 0


def test_ctrl_c_does_not_wait(tmp_path: Path):
    with start_node(tmp_path / "data", environment=LONG) as server:
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(30) == 0


def test_a_process_that_dies_while_the_server_drains_is_started_again(tmp_path: Path):
    with start_node(tmp_path / "data", "--no-worker", environment=LONG) as server:
        begin_drain(server)
        (http_server,) = (process for process in server.children() if process.children())
        http_server.kill()
        http_server.wait(30)

        while True:
            try:
                assert ask_anew(server, "/readyz") == (503, True)
                break
            except (ConnectionError, AssertionError):
                assert server.process.poll() is None
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(30) == 0


@pytest.mark.skipif("GEOSTEAD_TEST_KILLS" not in os.environ, reason="takes half a minute: part of `make soak`")
def test_requests_that_are_never_sent_to_their_end_hold_up_a_server_for_a_while_only(tmp_path: Path):
    with start_node(tmp_path / "data", "--no-worker", environment=SHORT) as server:
        key = create_account(server.data_dir, "a")["master"]
        with connected(server) as half, connected(server) as upload:
            half.sendall(HALF_A_REQUEST)
            upload.sendall(HALF_A_BODY % key.encode())

            server.process.terminate()

            assert server.process.wait(1 + 25 + 5) == 0


def test_jobs_that_several_processes_of_a_worker_ran_at_the_signal_are_finished_or_run_again(tmp_path: Path):
    with start_node(tmp_path / "data", "--no-worker") as server:
        key = create_account(server.data_dir, "a")["master"]
        accepted = [server.load(key, name, pipe_upload(50_000))["id"] for name in ("A", "B", "C", "D")]
        with start_worker(tmp_path / "data", "--concurrency", "2") as worker:
            while not any(job["processedEntityCount"] for job in (server.job(key, id_) for id_ in accepted)):
                pass
            assert worker.stop() == 0

        with start_worker(tmp_path / "data", "--concurrency", "2"):
            jobs = [server.finished(key, id_) for id_ in accepted]
        assert [(job["status"], job["processedEntityCount"]) for job in jobs] == [("Completed", 50_000)] * 4
