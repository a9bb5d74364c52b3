"""http-api.md section 1: URLs as real clients encode them, byte by byte on the wire."""

from __future__ import annotations

import json
import re
import socket
from typing import Any
from urllib.parse import quote, quote_plus

import httpx
import pytest

from tests.protocol.api import ROOT, Source

AWKWARD_ID = "it's/50% & é?"
ENCODE_URI_SAFE = ";,/?:@&=+$-_.!~*'()#"
ENCODE_URI_COMPONENT_SAFE = "-_.!~*'()"
RFC_3986_SAFE = "-._~"


def exchange(source: Source, target: bytes, header: bytes = b"") -> tuple[int, bytes]:
    """Send a GET for ``target``, whatever bytes it holds; return status and body."""
    url = httpx.URL(source.api.server.url)
    with socket.create_connection((url.host, url.port), timeout=30) as connection:
        connection.sendall(
            b"GET " + target + b" HTTP/1.1\r\nHost: places.example\r\nConnection: close\r\n" + header + b"\r\n"
        )
        reply = b"".join(iter(lambda: connection.recv(65_536), b""))
    head, _, body = reply.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), body


def answered(source: Source, target: bytes) -> Any:
    """Send a GET and return the ``d`` of the reply."""
    status, body = exchange(source, target)
    assert status == 200, body
    return json.loads(body)["d"]


def ids(source: Source, query: bytes) -> list[str]:
    target = f"{ROOT}{source.entities_path}?".encode() + query + f"&$format=json&key={source.api.key}".encode()
    return [entity["EntityID"] for entity in answered(source, target)["results"]]


def lower_hex(encoded: str) -> str:
    return re.sub("%..", lambda found: found[0].lower(), encoded)


FILTER = "Name eq 'Al Fresco' and City eq 'Zürich'"


@pytest.mark.parametrize(
    "query",
    [
        f"$filter={quote(FILTER, safe=ENCODE_URI_SAFE)}",
        f"$filter={quote(FILTER, safe=ENCODE_URI_COMPONENT_SAFE)}",
        f"{quote('$filter', safe='')}={quote(FILTER, safe='')}",
        f"$filter={quote_plus(FILTER)}",
        f"$filter={lower_hex(quote_plus(FILTER))}",
        f"$filter={lower_hex(quote(FILTER, safe=RFC_3986_SAFE))}",
        "$filter=" + "".join(f"%{byte:02X}" for byte in FILTER.encode()),
        f"$filter={FILTER.replace(' ', '+')}",
        f"$filter={FILTER.replace(' ', '%20')}",
        f"$filter={FILTER.replace(' eq ', '%C2%A0eq%C2%A0')}".replace(" ", "%20"),
        f"$filter={FILTER.replace(' eq ', '%09eq%0A')}".replace(" ", "%20"),
        f"$filter={FILTER.replace(' eq ', '%E2%80%83eq%E3%80%80')}".replace(" ", "%20"),
        "$filter=Name\u00a0eq\u2003'Al%20Fresco'\u3000and+City\u2009eq\u202f'Zürich'",
    ],
    ids=[
        "encodeURI, Uri.EscapeUriString",
        "encodeURIComponent",
        "URLSearchParams of a library that encodes names too",
        "PHP urlencode, requests, HttpUtility.UrlEncode in capitals",
        "HttpUtility.UrlEncode",
        "curl --data-urlencode, Uri.EscapeDataString, in small letters",
        "everything encoded",
        "raw UTF-8, plus",
        "raw UTF-8, %20",
        "no-break spaces",
        "tab and line feed",
        "em space and ideographic space",
        "raw spaces of other kinds",
    ],
)
def test_a_filter_is_read_however_its_client_encodes_it(cafes: Source, query: str) -> None:
    assert ids(cafes, query.encode()) == ["A2"]


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: quote(text, safe=ENCODE_URI_SAFE),
        lambda text: quote(text, safe=ENCODE_URI_COMPONENT_SAFE),
        lambda text: quote(text, safe=""),
        lambda text: lower_hex(quote_plus(text)),
        lambda text: text.replace(" ", "%C2%A0"),
        lambda text: text.replace(" ", "\u2003"),
    ],
)
def test_spatial_filter_select_and_order_are_read_however_they_are_encoded(cafes: Source, encode: Any) -> None:
    spatial = encode("nearby( 46.948 , 7.4474 , 1 )")
    select, order = encode("EntityID , intersection( 'POINT (7.4474 46.948)' ) , Name"), encode("Name desc , EntityID")
    query = f"spatialFilter={spatial}&$select={select}&$orderby={order}&$top={encode(' 2 ')}"
    assert ids(cafes, query.encode()) == ["B1", "a1"]
    shape = encode("intersects( 'POLYGON ((7 46, 8 46, 8 47, 7 46))' )")
    assert ids(cafes, f"spatialFilter={shape}&$orderby={order}".encode()) == cafes.ids(
        "spatialFilter=intersects('POLYGON((7 46,8 46,8 47,7 46))')&$orderby=Name desc,EntityID"
    )


