"""The base of the URLs in replies."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from geostead.http.base_urls import BaseUrls
from geostead.http.options import HttpOptions

FORWARDED = {b"x-forwarded-proto": b"https", b"x-forwarded-host": b"places.example.com, inner"}


def base_url(options: HttpOptions, headers: dict[bytes, bytes], **scope: Any) -> str:
    scope = {"scheme": "http", "client": ("10.0.0.5", 1), "server": ("127.0.0.1", 8080), **scope}
    return BaseUrls(options).of(scope, headers)


@pytest.mark.parametrize("host", ["places.example.com", "localhost:8080", "[::1]:8080", "10.0.0.1"])
def test_it_is_what_the_request_was_sent_to(host: str) -> None:
    assert base_url(HttpOptions(), {b"host": host.encode()}) == f"http://{host}"


def test_a_configured_url_goes_before_everything() -> None:
    options = HttpOptions(public_url="https://example.com/places/", trusted_proxies=("10.0.0.0/8",))
    assert base_url(options, {b"host": b"other", **FORWARDED}) == "https://example.com/places"


def test_forwarded_headers_of_just_anybody_do_not_count() -> None:
    assert base_url(HttpOptions(), {b"host": b"a", **FORWARDED}) == "http://a"
    options = HttpOptions(trusted_proxies=("10.1.0.0/16", "::1"))
    assert base_url(options, {b"host": b"a", **FORWARDED}) == "http://a"
    assert base_url(options, {b"host": b"a", **FORWARDED}, client=None) == "http://a"
    assert base_url(options, {b"host": b"a", **FORWARDED}, client=("/run/socket", 0)) == "http://a"


@pytest.mark.parametrize("trusted", ["10.0.0.5", "10.0.0.0/24", "10.0.0.99/24"])
def test_forwarded_headers_of_a_trusted_proxy_count(trusted: str) -> None:
    options = HttpOptions(trusted_proxies=(trusted,))
    assert base_url(options, {b"host": b"a", **FORWARDED}) == "https://places.example.com"
    assert base_url(options, {b"host": b"a", b"x-forwarded-proto": b"https"}) == "https://a"
    assert base_url(options, {b"host": b"a"}) == "http://a"


def test_a_proxy_may_be_named() -> None:
    options = HttpOptions(trusted_proxies=("localhost",))
    assert base_url(options, {b"host": b"a", **FORWARDED}, client=("127.0.0.1", 1)) == "https://places.example.com"


def test_a_proxy_that_has_no_address_is_not_trusted_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        options = HttpOptions(trusted_proxies=("nowhere.invalid",))
        assert base_url(options, {b"host": b"a", **FORWARDED}) == "http://a"
    assert "nowhere.invalid" in caplog.text


@pytest.mark.parametrize("host", [b"", b'a"><script>', b"a b", b"a/b", b"user@a", b"a\xff", b"a:b", b"a\n"])
def test_what_is_no_host_does_not_get_into_replies(host: bytes) -> None:
    assert base_url(HttpOptions(), {b"host": host}) == "http://127.0.0.1:8080"


def test_an_address_of_version_6_stands_in_brackets() -> None:
    assert base_url(HttpOptions(), {}, server=("::1", 8080)) == "http://[::1]:8080"
    assert base_url(HttpOptions(), {}, server=None) == "http://localhost"


def sender(trusted: tuple[str, ...], told: str, client: tuple[str, int] | None = ("10.0.0.5", 1)) -> str:
    headers = {b"x-forwarded-for": told.encode("latin-1")} if told else {}
    return BaseUrls(HttpOptions(trusted_proxies=trusted)).sender_of({"client": client}, headers)


def test_a_request_comes_from_whom_a_trusted_proxy_says_and_nobody_else() -> None:
    assert sender((), "192.0.2.1") == "10.0.0.5"
    assert sender(("10.1.0.0/16",), "192.0.2.1") == "10.0.0.5"
    assert sender(("10.0.0.0/8",), "192.0.2.1") == "192.0.2.1"
    assert sender(("10.0.0.0/8",), "") == "10.0.0.5"
    assert sender(("10.0.0.0/8",), "192.0.2.1", None) == ""


def test_what_stands_before_the_last_stranger_may_be_made_up() -> None:
    assert sender(("10.0.0.0/8",), "203.0.113.9, 192.0.2.1") == "192.0.2.1"
    assert sender(("10.0.0.0/8",), "203.0.113.9, 192.0.2.1, 10.0.0.7") == "192.0.2.1"
    assert sender(("10.0.0.0/8",), "10.0.0.9, 10.0.0.7") == "10.0.0.9"
    assert sender(("10.0.0.0/8",), "2001:db8::1, [2001:db8::2]") == "2001:db8::2"


@pytest.mark.parametrize("told", ["unknown", "192.0.2.1, unknown", "_hidden", "a" * 10_000, ",", "192.0.2.1, é"])
def test_a_proxy_that_tells_no_address_is_taken_for_the_sender(told: str) -> None:
    assert sender(("10.0.0.0/8",), told) == "10.0.0.5"
