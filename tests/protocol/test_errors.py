"""http-api.md section 4: every error, the framework's own included, has the envelope of its URL."""

from __future__ import annotations

import re

import pytest

from tests.protocol.api import JOB_LIST, LOAD, PUBLIC_LIST, ROLLBACK, ROOT, Api, Source, raw
from tests.protocol.envelopes import HEX_32, error_details, json_envelope, odata_error, xml_envelope

MANAGEMENT = [
    ("GET", f"{LOAD}/{'0' * 32}", 404),
    ("GET", f"{LOAD}/{'0' * 32}/output/failed", 404),
    ("GET", "/Dataflows/Nothing/here", 404),
    ("GET", "/Dataflows", 404),
    ("GET", "/nothing", 404),
    ("POST", "/nothing/at/all", 404),
    ("GET", "/", 404),
    ("PUT", LOAD, 405),
    ("GET", LOAD, 405),
    ("DELETE", f"{LOAD}/{'0' * 32}", 404),
    ("PUT", f"{LOAD}/{'0' * 32}", 405),
    ("POST", f"{LOAD}?dataSourceName=x", 400),
    ("POST", JOB_LIST, 405),
    ("GET", f"{ROLLBACK}/{'0' * 32}", 404),
    ("GET", f"{ROLLBACK}/{'0' * 32}/Nowhere", 404),
    ("GET", f"{ROLLBACK}/{'0' * 32}/output/failed", 404),
    ("POST", f"{ROLLBACK}/{'0' * 32}/Nowhere", 405),
    ("GET", f"/data/{'0' * 32}/Nowhere/$commit", 404),
    ("POST", f"/data/{'0' * 32}/Nowhere/$commit", 405),
    ("GET", f"/data/{'0' * 32}/Nowhere/$updateDataSource", 400),
    ("GET", f"/data/{'0' * 32}/Nowhere/$updateDataSource?setPublic=1", 404),
    ("DELETE", f"/data/{'0' * 32}/Nowhere", 404),
    ("DELETE", f"/data/{'0' * 32}/Nowhere?isStaging=x", 400),
    ("GET", f"/data/jobs/{'0' * 32}/$getstatus", 404),
    ("PUT", f"/data/jobs/{'0' * 32}/$getstatus", 405),
    ("GET", f"/data/jobs/{'0' * 32}", 405),
    ("DELETE", f"/data/jobs/{'0' * 32}", 404),
]


@pytest.mark.parametrize(("method", "url", "status"), MANAGEMENT)
@pytest.mark.parametrize("output", ["", "output=json", "o=json", "output=xml", "o=XML"])
def test_c19_every_refusal_of_a_management_url_is_the_envelope_in_the_requested_format(
    api: Api, method: str, url: str, status: int, output: str
) -> None:
    reply = api.request(method, f"{url}{'&' if '?' in url else '?'}{output}")
    assert reply.status_code == status
    (error_details if "xml" not in output.lower() else xml_envelope)(reply)
    assert error_details(reply)
    assert ("xml" in reply.headers["content-type"]) == ("xml" in output.lower())


@pytest.mark.parametrize("whose", [None, "nobody"])
@pytest.mark.parametrize("output", ["json", "xml"])
def test_c19_a_401_is_the_envelope_too(api: Api, whose: str | None, output: str) -> None:
    reply = api.with_key(whose).get(f"{LOAD}/{'0' * 32}?output={output}")
    assert reply.status_code == 401
    assert error_details(reply)


def test_c17_an_error_has_no_resource_and_so_no_third_type(api: Api) -> None:
    envelope = json_envelope(api.get("/nothing"))
    assert envelope["resourceSets"] == []
    assert "__type" not in str(envelope)


