"""http-api.md section 2: what each key may do."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.protocol.api import DOWNLOAD, JOB_LIST, LOAD, PUBLIC_LIST, ROLLBACK, Api, Source, pipe
from tests.protocol.conftest import Keys, create_key
from tests.servers import Server, create_account, run_cli

PLACES = pipe("EntityID(Edm.String,primaryKey)|Name(Edm.String)", "1|one|10|20")

REFUSED = [
    ("none", "NoCredentials"),
    ("unknown", "InvalidCredentials"),
    ("revoked", "CredentialsExpired"),
    ("expired", "CredentialsExpired"),
    ("stranger", "NotAuthorized"),
]


def key_of(keys: Keys, whose: str) -> str | None:
    others = {"none": None, "unknown": "nobody-has-this"}
    return others[whose] if whose in others else getattr(keys, whose)


@pytest.fixture(scope="module")
def guarded(api: Api, keys: Keys) -> Source:
    """A data source with a query key."""
    return api.source("Guarded", PLACES, f"queryKey={keys.query}")


@pytest.mark.parametrize(("whose", "code"), REFUSED)
def test_a_query_without_the_right_is_401_with_its_code(cafes: Source, keys: Keys, whose: str, code: str) -> None:
    reply = cafes.with_key(key_of(keys, whose)).get("$format=json")
    assert (reply.status_code, reply.json()["error"]["code"]) == (401, code)


@pytest.mark.parametrize(("whose", "code"), REFUSED)
@pytest.mark.parametrize("what", ["status", "download", "commit", "update", "delete"])
def test_a_management_request_without_the_right_is_401_with_its_code(
    cafes: Source, keys: Keys, what: str, whose: str, code: str
) -> None:
    url = {
        "status": f"{LOAD}/{cafes.job['id']}",
        "download": DOWNLOAD + cafes.path.removeprefix("/data"),
        "commit": f"{cafes.path}/$commit",
        "update": f"{cafes.path}/$updateDataSource?setPublic=0",
        "delete": cafes.path,
    }[what]
    reply = cafes.api.with_key(key_of(keys, whose)).request("DELETE" if what == "delete" else "GET", url)
    assert (reply.status_code, reply.json()["authenticationResultCode"]) == (401, code)


@pytest.mark.parametrize(("whose", "code"), REFUSED[:4])
@pytest.mark.parametrize("what", ["rollback", "job list", "public list"])
def test_what_names_no_data_source_needs_a_live_key_all_the_same(
    cafes: Source, keys: Keys, what: str, whose: str, code: str
) -> None:
    urls = {"rollback": f"{ROLLBACK}/{cafes.job['id']}/Cafes", "job list": JOB_LIST, "public list": PUBLIC_LIST}
    reply = cafes.api.with_key(key_of(keys, whose)).get(urls[what])
    assert reply.status_code == 401
    assert code in reply.text


def test_a_rollback_with_a_key_of_another_account_is_404(cafes: Source, keys: Keys) -> None:
    reply = cafes.api.with_key(keys.stranger).get(f"{ROLLBACK}/{cafes.job['id']}/Cafes")
    assert reply.status_code == 404


@pytest.mark.parametrize(("whose", "code"), REFUSED)
@pytest.mark.parametrize("what", ["info", "metadata"])
def test_a_description_without_the_right_is_401_with_its_code(
    cafes: Source, keys: Keys, what: str, whose: str, code: str
) -> None:
    url = {"info": f"{cafes.path}?$format=json", "metadata": f"{cafes.path}/$metadata"}[what]
    reply = cafes.api.with_key(key_of(keys, whose)).get(url)
    assert reply.status_code == 401
    assert code in reply.text


@pytest.mark.parametrize(("whose", "code"), REFUSED[:4])
def test_a_load_without_a_live_key_is_401_with_its_code(api: Api, keys: Keys, whose: str, code: str) -> None:
    reply = api.with_key(key_of(keys, whose)).post_load("Nobodys", PLACES)
    assert (reply.status_code, reply.json()["authenticationResultCode"]) == (401, code)


def test_any_key_of_an_account_loads_and_becomes_the_master_key(
    api: Api, keys: Keys, new_name: Callable[[], str]
) -> None:
    name = new_name()
    source = api.with_key(keys.third).source(name, PLACES)
    assert source.api.get(f"{LOAD}/{source.job['id']}").status_code == 200
    refused = api.post_load(name, PLACES)
    assert (refused.status_code, refused.json()["authenticationResultCode"]) == (401, "NotAuthorized")


@pytest.mark.parametrize("whose", ["query", "third", "stranger"])
def test_the_status_of_a_load_is_for_the_master_key(cafes: Source, keys: Keys, whose: str) -> None:
    reply = cafes.api.with_key(key_of(keys, whose)).get(f"{LOAD}/{cafes.job['id']}")
    assert (reply.status_code, reply.json()["authenticationResultCode"]) == (401, "NotAuthorized")


@pytest.mark.parametrize("whose", ["query", "third"])
def test_a_download_is_for_the_master_key(cafes: Source, keys: Keys, whose: str) -> None:
    reply = cafes.api.with_key(key_of(keys, whose)).get(DOWNLOAD + cafes.path.removeprefix("/data"))
    assert (reply.status_code, reply.json()["authenticationResultCode"]) == (401, "NotAuthorized")


@pytest.mark.parametrize("whose", ["master", "query", "third"])
def test_lists_and_descriptions_are_for_any_key_of_the_account(cafes: Source, keys: Keys, whose: str) -> None:
    api = cafes.api.with_key(key_of(keys, whose))
    for url in ("/data", "/data/$metadata", cafes.path, f"{cafes.path}/$metadata", JOB_LIST, PUBLIC_LIST):
        assert api.get(url).status_code == 200


@pytest.mark.parametrize("whose", ["master", "query", "third"])
def test_without_a_query_key_any_key_of_the_account_queries(cafes: Source, keys: Keys, whose: str) -> None:
    assert cafes.with_key(key_of(keys, whose)).ids("$top=1") == ["A1"]


@pytest.mark.parametrize(("whose", "status"), [("master", 200), ("query", 200), ("third", 401), ("stranger", 401)])
def test_with_a_query_key_the_master_key_and_the_query_key_query(
    guarded: Source, keys: Keys, whose: str, status: int
) -> None:
    source = guarded.with_key(key_of(keys, whose))
    assert source.get().status_code == status
    assert source.by_id("1").status_code == status


@pytest.mark.parametrize("whose", ["master", "query", "third", "stranger"])
def test_a_public_data_source_is_queried_with_any_valid_key(
    api: Api, keys: Keys, new_name: Callable[[], str], whose: str
) -> None:
    public = api.source(new_name(), PLACES, f"setPublic=1&queryKey={keys.query}")
    assert public.with_key(key_of(keys, whose)).ids() == ["1"]


@pytest.mark.parametrize("whose", ["none", "unknown", "revoked", "expired"])
def test_a_public_data_source_still_needs_a_valid_key(api: Api, keys: Keys, whose: str) -> None:
    public = api.source("PublicPlaces", PLACES, "setPublic=1")
    assert public.with_key(key_of(keys, whose)).get().status_code == 401


def test_what_is_public_is_managed_by_its_owner_all_the_same(api: Api, keys: Keys) -> None:
    public = api.source("PublicPlaces", PLACES, "setPublic=1")
    stranger = public.api.with_key(keys.stranger)
    assert stranger.get(DOWNLOAD + public.path.removeprefix("/data")).status_code == 401
    assert stranger.get(f"{LOAD}/{public.job['id']}").status_code == 401


def test_an_overwrite_keeps_public_status_and_query_key_unless_they_are_given(
    api: Api, keys: Keys, new_name: Callable[[], str]
) -> None:
    name = new_name()
    first = api.source(name, PLACES, f"setPublic=1&queryKey={keys.query}")
    again = api.source(name, PLACES)
    assert again.access_id == first.access_id
    assert again.with_key(keys.stranger).get().status_code == 200
    private = api.source(name, PLACES, "setPublic=0")
    assert private.with_key(keys.stranger).get().status_code == 401
    assert private.with_key(keys.third).get().status_code == 401
    rekeyed = api.source(name, PLACES, f"queryKey={keys.third}")
    assert rekeyed.with_key(keys.third).get().status_code == 200
    assert rekeyed.with_key(keys.query).get().status_code == 401


@pytest.mark.parametrize("whose", ["master", "stranger", "unknown", "revoked"])
def test_the_query_key_must_be_another_live_key_of_the_account(api: Api, keys: Keys, whose: str) -> None:
    reply = api.post_load("Miskeyed", PLACES, f"queryKey={key_of(keys, whose)}")
    assert reply.status_code == 400
    assert "queryKey" in reply.json()["errorDetails"][0]


def test_a_data_source_that_does_not_exist_is_404_with_a_valid_key(cafes: Source, keys: Keys) -> None:
    nowhere = f"/data/{'0' * 32}/Nowhere"
    for url in (nowhere, f"{nowhere}/$metadata", f"{nowhere}/Place", f"{nowhere}/Place('1')"):
        assert cafes.api.get(url).status_code == 404
        assert cafes.api.with_key("nobody").get(url).status_code == 401
        assert cafes.api.with_key(None).get(url).status_code == 401


def test_the_access_id_the_name_and_the_entity_type_must_belong_together(cafes: Source, parks: Source) -> None:
    for path in (f"/data/{cafes.access_id}/Parks/Park", f"/data/{parks.access_id}/Cafes/Cafe", f"{cafes.path}/Park"):
        assert cafes.api.get(path).status_code == 404


def test_a_staged_version_that_does_not_exist_is_404(cafes: Source) -> None:
    for parameter in ("isStaging=1", "isStaging=true", "isStaged=1", "isstaging=True"):
        reply = cafes.get(f"$format=json&{parameter}")
        assert reply.status_code == 404, parameter
        assert "stag" in reply.json()["error"]["message"]["value"].lower()
    assert cafes.ids("isStaging=0&$top=1") == ["A1"]


def test_white_space_around_a_key_is_trimmed(cafes: Source) -> None:
    assert cafes.with_key(f" {cafes.api.key}\t ").ids("$top=1") == ["A1"]


def test_names_are_unique_within_an_account_and_free_in_another(
    api: Api, keys: Keys, new_name: Callable[[], str]
) -> None:
    name = new_name()
    own, other = api.source(name, PLACES), api.with_key(keys.stranger).source(name, PLACES)
    assert own.access_id != other.access_id


def test_imported_keys_and_a_reserved_access_id_let_an_old_url_work_with_only_the_host_changed(server: Server) -> None:
    master_key, query_key = "An:Old/Master+Key=", "Ap-Old_Query~Key.1"
    access_id = "0123456789abcdef0123456789abcdef"
    old_url = (
        f"https://spatial.old-service.example/REST/v1/data/{access_id}/MovedShops/Place"
        f"?spatialFilter=nearby(10,20,5)&$select=EntityID,__Distance&$format=json&key={query_key}"
    )
    create_account(server.data_dir, "movers")
    for name, value in (("old master", master_key), ("old query", query_key)):
        assert create_key(server.data_dir, "movers", name, "--value-from-stdin", stdin=f"{value}\n") == value
    reserve = run_cli(server.data_dir, "datasource", "reserve", "movers", "MovedShops", "--access-id", access_id)
    assert reserve.returncode == 0, reserve.stderr

    new_url = old_url.replace("https://spatial.old-service.example", server.url)
    assert server.client.get(new_url).status_code == 404
    source = Api(server, master_key).source("MovedShops", PLACES, f"queryKey={query_key}")
    assert source.access_id == access_id
    assert [entity["EntityID"] for entity in server.client.get(new_url).json()["d"]["results"]] == ["1"]


def test_keys_are_never_in_the_log(cafes: Source, keys: Keys) -> None:
    secrets = {*vars(keys).values(), "mistyped-secret"}
    for key in sorted(secrets):
        source = cafes.with_key(key)
        source.get("$top=x")
        source.get(headers={"Referer": f"https://app.example/?key={key}", "User-Agent": f"App?key={key}"})
        source.api.get(f"/data/{key}")
        source.api.get(f"{LOAD}/none")
        source.api.post_load(f"key={key}", PLACES, f"queryKey={key}")
    log = cafes.api.server.log.read_text()
    assert [key for key in secrets if key in log] == []
    assert not re.search(r"(?i)key=(?!\*|\.|<|redacted|…|\W|$)", log)


def test_keys_are_not_repeated_in_error_texts(cafes: Source, keys: Keys) -> None:
    for key in (keys.stranger, keys.revoked, "mistyped-secret"):
        source = cafes.with_key(key)
        replies = [source.get(), source.get("$format=json"), source.api.get(f"{LOAD}/{source.job['id']}")]
        replies.append(source.api.with_key(keys.master).post_load("Miskeyed", PLACES, f"queryKey={key}"))
        assert [reply.status_code for reply in replies] == [401, 401, 401, 400]
        assert [reply.text for reply in replies if key in reply.text] == []


def test_a_key_is_shown_only_at_its_creation(server: Server, keys: Keys) -> None:
    listed = run_cli(server.data_dir, "key", "list", "protocol", "--json")
    assert listed.returncode == 0, listed.stderr
    assert [key for key in vars(keys).values() if key in listed.stdout] == []
