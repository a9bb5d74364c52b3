"""http-api.md section 1: how a request is read."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable

import httpx
import pytest

from tests.protocol.api import LOAD, ROOT, Api, Source, pipe, raw
from tests.protocol.cafes import CAFES
from tests.servers import Server, resource

ALL_IDS = [cafe["EntityID"] for cafe in CAFES]
PLACES = pipe("EntityID(Edm.String,primaryKey)|Name(Edm.String)", "1|one|10|20", "2|two|11|21")


def ids_at(server: Server, target: str) -> list[str]:
    reply = raw(server, "GET", target)
    assert reply.status == 200, reply.text
    return [entity["EntityID"] for entity in json.loads(reply.text)["d"]["results"]]


def swapped(text: str) -> str:
    return text.swapcase()


@pytest.mark.parametrize("spell", [str.lower, str.upper, swapped])
def test_fixed_words_access_ids_names_and_entity_types_are_read_in_any_case(
    cafes: Source, spell: Callable[[str], str]
) -> None:
    url = f"{spell(ROOT + cafes.entities_path)}?$format=json&key={cafes.api.key}"
    assert ids_at(cafes.api.server, url) == ALL_IDS


@pytest.mark.parametrize("spell", [str.lower, str.upper, swapped])
def test_management_paths_and_job_ids_are_read_in_any_case(cafes: Source, spell: Callable[[str], str]) -> None:
    path = spell(f"{ROOT}{LOAD}/{cafes.job['id']}")
    reply = raw(cafes.api.server, "GET", f"{path}?key={cafes.api.key}")
    assert (reply.status, json.loads(reply.text)["resourceSets"][0]["resources"][0]["id"]) == (200, cafes.job["id"])


def test_repeated_slashes_collapse(cafes: Source) -> None:
    path = (ROOT + cafes.entities_path).replace("/", "///")
    assert ids_at(cafes.api.server, f"{path}?$format=json&key={cafes.api.key}") == ALL_IDS


def test_percent_encoding_in_a_path_is_decoded(cafes: Source) -> None:
    assert raw(cafes.api.server, "GET", f"{ROOT}{cafes.path}/%24metadata?key={cafes.api.key}").status == 200
    encoded = "".join(f"%{ord(letter):02X}" for letter in "Cafes")
    path = f"{ROOT}/data/{cafes.access_id}/{encoded}/Cafe"
    assert ids_at(cafes.api.server, f"{path}?%24format=json&key={cafes.api.key}") == ALL_IDS


def test_percent_encoding_is_decoded_only_once(cafes: Source) -> None:
    reply = raw(cafes.api.server, "GET", f"{ROOT}{cafes.path}/%2524metadata?key={cafes.api.key}")
    assert reply.status == 404
    assert cafes.ids("$filter=Name eq '%2527'") == []


@pytest.mark.parametrize("form", ["%60%5E%7B%7D%24%21%7E_%3D-9", "%60^{}$!~_=-9"])
def test_a_name_may_hold_every_documented_character_in_either_spelling(
    api: Api, new_name: Callable[[], str], form: str
) -> None:
    name = f"{new_name()}`^{{}}$!~_=-9"
    source = api.source(name, PLACES)
    target = f"{ROOT}/data/{source.access_id}/{name.removesuffix('`^{}$!~_=-9')}{form}/Place?$format=json&key={api.key}"
    assert ids_at(api.server, target) == ["1", "2"]
    assert source.job["name"] == name


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("$TOP=2", ["A1", "A2"]),
        ("$Filter=Code eq '12'", ["C2"]),
        ("SPATIALFILTER=bbox(46,7,47,8)&$Top=1", ["A1"]),
        ("$orderBy=Name&$top=1", ["B2"]),
        ("$INLINECOUNT=ALLPAGES&$SKIP=9", ["it's/50% & é?"]),
    ],
)
def test_parameter_names_are_read_in_any_case(cafes: Source, query: str, expected: list[str]) -> None:
    assert cafes.ids(query) == expected


def test_enumerated_values_are_read_in_any_case(cafes: Source, new_name: Callable[[], str]) -> None:
    assert cafes.get("$format=JSON").headers["content-type"].startswith("application/json")
    assert cafes.get("$format=Atom").headers["content-type"].startswith("application/atom+xml")
    assert cafes.json("$inlinecount=AllPages")["__count"] == "10"
    job = cafes.api.load(new_name(), PLACES, "loadOperation=Complete&input=PIPE&output=JSON")
    assert job["status"] == "Completed"


def test_keys_are_case_sensitive(cafes: Source) -> None:
    assert cafes.api.key is not None
    assert cafes.api.key.swapcase() != cafes.api.key
    reply = cafes.with_key(cafes.api.key.swapcase()).get("$format=json")
    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "InvalidCredentials")


@pytest.mark.parametrize("key", ["x", "a b", "é", "'", "0" * 500, "%00", "<key>"])
def test_the_shape_of_a_key_is_not_checked(cafes: Source, key: str) -> None:
    reply = cafes.with_key(key).get("$format=json")
    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "InvalidCredentials")


@pytest.mark.parametrize("ignored", ["$skip=", "$skip", "$filter", "$filter=", "$top=", "$top", "spatialFilter="])
def test_empty_and_bare_parameters_mean_absent(cafes: Source, ignored: str) -> None:
    assert cafes.ids(ignored) == ALL_IDS


def test_an_empty_key_is_no_key(cafes: Source) -> None:
    reply = cafes.with_key(None).get("$format=json&key=")
    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "NoCredentials")


def test_of_a_repeated_parameter_the_first_counts(cafes: Source) -> None:
    assert cafes.ids("$top=2&$top=5") == ["A1", "A2"]
    assert cafes.ids("$top=2&$TOP=5") == ["A1", "A2"]


@pytest.mark.parametrize(
    "unknown",
    [
        "clientApi=web",
        "_=1700000000000",
        "s=1",
        "callback=cb",
        "$callback=cb",
        "$*=3",
        "orderBy=Name",
        "format=atom",
        "top=1",
        "filter=nonsense(",
    ],
)
def test_unknown_parameters_are_ignored(cafes: Source, unknown: str) -> None:
    assert cafes.ids(unknown) == ALL_IDS


@pytest.mark.parametrize("query", ["&$format=json&$top=1", "$format=json&&$top=1&&", "&&$top=1&$format=json"])
def test_ampersands_too_many_do_no_harm(cafes: Source, query: str) -> None:
    assert ids_at(cafes.api.server, f"{ROOT}{cafes.entities_path}?{query}&key={cafes.api.key}") == ["A1"]


@pytest.mark.parametrize("space", ["+", "%20"])
def test_plus_and_percent_20_are_spaces(cafes: Source, space: str) -> None:
    query = f"$filter=Name eq 'Al Fresco'&$format=json&key={cafes.api.key}".replace(" ", space)
    assert ids_at(cafes.api.server, f"{ROOT}{cafes.entities_path}?{query}") == ["A2"]


def test_an_encoded_plus_is_a_plus(cafes: Source) -> None:
    assert cafes.ids("$filter=Name eq 'Al%2BFresco'") == []


@pytest.mark.parametrize("accept", ["application/json", "text/html", "image/png", "application/xml;q=0.1", "*/*"])
def test_the_accept_header_decides_nothing(cafes: Source, accept: str) -> None:
    headers = {"Accept": accept}
    assert cafes.get(headers=headers).headers["content-type"].startswith("application/atom+xml")
    assert cafes.get("$format=json", headers=headers).headers["content-type"].startswith("application/json")
    status = cafes.api.get(f"{LOAD}/{cafes.job['id']}", headers=headers)
    assert status.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/x-www-form-urlencoded", "application/xml", "image/png", "nonsense"],
)
def test_the_content_type_of_an_upload_is_not_trusted(api: Api, new_name: Callable[[], str], content_type: str) -> None:
    assert api.source(new_name(), PLACES, headers={"Content-Type": content_type}).ids() == ["1", "2"]


def test_the_content_type_of_a_request_does_not_choose_the_format_of_the_reply(api: Api) -> None:
    reply = api.post_load("No~Such#Name", PLACES, headers={"Content-Type": "application/xml"})
    assert (reply.status_code, reply.headers["content-type"].split(";")[0]) == (400, "application/json")


def test_o_is_an_alias_of_output(cafes: Source) -> None:
    reply = cafes.api.get(f"{LOAD}/{cafes.job['id']}?o=xml")
    assert reply.headers["content-type"].startswith("application/xml")
    reply = cafes.api.get(f"{LOAD}/{cafes.job['id']}?O=JSON")
    assert reply.headers["content-type"].startswith("application/json")


def test_replies_are_compressed_only_when_asked(cafes: Source) -> None:
    plain = cafes.get("$format=json", headers={"Accept-Encoding": "identity"})
    packed = cafes.get("$format=json", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert "accept-encoding" in packed.headers["vary"].lower()


@pytest.mark.parametrize(
    ("accepted", "is_packed"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("deflate, gzip ; q = 0.001", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("*;q=0", False),
        ("deflate, br", False),
        ("identity", False),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_accept_encoding_may_weigh_what_it_asks_for(cafes: Source, accepted: str, is_packed: bool, method: str) -> None:
    url = f"{cafes.entities_path}?$format=json"
    reply = cafes.api.request(method, url, headers={"Accept-Encoding": accepted})
    assert (reply.status_code, reply.headers.get("content-encoding")) == (200, "gzip" if is_packed else None)


def test_without_accept_encoding_nothing_is_compressed(cafes: Source) -> None:
    reply = raw(cafes.api.server, "GET", f"{ROOT}{cafes.entities_path}?key={cafes.api.key}", Accept_Encoding="")
    assert reply.getheader("Content-Encoding") is None
    assert reply.text.startswith("<")


def test_expect_100_continue_is_honoured(api: Api, new_name: Callable[[], str]) -> None:
    url = httpx.URL(api.server.url)
    query = f"dataSourceName={new_name()}&loadOperation=complete&input=pipe&key={api.key}"
    head = (
        f"POST {ROOT}{LOAD}?{query} HTTP/1.1\r\nHost: {url.netloc.decode()}\r\n"
        f"Content-Length: {len(PLACES)}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((url.host, url.port), timeout=10) as connection:
        connection.sendall(head.encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(PLACES)
        assert connection.recv(1000).startswith(b"HTTP/1.1 201 ")


@pytest.mark.parametrize("key", ["nobody", ""])
def test_a_refused_upload_is_drained_before_the_answer(api: Api, key: str) -> None:
    target = f"{ROOT}{LOAD}?dataSourceName=Refused&loadOperation=complete&input=pipe&key={key}"
    reply = raw(api.server, "POST", target, b"x" * 8_000_000)
    assert (reply.status, json.loads(reply.text)["statusCode"]) == (401, 401)


def test_a_chunked_upload_needs_no_content_length(api: Api, new_name: Callable[[], str]) -> None:
    name = new_name()
    query = f"dataSourceName={name}&loadOperation=complete&input=pipe"
    reply = api.request("POST", f"{LOAD}?{query}", content=iter([PLACES[:40], PLACES[40:]]))
    assert reply.status_code == 201, reply.text
    job = api.server.finished(str(api.key), resource(reply)["id"])
    assert api.source_of(job).ids() == ["1", "2"]


def test_a_compressed_upload_needs_no_header(api: Api, new_name: Callable[[], str]) -> None:
    assert api.source(new_name(), gzip.compress(PLACES)).ids() == ["1", "2"]


def test_cors_opens_the_query_endpoints_to_every_origin(cafes: Source) -> None:
    reply = cafes.get("$format=json", headers={"Origin": "https://maps.example"})
    assert reply.headers["access-control-allow-origin"] == "*"
    exposed = {name.strip().lower() for name in reply.headers["access-control-expose-headers"].split(",")}
    assert exposed >= {"etag", "warning", "x-request-id"}


@pytest.mark.parametrize("query", ["$format=json&$filter=nonsense(", "$format=json&$top=x"])
def test_cors_lets_a_page_read_the_message_of_an_error(cafes: Source, query: str) -> None:
    reply = cafes.get(query, headers={"Origin": "https://maps.example"})
    assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (400, "*")


@pytest.mark.parametrize(
    ("method", "key", "tail", "status"),
    [
        ("GET", "nobody", "", 401),
        ("GET", "", "", 401),
        ("HEAD", "nobody", "", 401),
        ("GET", None, "('nobody')", 404),
        ("GET", None, "X", 404),
        ("POST", None, "", 405),
        ("DELETE", None, "('A1')", 405),
    ],
)
def test_cors_opens_every_error_of_a_query(cafes: Source, method: str, key: str | None, tail: str, status: int) -> None:
    source = cafes if key is None else cafes.with_key(key)
    reply = source.api.request(method, f"{cafes.entities_path}{tail}?$format=json")
    assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (status, "*")


def test_a_preflight_is_answered_without_a_key(cafes: Source) -> None:
    headers = {
        "Origin": "https://maps.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "if-none-match",
    }
    reply = cafes.api.server.client.options(ROOT + cafes.entities_path, headers=headers)
    assert reply.status_code in (200, 204)
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "GET" in reply.headers["access-control-allow-methods"]
    assert reply.headers["access-control-allow-headers"].lower() in ("*", "if-none-match")


def test_urls_in_replies_are_built_from_the_host_of_the_request(cafes: Source) -> None:
    headers = {"Host": "places.example:8123", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    entity = json.loads(cafes.get("$format=json&$top=1", headers=headers).content)["d"]["results"][0]
    assert entity["__metadata"]["uri"].startswith(f"http://places.example:8123{ROOT}/data/")
    status = resource(cafes.api.get(f"{LOAD}/{cafes.job['id']}", headers=headers))
    assert {httpx.URL(link["url"]).netloc for link in status["links"]} == {b"places.example:8123"}