@pytest.mark.parametrize(
    "written",
    [
        "('" + quote("it''s/50% & é?", safe=ENCODE_URI_COMPONENT_SAFE) + "')",
        "('" + quote("it''s/50% & é?", safe=RFC_3986_SAFE) + "')",
        quote("('it''s/50% & é?')", safe=""),
        lower_hex(quote("('it''s/50% & é?')", safe="")),
        "('" + quote("it''s/50% & é?", safe="/&'") + "')",
        "('it''s%2F50%25%20&%20é%3F')",
        "('it%27%27s%2f50%25%20%26%20%c3%a9%3f')/",
    ],
)
def test_an_id_is_read_however_its_client_encodes_it(cafes: Source, written: str) -> None:
    target = f"{ROOT}{cafes.entities_path}{written}?$format=json&key={cafes.api.key}"
    entity = answered(cafes, target.encode())
    assert entity["EntityID"] == AWKWARD_ID
    uri = httpx.URL(entity["__metadata"]["uri"])
    again = answered(cafes, uri.raw_path + f"?$format=json&key={cafes.api.key}".encode())
    assert again["EntityID"] == AWKWARD_ID


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (b"$filter=Name%20eq%20'%2541'", []),
        (b"$filter=City%20eq%20'Z%u00fcrich'", []),
        (b"$filter=City%20eq%20'Z%FCrich'", []),
        (b"$filter=City%20eq%20'50%'%20or%20EntityID%20eq%20'A1'", ["A1"]),
        (b"$top=1&amp;$skip=1", ["A1"]),
        (b"$filter=EntityID%20eq%20'A1'%20and%20not%20contains(Name,'{}|`^\\')", ["A1"]),
        (b"$filter=EntityID%20eq%20'%00'", []),
    ],
    ids=["encoded twice", "escape()", "Latin-1", "a bare percent sign", "HTML in a URL", "raw marks", "NUL"],
)
def test_what_is_not_encoded_properly_stays_as_it_is(cafes: Source, query: bytes, expected: list[str]) -> None:
    assert ids(cafes, query) == expected


def test_an_absolute_request_target_is_understood_as_proxies_send_it(cafes: Source) -> None:
    target = f"http://places.example{ROOT}{cafes.entities_path}?$format=json&$top=1&key={cafes.api.key}"
    assert [entity["EntityID"] for entity in answered(cafes, target.encode())["results"]] == ["A1"]


@pytest.mark.parametrize("raw", [b" ", b"\t", b"\x01", b'"', b"<"])
def test_what_no_http_parser_lets_through_is_refused_and_the_server_lives_on(cafes: Source, raw: bytes) -> None:
    target = f"{ROOT}{cafes.entities_path}?key={cafes.api.key}&$filter=Name".encode() + raw + b"eq"
    assert exchange(cafes, target)[0] == 400
    assert cafes.ids("$top=1") == ["A1"]


def test_a_long_url_is_read_up_to_65_534_bytes(cafes: Source) -> None:
    positions = ",".join(f"{7 + i / 10_000} 46.9" for i in range(4_000))
    assert meets(cafes, positions) == 200
    assert meets(cafes, positions + "," + "1 1," * 5_000 + "1 1") == 414


def meets(source: Source, positions: str) -> int:
    query = f"spatialFilter=intersects('LINESTRING({positions})')&$format=json&key={source.api.key}".replace(" ", "+")
    return exchange(source, f"{ROOT}{source.entities_path}?{query}".encode())[0]
