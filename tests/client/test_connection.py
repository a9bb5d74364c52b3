"""What is sent again and what is not, what errors mean, and that a key is never shown: on a server that stumbles."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import socket
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from geostead.client import (
    AccessDenied,
    BadRequest,
    ClientError,
    DataSource,
    Geostead,
    Job,
    JobKind,
    JobStatus,
    LimitExceeded,
    NoReply,
    NotFound,
    Refused,
    Retries,
    ServerFailed,
    UnexpectedReply,
)
from geostead.client.documents import _instant
from tests.client.stumbling_server import DEAD, EMPTY_LIST, Reply, Stumbling, stumbling_server

KEY = "sesame open/+&=%3D geheim"
QUICK = Retries(attempts=4, first_wait_s=0.001)
SOURCE = DataSource("Shops", "0" * 32, "Shop", False, _instant("Sun, 01 Mar 2026 12:00:00 GMT"), "")
DOWNLOAD = Job(
    "1" * 32, JobKind.DOWNLOAD, JobStatus.COMPLETED, None, None, SOURCE.updated_at, None, None, 1, 0, None, False
)
BUSY = Reply(503, b"busy", {"Retry-After": "0"})


def client_of(server: Stumbling | str, retries: Retries = QUICK) -> Geostead:
    return Geostead(server if isinstance(server, str) else server.url, KEY, timeout_s=5, retries=retries)


@contextmanager
def speaking_to(*script: Reply | None, retries: Retries = QUICK) -> Iterator[tuple[Stumbling, Geostead]]:
    with stumbling_server(*script) as server, client_of(server, retries) as geostead:
        yield server, geostead


def envelope(code: str, *details: str) -> bytes:
    return json.dumps({"authenticationResultCode": code, "errorDetails": details, "resourceSets": []}).encode()


def everything_about(error: BaseException) -> str:
    """Return all that logs and debuggers show of an error, what caused it and the requests it knows included."""
    texts = traceback.format_exception(error)
    chain: list[BaseException] = [error]
    while (cause := chain[-1].__cause__) is not None:
        chain.append(cause)
    for one in chain:
        request = getattr(one, "_request", None)
        texts += [repr(one), str(vars(one)), "" if request is None else f"{request!r} {request.url}"]
    return "".join(texts)


def test_what_only_reads_is_sent_again_after_503_and_after_a_dead_connection():
    with speaking_to(BUSY, DEAD, Reply(502), EMPTY_LIST) as (server, geostead):
        assert geostead.data_sources() == []
    assert len(server.requests) == 4


def test_a_reply_that_breaks_off_is_asked_for_again():
    body = EMPTY_LIST.body
    with speaking_to(Reply(body=body, cut=5), EMPTY_LIST) as (_server, geostead):
        assert geostead.data_sources() == []


def test_the_wait_is_the_one_that_the_server_asks_for():
    asked = Reply(503, b"", {"Retry-After": "1"})
    patient = Retries(attempts=3, first_wait_s=3600, longest_wait_s=3600)
    with speaking_to(asked, BUSY, EMPTY_LIST, retries=patient) as (server, geostead):
        geostead.data_sources()
    first, second, third = (request.at_s for request in server.requests)
    assert second - first >= 1
    assert third - second < 60


def test_a_server_that_asks_for_too_long_is_not_asked_again():
    with speaking_to(Reply(503, b"", {"Retry-After": "7200"})) as (server, geostead), pytest.raises(ServerFailed):
        geostead.data_sources()
    assert len(server.requests) == 1


def test_after_the_last_try_the_error_is_that_of_the_reply():
    body = envelope("None", "The catalog does not answer.")
    busy = Reply(503, body, {"Retry-After": "0", "X-Request-Id": "abc123"})
    with (
        speaking_to(busy) as (server, geostead),
        pytest.raises(ServerFailed, match="catalog does not answer") as caught,
    ):
        geostead.jobs()
    assert len(server.requests) == 4
    assert (caught.value.status, caught.value.code, caught.value.trace_id) == (503, "Unavailable", "abc123")
    assert caught.value.retry_after_s == 0


@pytest.mark.parametrize("stumble", [BUSY, DEAD], ids=["503", "dead"])
def test_what_acts_is_never_sent_twice_where_it_may_have_been_accepted(stumble: Reply | None):
    acts = (
        lambda geostead: geostead.load("Shops", b"x", input="pipe"),
        lambda geostead: geostead.load_from("Shops", "https://host/x", input="pipe"),
        lambda geostead: geostead.publish(SOURCE),
        lambda geostead: geostead.roll_back(SOURCE, "2" * 32),
        lambda geostead: geostead.set_public(SOURCE, True),
        lambda geostead: geostead.delete(SOURCE),
        lambda geostead: geostead.start_download(SOURCE),
        lambda geostead: geostead.cancel(DOWNLOAD),
    )
    with speaking_to(stumble) as (server, geostead):
        for act in acts:
            with pytest.raises((ServerFailed, NoReply)):
                act(geostead)
    assert len(server.requests) == len(acts)


def test_a_load_is_sent_again_whole_where_no_connection_was_made(monkeypatch: pytest.MonkeyPatch):
    """The port is free for the first two tries: the server is bound when the client waits for its third."""
    accepted = Reply(201, json.dumps({"resourceSets": [{"resources": [JOB]}]}).encode())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        tries: list[str] = []
        real = socket.create_connection

        def connect(address: tuple[str, int], *args: object, **named: object) -> socket.socket:
            tries.append("try")
            return real((address[0], server_port if len(tries) > 2 else address[1]), *args, **named)

        with stumbling_server(accepted) as server, client_of(url) as geostead:
            server_port = int(server.url.rpartition(":")[2])
            monkeypatch.setattr(socket, "create_connection", connect)
            job = geostead.load("Shops", iter([b"one ", b"two"]), input="pipe")
    assert (len(tries), job.id) == (3, JOB["id"])


JOB = {
    "__type": "DataflowJob:http://schemas.microsoft.com/search/local/ws/rest/v1",
    "id": "3" * 32,
    "links": [],
    "createdDate": "Sun, 01 Mar 2026 12:00:00 GMT",
    "status": "Pending",
}


def test_a_server_that_is_not_there_is_told_with_its_url():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with client_of(url) as geostead, pytest.raises(NoReply, match=f"^{url} does not answer: ") as caught:
            geostead.data_sources()
    assert (caught.value.status, caught.value.code) == (None, "NoReply")


@pytest.mark.parametrize(
    ("status", "code", "kind", "shown"),
    [
        (400, "ValidCredentials", BadRequest, "InvalidParameter"),
        (401, "CredentialsExpired", AccessDenied, "CredentialsExpired"),
        (403, "ValidCredentials", LimitExceeded, "LimitExceeded"),
        (404, "ValidCredentials", NotFound, "NotFound"),
        (405, "None", Refused, "MethodNotAllowed"),
        (413, "ValidCredentials", LimitExceeded, "LimitExceeded"),
        (500, "None", ServerFailed, "InternalError"),
    ],
)
def test_each_status_of_an_envelope_is_an_error_of_its_own(status: int, code: str, kind: type[Refused], shown: str):
    with (
        speaking_to(Reply(status, envelope(code, "one", "two"))) as (_server, geostead),
        pytest.raises(kind, match=r"^one; two$") as caught,
    ):
        geostead.jobs()
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.code) == (status, shown)


def test_an_odata_error_tells_its_own_code():
    body = json.dumps({"error": {"code": "InvalidFilter", "message": {"lang": "en-US", "value": "$filter: no"}}})
    with (
        speaking_to(Reply(400, body.encode())) as (_server, geostead),
        pytest.raises(BadRequest, match=r"\$filter: no") as caught,
    ):
        geostead.query(SOURCE, filter="x").count()
    assert caught.value.code == "InvalidFilter"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"<html>hello"),
        Reply(200, b"{}"),
        Reply(200, b'{"d": []}'),
        Reply(302, b"", {"Location": "https://elsewhere/login"}),
    ],
    ids=["page", "object", "array", "redirect"],
)
def test_what_is_no_reply_of_a_geostead_is_told_as_that(reply: Reply):
    with speaking_to(reply) as (_server, geostead), pytest.raises(UnexpectedReply):
        geostead.data_sources()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            b"<!doctype html>\n<HTML lang=en>\n<h1>Bad\n Gateway</h1>" + b"x" * 5000,
            " and a web page, .* check the URL, .*",
        ),
        (b"no\n such thing" + b"x" * 5000, ": no such thingx+"),
        (b"", r"\."),
    ],
    ids=["page", "text", "nothing"],
)
def test_what_is_no_error_of_a_geostead_is_told_on_one_short_line(body: bytes, told: str):
    with speaking_to(Reply(404, body)) as (_server, geostead), pytest.raises(NotFound) as caught:
        geostead.data_sources()
    assert re.fullmatch(f"The server answers with 404 Not Found{told}", str(caught.value))
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("stumble", ["dead", "echo", "redirect", "gone"])
def test_no_error_and_no_log_line_shows_a_key(stumble: str, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO if stumble == "redirect" else logging.DEBUG)  # httpcore shows headers as they came
    query_key = "other/key geheim"
    shown = f"{KEY} sesame%20open%2F%2B%26%3D%253D%20geheim sesame+open%2F%2B%26%3D%253D+geheim"
    replies = {
        "dead": [DEAD],
        "echo": [Reply(400, envelope("ValidCredentials", text)) for text in (shown, f"{shown} {query_key}")],
        "redirect": [Reply(301, b"", {"Location": "https://x/?key=sesame+open%2F%2B%26%3D%253D+geheim"})],
        "gone": [DEAD],
    }
    with stumbling_server(*replies[stumble]) as server:
        url = server.url if stumble != "gone" else "http://127.0.0.1:1"
        with client_of(url, Retries(attempts=2, first_wait_s=0.001)) as geostead:
            errors = []
            for act in (geostead.jobs, lambda: geostead.load("S", b"x", input="csv", query_key=query_key)):
                with pytest.raises(ClientError) as caught:
                    act()
                errors.append(everything_about(caught.value))
            told = "".join(errors) + caplog.text + repr(geostead) + str(vars(geostead)) + repr(geostead._connection)
    assert all("geheim" in request.target for request in server.requests)
    assert stumble == "gone" or "HTTP Request" in caplog.text or stumble == "dead"
    assert "geheim" not in told


def test_a_download_is_written_whole_or_not_at_all(tmp_path: Path):
    body = bytes(range(256)) * 4000
    file = tmp_path / "shops.xml"
    with speaking_to(Reply(body=body, cut=1000), BUSY, Reply(body=body)) as (_, geostead):
        geostead.fetch_download(DOWNLOAD, file)
    assert file.read_bytes() == body

    with speaking_to(Reply(body=b"new", cut=1)) as (_server, geostead), pytest.raises(NoReply):
        geostead.fetch_download(DOWNLOAD, file)
    assert file.read_bytes() == body
    assert list(tmp_path.iterdir()) == [file]


def test_a_download_replaces_what_a_link_leads_to_and_nothing_that_is_no_file(tmp_path: Path):
    kept, file, link, pipe = (tmp_path / name for name in ("x.csv.part", "real.csv", "x.csv", "pipe"))
    kept.write_text("mine")
    file.write_text("old")
    link.symlink_to(file)
    os.mkfifo(pipe)
    with speaking_to(Reply(body=b"new")) as (_server, geostead):
        geostead.fetch_download(DOWNLOAD, link)
    assert (link.is_symlink(), file.read_text(), kept.read_text()) == (True, "new", "mine")
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with speaking_to(Reply(body=b"new")) as (_server, geostead):
        geostead.fetch_download(DOWNLOAD, pipe)
    assert (pipe.is_fifo(), os.read(reader, 9)) == (True, b"new")
    os.close(reader)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pipe", "real.csv", "x.csv", "x.csv.part"]


def test_a_download_into_a_file_object_begins_again_where_it_began():
    body = b"entities " * 50_000
    target = io.BytesIO()
    target.write(b"before ")
    with speaking_to(Reply(body=body, cut=1000), Reply(body=body)) as (_server, geostead):
        geostead.fetch_download(DOWNLOAD, target)
    assert target.getvalue() == b"before " + body


@pytest.mark.parametrize("url", ["", "shops", "ftp://x", "http://", "http://me:pass@host", "http://host/?key=x"])
def test_what_is_no_url_of_a_server_is_refused_at_once(url: str):
    with pytest.raises(ValueError, match="URL") as caught:
        Geostead(url, KEY)
    assert "pass@" not in str(caught.value)


def test_an_empty_key_is_refused_at_once_and_spaces_around_one_do_not_count():
    with pytest.raises(ValueError, match="no key"):
        Geostead("http://host", " \n")
    with stumbling_server(EMPTY_LIST) as server, Geostead(server.url + "/base/", f" {KEY}\n") as geostead:
        geostead.data_sources()
    (request,) = server.requests
    assert request.target.startswith("/base/REST/v1/data?")
    assert parse_qs(urlsplit(request.target).query)["key"] == [KEY]


def test_the_proxy_of_the_environment_is_used_unless_it_says_otherwise(monkeypatch: pytest.MonkeyPatch):
    with stumbling_server(EMPTY_LIST) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "direct.example")
        with client_of("http://places.example") as geostead:
            geostead.data_sources()
        assert proxy.requests[0].target.startswith("http://places.example/REST/v1/data?")
        with client_of("http://direct.example") as geostead, pytest.raises(NoReply):
            geostead.data_sources()
    assert len(proxy.requests) == 1
