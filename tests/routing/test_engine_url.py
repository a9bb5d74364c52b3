"""The addresses of routing servers."""

from __future__ import annotations

import pytest

from geostead.routing.engine_url import Engine, EngineUrl, parse_engine_url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("osrm+http://127.0.0.1:5000", EngineUrl(Engine.OSRM, False, "127.0.0.1", 5000, "", "")),
        ("OSRM+HTTP://Routes.Example/", EngineUrl(Engine.OSRM, False, "routes.example", 80, "", "")),
        ("valhalla+https://a.example/v3/", EngineUrl(Engine.VALHALLA, True, "a.example", 443, "/v3", "")),
        ("valhalla+http://[::1]:8002?key=s3", EngineUrl(Engine.VALHALLA, False, "::1", 8002, "", "key=s3")),
    ],
)
def test_a_url_names_engine_scheme_host_port_path_and_query(text: str, url: EngineUrl) -> None:
    assert parse_engine_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:5000",
        "osrm://127.0.0.1",
        "osrm+ftp://127.0.0.1",
        "google+https://maps.example",
        "osrm+http://",
        "osrm+http://host:port",
        "osrm+http://host:99999",
        "osrm+http://user:secret@host",
        "osrm+http://host/#fragment",
        "osrm+http://host/a b",
        "osrm+http://host/\r\nX: y",
        "osrm+http://bücher.example",
        f"osrm+http://{'a' * 64}.example",
        "osrm+http://[::1",
    ],
)
def test_anything_else_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match=r"a URL like osrm\+http://127\.0\.0\.1:5000"):
        parse_engine_url(text)


def test_what_is_shown_leaves_the_query_out() -> None:
    assert str(parse_engine_url("valhalla+https://a.example/v3?key=secret")) == "https://a.example:443/v3"
    assert str(parse_engine_url("osrm+http://[::1]:5000")) == "http://[::1]:5000"


def test_a_request_goes_to_the_path_with_both_queries() -> None:
    assert parse_engine_url("osrm+http://host/car?key=s").target("/route", "a=1") == "/car/route?a=1&key=s"
    assert parse_engine_url("osrm+http://host").target("/route", "a=1") == "/route?a=1"
