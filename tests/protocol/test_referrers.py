"""Keys that are restricted to pages: where that counts, and what is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.protocol.api import DOWNLOAD, JOB_LIST, LOAD, PUBLIC_LIST, ROLLBACK, Api, Source, pipe
from tests.protocol.conftest import Keys, create_key
from tests.protocol.envelopes import json_envelope, odata_error
from tests.servers import Server, resource, run_cli

PLACES = pipe("EntityID(Edm.String,primaryKey)", "1|1|2")
OURS = {"Referer": "https://www.example.com/map"}
EVIL = {"Referer": "https://www.example.com.evil.com/"}


@pytest.fixture(scope="module")
def restricted(server: Server, keys: Keys) -> str:
    return create_key(server.data_dir, "protocol", "restricted", "--referrer", "www.example.com")


@pytest.fixture
def source(api: Api, new_name: Callable[[], str], restricted: str) -> Source:
    return api.source(new_name(), PLACES).with_key(restricted)


def test_queries_are_answered_on_the_pages_of_the_key_and_refused_elsewhere_with_the_reason(source: Source) -> None:
    url = f"{source.entities_path}?$format=json"
    for headers in (OURS, {"Origin": "https://www.example.com"}, {**OURS, "Origin": "https://evil.com"}):
        assert source.api.get(url, headers=headers).status_code == 200
    for headers, reason in (({}, "does not say"), (EVIL, "www.example.com.evil.com"), ({"Origin": "null"}, "not say")):
        code, message = odata_error(source.api.get(url, headers=headers))
        assert (code, "www.example.com" in message, reason in message) == ("NotAuthorized", True, True)


def test_a_reply_that_is_remembered_or_not_modified_is_not_told_elsewhere_either(source: Source) -> None:
    url = f"{source.entities_path}?$format=json"
    tag = source.api.get(url, headers=OURS).headers["etag"]
    assert source.api.get(url, headers={**OURS, "If-None-Match": tag}).status_code == 304
    assert source.api.get(url, headers={**EVIL, "If-None-Match": tag}).status_code == 401


def test_every_request_that_takes_a_key_looks_at_the_page(source: Source, api: Api) -> None:
    restricted, job = source.api, source.job["id"]
    elsewhere = [
        restricted.get(JOB_LIST, headers=EVIL),
        restricted.post_load("Mine", PLACES, headers=EVIL),
        restricted.get(f"{LOAD}/{job}", headers=EVIL),
        restricted.get(f"{ROLLBACK}/{job}/{source.path.split('/')[3]}", headers=EVIL),
        restricted.get(f"{ROLLBACK}/{job}", headers=EVIL),
        restricted.get(f"/data/jobs/{job}/$getstatus", headers=EVIL),
        restricted.request("DELETE", f"{LOAD}/{job}", headers=EVIL),
        restricted.get(DOWNLOAD + source.path.removeprefix("/data"), headers=EVIL),
        restricted.request("DELETE", source.path, headers=EVIL),
    ]
    for reply in elsewhere:
        assert (reply.status_code, json_envelope(reply)["authenticationResultCode"]) == (401, "NotAuthorized")
        assert "evil.com" in reply.json()["errorDetails"][0]
    for path in ("/data", PUBLIC_LIST, source.path, f"{source.path}/$metadata", "/data/$metadata"):
        assert restricted.get(path, headers=EVIL).status_code == 401
        assert restricted.get(path, headers=OURS).status_code == 200
    assert api.get(source.path).status_code == 200


def test_a_restriction_is_changed_and_lifted_from_the_next_request_on(
    server: Server, api: Api, new_name: Callable[[], str]
) -> None:
    value = create_key(server.data_dir, "protocol", "changing")
    source = api.source(new_name(), PLACES).with_key(value)
    assert source.get().status_code == 200
    for option, headers, status in (
        (("--referrer", "*.example.com"), {}, 401),
        (("--referrer", "*.example.com"), OURS, 200),
        (("--referrer", "shop.example.com", "--referrer", "localhost"), OURS, 401),
        (("--any-referrer",), {}, 200),
    ):
        done = run_cli(server.data_dir, "key", "change", "protocol", "changing", *option)
        assert done.returncode == 0, done.stderr
        assert source.api.get(f"{source.entities_path}?$format=json", headers=headers).status_code == status


def test_a_wrong_restricted_key_is_not_told_apart_by_its_page(api: Api) -> None:
    assert resource_or_code(api.with_key("wrong"), OURS) == resource_or_code(api.with_key("wrong"), EVIL)


def resource_or_code(api: Api, headers: dict[str, str]) -> object:
    reply = api.get(JOB_LIST, headers=headers)
    return resource(reply) if reply.is_success else reply.json()["authenticationResultCode"]
