"""Asking a routing server that answers, and one that does everything else."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Sequence
from contextlib import contextmanager
from itertools import count

import pytest
import trustme

from geostead.errors import Unavailable
from geostead.routing.engine_server import MAX_REPLY_BYTES, EngineServer, Surroundings
from geostead.routing.engine_url import parse_engine_url
from tests.remote_hosts import Answer, dripping, file, raw, redirect, reply, reset, running_host, silence

TOLD = "The routing engine does not answer; try again later."
MOMENT_S = 0.2


class Pauses(list[float]):
    """Keeps how long it was asked to wait."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@contextmanager
def asking(*answers: Answer, timeout_s: float = 10, query: str = "", surroundings: Surroundings | None = None):
    with running_host(*answers) as host:
        url = parse_engine_url(f"osrm+http://127.0.0.1:{host.port}{query}")
        yield EngineServer(url, timeout_s, surroundings or Surroundings(wait_s=Pauses())), host


def ask(server: EngineServer) -> bytes:
    return server.ask("/route", "a=1", server.deadline())


def refused(server: EngineServer, caplog: pytest.LogCaptureFixture) -> str:
    """Ask in vain; return why the log says it was."""
    caplog.clear()
    with pytest.raises(Unavailable) as raised, caplog.at_level(logging.WARNING):
        ask(server)
    assert str(raised.value) == TOLD
    (line,) = caplog.messages
    return line


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request"])
def test_what_the_engine_answers_is_returned(status: str) -> None:
    with asking(reply(status, b"{}")) as (server, host):
        assert ask(server) == b"{}"
    assert host.target() == "/route?a=1"
    assert host.headers()["host"] == f"127.0.0.1:{host.port}"


@pytest.mark.parametrize("answers", [(reply("503 Busy"), file(b"{}")), (reset, raw(b""), file(b"{}"))])
def test_what_may_pass_is_tried_again_after_a_pause(answers: Sequence[Answer]) -> None:
    pauses = Pauses()
    with asking(*answers, surroundings=Surroundings(wait_s=pauses)) as (server, host):
        assert ask(server) == b"{}"
    assert len(host.requests) == len(answers)
    assert pauses == [0.1, 0.5][: len(answers) - 1]


def test_after_three_attempts_the_engine_is_unavailable(caplog: pytest.LogCaptureFixture) -> None:
    with asking(reply("500 Oh no", b"secret stack")) as (server, host):
        assert refused(server, caplog).endswith("does not answer: it answered 500.")
    assert len(host.requests) == 3


@pytest.mark.parametrize("status", ["401 Unauthorized", "404 Not Found", "429 Too Many", "204 No Content"])
def test_a_status_that_no_engine_answers_with_is_not_tried_again(status: str, caplog: pytest.LogCaptureFixture) -> None:
    with asking(reply(status)) as (server, host):
        assert f"it answered {status[:3]}" in refused(server, caplog)
    assert len(host.requests) == 1


def test_no_redirect_is_followed(caplog: pytest.LogCaptureFixture) -> None:
    with (
        asking(file(b"{}")) as (_, elsewhere),
        asking(redirect(elsewhere.url("/", name="127.0.0.1"))) as (server, host),
    ):
        assert "it answered 302" in refused(server, caplog)
    assert (len(host.requests), len(elsewhere.requests)) == (1, 0)


def test_an_engine_that_says_nothing_is_waited_for_as_long_as_is_set(caplog: pytest.LogCaptureFixture) -> None:
    with asking(silence, timeout_s=MOMENT_S) as (server, host):
        assert refused(server, caplog).endswith("does not answer: it took too long.")
    assert len(host.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        dripping(b"HTTP/1.1 200 OK\r\nX-Header: ", b"x\r\nX-Header: "),
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n"),
    ],
    ids=["headers", "body"],
)
def test_an_engine_that_goes_on_for_ever_is_cut_off_by_time_or_size(
    answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    ticks = count(0.0, 0.5)  # every look at the clock is half a second later
    surroundings = Surroundings(wait_s=Pauses(), now_s=lambda: next(ticks))
    with asking(answer, surroundings=surroundings) as (server, _):
        assert "does not answer" in refused(server, caplog)


def test_an_answer_has_a_greatest_size(caplog: pytest.LogCaptureFixture) -> None:
    with asking(file(bytes(MAX_REPLY_BYTES + 1))) as (server, _):
        assert "more than 33,554,432 bytes" in refused(server, caplog)


@pytest.mark.parametrize("garbage", [b"\x00\xff\x00\xff\r\n\r\n", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_what_is_not_http_is_no_answer(garbage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with asking(raw(garbage)) as (server, _):
        assert "no connection could be made, or it broke off" in refused(server, caplog)


def test_a_refused_connection_is_tried_three_times(caplog: pytest.LogCaptureFixture) -> None:
    pauses = Pauses()
    with asking(surroundings=Surroundings(wait_s=pauses)) as (server, _):
        pass  # and now nobody listens there
    assert "no connection could be made" in refused(server, caplog)
    assert pauses == [0.1, 0.5]


def test_there_is_no_second_attempt_when_the_time_is_up(caplog: pytest.LogCaptureFixture) -> None:
    pauses = Pauses()
    now_s = [0.0]

    def busy(stream: socket.socket) -> None:
        now_s[0] = 9.95
        reply("503 Busy")(stream)

    with asking(busy, surroundings=Surroundings(wait_s=pauses, now_s=lambda: now_s[0])) as (server, host):
        assert "it answered 503" in refused(server, caplog)
    assert (len(host.requests), pauses) == (1, [])


def test_a_server_that_keeps_failing_is_let_alone_and_tried_again_later() -> None:
    now_s = [0.0]
    surroundings = Surroundings(wait_s=Pauses(), now_s=lambda: now_s[0])
    with asking(*[reply("404 Gone")] * 5, file(b"{}"), surroundings=surroundings) as (server, host):
        for _ in range(5):
            with pytest.raises(Unavailable, match="does not answer"):
                ask(server)
        with pytest.raises(Unavailable, match="several times in a row"):
            ask(server)
        assert len(host.requests) == 5
        now_s[0] = 16.0

        assert ask(server) == b"{}"
        assert ask(server) == b"{}"


def test_a_key_in_the_url_goes_into_requests_and_nowhere_else(caplog: pytest.LogCaptureFixture) -> None:
    with asking(reply("403 Forbidden"), query="/v1?api_key=secret") as (server, host):
        line = refused(server, caplog)
    assert host.target() == "/v1/route?a=1&api_key=secret"
    assert "secret" not in line
    assert f"http://127.0.0.1:{host.port}/v1" in line


def test_https_takes_only_certificates_that_are_trusted(caplog: pytest.LogCaptureFixture) -> None:
    authority, stranger = trustme.CA(), trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with running_host(file(b"{}"), tls=context) as host:
        url = parse_engine_url(f"valhalla+https://127.0.0.1:{host.port}")

        def server(trusted: trustme.CA) -> EngineServer:
            trust = ssl.create_default_context()
            trusted.configure_trust(trust)
            return EngineServer(url, 10, Surroundings(trust=lambda: trust, wait_s=Pauses()))

        assert ask(server(authority)) == b"{}"
        assert "its certificate is not accepted" in refused(server(stranger), caplog)
