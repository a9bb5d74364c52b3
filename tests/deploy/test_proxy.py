"""deploy/haproxy.cfg, read by HAProxy."""

from __future__ import annotations

import re
import socket
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.clusters import HAPROXY, free_ports, running_proxy
from tests.deploy_files import DEPLOY, FILLED_IN, compose, proxy_configuration
from tests.remote_hosts import file, reset, running_host

HERE = {"api-1": 1, "api-2": 2}

needs_haproxy = pytest.mark.skipif(HAPROXY is None, reason="HAProxy is not installed")


def check(file: Path) -> subprocess.CompletedProcess[str]:
    """Let HAProxy read a configuration."""
    return subprocess.run([str(HAPROXY), "-c", "-f", str(file)], capture_output=True, text=True, check=False)


@needs_haproxy
def test_haproxy_takes_the_file_as_it_is_where_the_nodes_have_no_addresses_yet() -> None:
    done = check(DEPLOY / "haproxy.cfg")
    assert done.returncode == 0, done.stderr


@needs_haproxy
def test_haproxy_has_nothing_to_remark_where_they_have(tmp_path: Path) -> None:
    file = tmp_path / "haproxy.cfg"
    file.write_text(proxy_configuration(8080, 8404, HERE))
    done = check(file)
    assert (done.returncode, "WARNING" in done.stderr) == (0, False), done.stderr


def test_the_nodes_and_ports_of_the_file_are_those_of_compose() -> None:
    text = (DEPLOY / "haproxy.cfg").read_text()
    services = compose(FILLED_IN)["services"]
    nodes = [name for name in services if name.startswith("api-")]
    assert re.findall(r"^    server (\S+) \1:8080$", text, re.MULTILINE) == nodes * 2  # when ready, and when not
    (published,) = services["proxy"]["ports"]
    assert f"    bind :{published.split(':')[-1]}\n" in text


def test_requests_are_logged_without_their_query_strings_which_hold_keys() -> None:
    (line,) = re.findall(r"^ +log-format (.+)$", (DEPLOY / "haproxy.cfg").read_text(), re.MULTILINE)
    assert "%HPO" in line
    assert not re.search(r"%(HU|HQ|HP|r)\b|%\[", line)


@needs_haproxy
def test_metrics_of_a_node_are_for_nobody_who_comes_through_the_proxy_and_nodes_see_that_there_is_one(
    tmp_path: Path,
) -> None:
    with running_host(file(b"answered")) as node:
        (port,) = free_ports(1)
        with running_proxy(tmp_path / "proxy", port, [node.port]), httpx.Client() as client:
            for path in ("/metrics", "/metrics/", "//metrics", "/%6Detrics", "/METRICS?x=1"):
                reply = client.get(f"http://127.0.0.1:{port}{path}")
                assert reply.status_code == 404, path
                assert reply.content == b"", path
            assert not [request for request in node.requests if b"etrics" in request]
            client.get(f"http://127.0.0.1:{port}/REST/v1/data")
            (asked,) = [request for request in node.requests if b"/REST" in request.split(b"\r\n")[0]]
            assert b"x-forwarded-for: 127.0.0.1\r\n" in asked.lower()


def test_what_goes_to_the_backend_for_changes_is_what_is_never_sent_again() -> None:
    text = (DEPLOY / "haproxy.cfg").read_text()
    (never_again, changes) = (
        re.findall(rf"^    {rule} (if .+)$", text, re.MULTILINE)
        for rule in ("http-request disable-l7-retry", "use_backend changes")
    )
    assert never_again == changes != []


def answer_until_it_dies(listener: socket.socket) -> None:
    """Answer requests on connections that stay; at the one for b be gone, and so for all others."""
    with suppress(OSError):  # gone
        while True:
            threading.Thread(target=converse, args=(listener.accept()[0], listener)).start()


def converse(connection: socket.socket, listener: socket.socket) -> None:
    with connection, suppress(OSError):
        while request := connection.recv(65_536):
            if b"/data/b" in request:
                listener.shutdown(socket.SHUT_RDWR)
                listener.close()
                reset(connection)
                return
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nanswered")


@needs_haproxy
def test_a_node_that_dies_on_a_connection_that_was_used_before_and_is_gone_is_503(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        node = threading.Thread(target=answer_until_it_dies, args=(listener,))
        node.start()
        (port,) = free_ports(1)
        with running_proxy(tmp_path / "proxy", port, [listener.getsockname()[1]]), httpx.Client() as client:
            assert client.get(f"http://127.0.0.1:{port}/REST/v1/data/a").text == "answered"
            reply = client.get(f"http://127.0.0.1:{port}/REST/v1/data/b")
        node.join()
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "2")


@needs_haproxy
@pytest.mark.parametrize(("method", "times"), [("GET", 4), ("POST", 1)])
def test_a_node_that_dies_without_an_answer_is_503_also_where_the_client_has_asked_before(
    tmp_path: Path, method: str, times: int
) -> None:
    def answer(stream: socket.socket) -> None:
        dies = b"/data/b" in node.requests[-1]
        (reset if dies else file(b"answered"))(stream)

    with running_host(answer) as node:
        (port,) = free_ports(1)
        with running_proxy(tmp_path / "proxy", port, [node.port]), httpx.Client() as client:
            assert client.get(f"http://127.0.0.1:{port}/REST/v1/data/a").text == "answered"
            reply = client.request(method, f"http://127.0.0.1:{port}/REST/v1/data/b")
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "2")
    assert len([request for request in node.requests if b"/data/b" in request]) == times
