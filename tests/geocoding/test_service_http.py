"""Services that take their time."""

from __future__ import annotations

from itertools import count

import httpcore
import pytest
from geopy.exc import GeocoderParseError, GeocoderTimedOut, GeocoderUnavailable

from geostead.geocoding.service_http import MAX_REPLY_BYTES, ServiceHttp
from tests.remote_hosts import Answer, dripping, file, raw, reset, running_host, silence


def get(answer: Answer, *, timeout_s: float = 10.0, adapter: ServiceHttp | None = None) -> object:
    with running_host(answer) as host:
        asked = adapter or ServiceHttp(proxies=None, ssl_context=None)
        return asked.get_json(host.url(name="127.0.0.1"), timeout=timeout_s, headers={"User-Agent": "tests"})


@pytest.mark.parametrize(
    "answer",
    [
        dripping(b"HTTP/1.1 200 OK\r\nX-Header: ", b"x"),
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n"),
    ],
    ids=["headers", "body"],
)
def test_a_service_that_sends_for_ever_is_left_when_its_time_is_over(answer: Answer) -> None:
    ticks = count(0.0, 0.5)  # every look at the clock is half a second later
    with pytest.raises(GeocoderTimedOut):
        get(answer, adapter=ServiceHttp(proxies=None, ssl_context=None, now_s=lambda: next(ticks)))


def test_a_service_that_says_nothing_is_waited_for_as_long_as_was_said() -> None:
    with pytest.raises(GeocoderTimedOut):
        get(silence, timeout_s=0.2)


@pytest.mark.parametrize("answer", [reset, raw(b""), raw(b"SSH-2.0-OpenSSH\r\n")])
def test_a_service_that_breaks_off_or_speaks_otherwise_is_not_there(answer: Answer) -> None:
    with pytest.raises(GeocoderUnavailable):
        get(answer)


def test_a_reply_has_a_greatest_size() -> None:
    assert get(file(b"[]".rjust(MAX_REPLY_BYTES))) == []
    with pytest.raises(GeocoderParseError):
        get(file(b"[]".rjust(MAX_REPLY_BYTES + 1)))


def test_certificates_are_read_once_and_only_for_https(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[None] = []
    default = httpcore.default_ssl_context
    monkeypatch.setattr(httpcore, "default_ssl_context", lambda: read.append(None) or default())
    adapter = ServiceHttp(proxies=None, ssl_context=None)
    assert get(file(b"[]"), adapter=adapter) == []
    assert read == []
    for _ in range(2):
        with pytest.raises(GeocoderUnavailable):
            adapter.get_json("https://127.0.0.1:1/", timeout=5.0, headers={})
    assert len(read) == 1
