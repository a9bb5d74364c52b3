"""http-api.md section 4.5: ETag and 304."""

from __future__ import annotations

import pytest

from tests.protocol.api import Api, Source, pipe


def etag(source: Source, query: str = "") -> str:
    return source.get(query).headers["etag"]


def test_a_published_query_has_an_etag_and_is_revalidated_by_private_caches(cafes: Source) -> None:
    for reply in (cafes.get(), cafes.get("$format=json"), cafes.by_id("A1"), cafes.get("$format=json&jsonp=cb")):
        assert reply.headers["etag"].strip("W/").startswith('"')
        assert reply.headers["cache-control"] == "private, no-cache"


def test_the_same_request_has_the_same_etag(cafes: Source) -> None:
    assert etag(cafes, "$format=json") == etag(cafes, "$format=json")


def test_another_request_has_another_etag(cafes: Source) -> None:
    queries = ["", "$format=json", "$format=json&$top=3", "$format=json&$skip=3", "$format=json&$select=Name"]
    queries += ["$format=json&$filter=Seats eq 5", "$format=json&spatialFilter=nearby(47,8,5)", "$format=json&jsonp=a"]
    assert len({etag(cafes, query) for query in queries}) == len(queries)


@pytest.mark.parametrize("form", ["{etag}", '"other", {etag}', "W/{weak}", "*"])
def test_if_none_match_gives_304_without_a_body(cafes: Source, form: str) -> None:
    known = etag(cafes, "$format=json")
    header = form.format(etag=known, weak=known.removeprefix("W/"))
    reply = cafes.get("$format=json", headers={"If-None-Match": header})
    assert (reply.status_code, reply.content, reply.headers["etag"]) == (304, b"", known)


@pytest.mark.parametrize("form", ['"other", W/{etag} , "third"', "*", "W/{etag}"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_304_has_the_headers_that_pages_and_caches_need(cafes: Source, form: str, method: str) -> None:
    known = etag(cafes, "$format=json")
    headers = {"If-None-Match": form.format(etag=known), "Origin": "https://maps.example"}
    reply = cafes.api.request(method, f"{cafes.entities_path}?$format=json", headers=headers)
    assert (reply.status_code, reply.content, reply.headers["etag"]) == (304, b"", known)
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["cache-control"] == "private, no-cache"
    assert "accept-encoding" in reply.headers["vary"].lower()


@pytest.mark.parametrize("form", ["{bare}", '"{bare}x"', '"x{bare}"', '"-"', ""])
def test_what_only_resembles_the_etag_gives_the_whole_reply(cafes: Source, form: str) -> None:
    header = form.format(bare=etag(cafes, "$format=json").strip('"'))
    assert cafes.get("$format=json", headers={"If-None-Match": header}).status_code == 200


def test_an_error_has_no_etag_and_is_not_kept(cafes: Source) -> None:
    reply = cafes.get("$top=x")
    assert "etag" not in reply.headers
    assert reply.headers["cache-control"] == "no-store"


def test_another_etag_gives_the_whole_reply(cafes: Source) -> None:
    reply = cafes.get("$format=json", headers={"If-None-Match": '"other"'})
    assert (reply.status_code, len(reply.json()["d"]["results"])) == (200, 10)


def test_a_304_still_needs_a_key_and_a_right_request(cafes: Source) -> None:
    headers = {"If-None-Match": etag(cafes)}
    assert cafes.with_key("nobody").get(headers=headers).status_code == 401
    assert cafes.get("$top=x", headers={"If-None-Match": "*"}).status_code == 400


def test_a_new_version_has_a_new_etag(api: Api) -> None:
    upload = pipe("EntityID(Edm.String,primaryKey)", "1|1|2")
    first = api.source("Cached", upload)
    known = etag(first)
    second = api.source("Cached", upload)
    reply = second.get(headers={"If-None-Match": known})
    assert (reply.status_code, reply.headers["etag"] != known) == (200, True)


def test_a_compressed_reply_is_revalidated_too(cafes: Source) -> None:
    gzip = {"Accept-Encoding": "gzip"}
    known = cafes.get("$format=json", headers=gzip).headers["etag"]
    assert cafes.get("$format=json", headers=gzip | {"If-None-Match": known}).status_code == 304