ODATA = [
    ("GET", f"/data/{'0' * 32}/Nowhere", 404, "NotFound"),
    ("GET", f"/data/{'0' * 32}/Nowhere/Place", 404, "NotFound"),
    ("GET", f"/data/{'0' * 32}/Nowhere/$metadata", 404, "NotFound"),
    ("GET", "/data/not-hex/Nowhere/Place", 404, "NotFound"),
    ("POST", "/data", 405, "MethodNotAllowed"),
    ("PUT", "/data/$metadata", 405, "MethodNotAllowed"),
    ("POST", PUBLIC_LIST, 405, "MethodNotAllowed"),
    ("PUT", f"/data/{'0' * 32}/Nowhere", 405, "MethodNotAllowed"),
    ("GET", f"/data/{'0' * 32}/Nowhere/Place?isStaging=1", 404, "NotFound"),
    ("GET", "/data/a/b/c/d/e/f", 404, "NotFound"),
]


@pytest.mark.parametrize(("method", "url", "status", "code"), ODATA)
@pytest.mark.parametrize("format_", ["", "$format=atom", "$format=json", "%24FORMAT=JSON"])
def test_every_refusal_of_a_query_or_service_url_is_an_odata_error_in_the_requested_format(
    api: Api, method: str, url: str, status: int, code: str, format_: str
) -> None:
    reply = api.request(method, f"{url}{'&' if '?' in url else '?'}{format_}")
    assert reply.status_code == status
    if url.count("/") < 6:
        assert odata_error(reply)[0] == code
        assert ("json" in reply.headers["content-type"]) == ("json" in format_.lower())


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("$top=x", "InvalidParameter"),
        ("$filter=(", "InvalidFilter"),
        ("spatialFilter=nearby(1)", "InvalidSpatialFilter"),
        ("$orderby=Gone", "InvalidParameter"),
        ("$inlinecount=x", "InvalidParameter"),
    ],
)
@pytest.mark.parametrize("format_", ["atom", "json"])
def test_a_wrong_option_is_400_with_its_code_and_the_name_of_the_parameter(
    cafes: Source, query: str, code: str, format_: str
) -> None:
    reply = cafes.get(f"{query}&$format={format_}")
    assert reply.status_code == 400
    found, message = odata_error(reply)
    assert found == code
    assert query.split("=", maxsplit=1)[0] in message
    assert "expected" in message


def test_an_unknown_format_is_400(cafes: Source) -> None:
    reply = cafes.get("$format=yaml")
    assert (reply.status_code, odata_error(reply)[0]) == (400, "InvalidParameter")


def test_x_request_id_is_on_every_reply(cafes: Source) -> None:
    replies = [
        cafes.get("$format=json"),
        cafes.get(),
        cafes.get("$top=x"),
        cafes.by_id("A1"),
        cafes.api.get("/data"),
        cafes.api.get("/nothing"),
        cafes.api.request("PUT", LOAD),
        cafes.api.post_load("No Name", b"x"),
        cafes.api.get(f"{LOAD}/{cafes.job['id']}"),
        cafes.with_key(None).get(),
        cafes.api.server.client.get("/healthz"),
        cafes.api.server.client.get("/elsewhere"),
    ]
    ids = [reply.headers["x-request-id"] for reply in replies]
    assert len(set(ids)) == len(ids)
    assert [i for i in ids if not (HEX_32.fullmatch(i) or re.fullmatch(r"[0-9a-f-]{36}", i))] == []


def test_a_message_does_not_run_in_a_browser(cafes: Source) -> None:
    for reply in (cafes.get("$top=<script>alert(1)</script>"), cafes.api.get("/<script>alert(1)</script>")):
        assert reply.headers["content-type"].split(";")[0] in ("application/xml", "application/json")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_answered_without_a_key(api: Api, path: str) -> None:
    assert api.server.client.get(path).status_code == 200


def test_a_query_string_that_is_not_utf_8_is_no_500(cafes: Source) -> None:
    for query in ("$filter=Name%20eq%20'%FF'", "%FF=1", "key=%FF", "$format=%C3"):
        target = f"{ROOT}{cafes.entities_path}?{query}&key={cafes.api.key}&$format=json"
        assert raw(cafes.api.server, "GET", target).status in (200, 400, 401)
