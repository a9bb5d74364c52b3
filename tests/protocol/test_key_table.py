"""http-api.md section 2: the table of operations and keys, cell by cell, and how each refusal is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import httpx
import pytest

from tests.protocol.api import DOWNLOAD, JOB_LIST, LOAD, PUBLIC_LIST, ROLLBACK, Api, Source, pipe
from tests.protocol.conftest import Keys
from tests.protocol.envelopes import WS, json_envelope, odata_error, xml_envelope
from tests.servers import resource

COLUMNS = "EntityID(Edm.String,primaryKey)"
PLACES = pipe(COLUMNS, "1|1|2")
MIXED = pipe(COLUMNS, "1|1|2", "2|91|2")
STAGED = "loadOperation=completeStaging"

DEAD = {
    "none": "NoCredentials",
    "unknown": "InvalidCredentials",
    "revoked": "CredentialsExpired",
    "expired": "CredentialsExpired",
}
"""Keys that open nothing anywhere, and what they are told."""
MASTER = frozenset({"master"})
ACCOUNT = frozenset({"master", "query", "third"})
ANY = ACCOUNT | {"stranger"}
OR_OWN = MASTER | {"stranger"}
"""Where a data source is named by its name alone: that of another account is meant with a key of that account."""

BY_NAME = "dataSourceName={name}&loadOperation=complete&input=pipe"
BY_ACCESS_ID = "accessId={access_id}&loadOperation=incremental&input=pipe"


@dataclass(frozen=True)
class Cell:
    """An operation: a row of the table, with the keys that may."""

    url: str
    allowed: frozenset[str] = MASTER
    method: str = "GET"
    status: int = 200
    """Of the reply to a key that may."""
    upload: bytes | None = None

    def ask(self, api: Api, names: dict[str, str], query: str = "") -> httpx.Response:
        """Send the request."""
        url = self.url.format(**names)
        joined = f"{url}{'&' if '?' in url else '?'}{query}"
        return api.request(self.method, joined, content=self.upload)


ACTING = {
    "load": Cell(f"{LOAD}?{BY_NAME}", OR_OWN, method="POST", status=201, upload=PLACES),
    "load by access id": Cell(f"{LOAD}?{BY_ACCESS_ID}", method="POST", status=201, upload=PLACES),
    "publish staged": Cell("{path}/$commit", status=202),
    "make public": Cell("{path}/$updateDataSource?setPublic=1", status=201),
    "delete": Cell("{path}", method="DELETE", status=202),
    "delete what is staged": Cell("{path}?isStaging=1", method="DELETE", status=202),
    "download": Cell(f"{DOWNLOAD}/{{access_id}}/{{name}}", status=201),
    "download under data": Cell("/data/DataSourceDownload/{access_id}/{name}", status=201),
}
MANAGED = {
    "status of a load": Cell(f"{LOAD}/{{load}}"),
    "error log of a load": Cell(f"{LOAD}/{{load}}/output/failed"),
    "status of a download": Cell(f"{DOWNLOAD}/{{download}}"),
    "output file": Cell(f"{DOWNLOAD}/{{download}}/output/succeeded"),
    "output file in another format": Cell(f"{DOWNLOAD}/{{download}}/output/succeeded?dataFormat=csv"),
    "error log of a download that has none": Cell(f"{DOWNLOAD}/{{download}}/output/failed", status=404),
    "error log of a rollback that has none": Cell(f"{ROLLBACK}/{{rollback}}/output/failed", status=404),
    "status of a change of access": Cell("/data/jobs/{access}/$getstatus"),
    "status of a delete": Cell("/data/jobs/{delete}/$getstatus"),
    "job list": Cell(JOB_LIST, ANY),
}
DESCRIBED = {
    "list of data sources": Cell("/data", ANY),
    "list of data sources in JSON": Cell("/data?$format=json", ANY),
    "info": Cell("{path}", ACCOUNT),
    "info in JSON": Cell("{path}?$format=json&showAllVersions=1", ACCOUNT),
    "metadata": Cell("{path}/$metadata", ACCOUNT),
    "metadata of all": Cell("/data/$metadata", ANY),
    "public list": Cell(PUBLIC_LIST, ANY),
    "public list in JSON": Cell(f"{PUBLIC_LIST}?$format=json", ANY),
}
KEYLESS = {"publish": "/data/jobs/{publish}/$getstatus", "rollback": f"{ROLLBACK}/{{rollback}}"}


def with_key_of(api: Api, keys: Keys, whose: str) -> Api:
    """Return the service as one of the keys sees it."""
    values = {"none": None, "unknown": "a-key-that-nobody-has"}
    return api.with_key(values[whose] if whose in values else getattr(keys, whose))


def names_of(source: Source) -> dict[str, str]:
    return {"name": source.path.split("/")[3], "access_id": source.access_id, "path": source.path}


@pytest.fixture
def fresh(api: Api, new_name: Callable[[], str]) -> Source:
    """A data source with a published and a staged version, for one test to change."""
    source = api.source(new_name(), PLACES)
    source.load(PLACES, STAGED)
    return source


@pytest.fixture(scope="module")
def names(api: Api) -> dict[str, str]:
    """A data source for which a job of every kind is done, a load with a bad row among them."""
    source = api.source("KeyTable", MIXED)
    source.load(PLACES, STAGED)
    ids = {
        "load": source.job["id"],
        "publish": source.changed("/$commit")["id"],
        "rollback": api.followed(source.roll_back(source.job["id"]))["id"],
        "download": api.followed(api.get(DOWNLOAD + source.path.removeprefix("/data")))["id"],
        "access": source.changed("/$updateDataSource?setPublic=0")["id"],
    }
    source.load(PLACES, STAGED)
    return names_of(source) | ids | {"delete": api.followed(source.delete("isStaging=1"))["id"]}


def refusals(cell: Cell) -> dict[str, str]:
    """What each key that may not is told."""
    return DEAD | dict.fromkeys(sorted(ANY - cell.allowed), "NotAuthorized")


def assert_management_refusals(cell: Cell, api: Api, keys: Keys, names: dict[str, str]) -> None:
    """Assert that each key that may not is told so in both forms of the envelope."""
    for whose, code in refusals(cell).items():
        asking = with_key_of(api, keys, whose)
        told = cell.ask(asking, names)
        assert (told.status_code, json_envelope(told)["authenticationResultCode"]) == (401, code), whose
        xml = cell.ask(asking, names, "output=xml")
        assert (xml.status_code, xml_envelope(xml).findtext(f"{WS}AuthenticationResultCode")) == (401, code), whose


@pytest.mark.parametrize("what", ACTING)
def test_what_changes_or_downloads_a_data_source_is_for_its_master_key(fresh: Source, keys: Keys, what: str) -> None:
    cell, names = ACTING[what], names_of(fresh)
    assert_management_refusals(cell, fresh.api, keys, names)
    assert (fresh.ids(), fresh.ids("isStaging=1")) == (["1"], ["1"])
    assert fresh.with_key(keys.stranger).get().status_code == 401
    assert cell.ask(fresh.api, names).status_code == cell.status


def test_a_rollback_is_for_the_master_key_and_finds_nothing_in_another_account(fresh: Source, keys: Keys) -> None:
    names = names_of(fresh) | {"version": fresh.job["id"]}
    rollback = Cell(f"{ROLLBACK}/{{version}}/{{name}}", OR_OWN, status=201)
    assert_management_refusals(rollback, fresh.api, keys, names)
    assert rollback.ask(fresh.api.with_key(keys.stranger), names).status_code == 404
    assert rollback.ask(fresh.api, names).status_code == 201


@pytest.mark.parametrize("what", MANAGED)
def test_statuses_and_files_of_jobs_are_for_the_master_key_and_the_job_list_for_every_valid_one(
    api: Api, keys: Keys, names: dict[str, str], what: str
) -> None:
    cell = MANAGED[what]
    assert_management_refusals(cell, api, keys, names)
    for whose in cell.allowed:
        assert cell.ask(with_key_of(api, keys, whose), names).status_code == cell.status, whose


@pytest.mark.parametrize("what", KEYLESS)
def test_publishes_and_rollbacks_are_followed_without_a_key_but_a_key_that_is_given_has_to_be_right(
    api: Api, keys: Keys, names: dict[str, str], what: str
) -> None:
    cell = Cell(KEYLESS[what], frozenset({"master", "none"}))
    for whose, code in {**refusals(cell), "none": None}.items():
        reply = cell.ask(with_key_of(api, keys, whose), names)
        told = json_envelope(reply)["authenticationResultCode"]
        assert (reply.status_code, told) == ((401, code) if code else (200, "ValidCredentials")), whose
    for query in ("key=", "key", "key=+", f"key={keys.master}"):
        assert cell.ask(api.with_key(None), names, query).status_code == 200, query


@pytest.mark.parametrize("what", ["load", "download", "delete", "access"])
def test_no_other_job_is_followed_without_a_key(api: Api, names: dict[str, str], what: str) -> None:
    nobody = api.with_key(None)
    for url in (f"{ROLLBACK}/{names[what]}", f"/data/jobs/{names[what]}/$getstatus", f"{LOAD}/{names[what]}"):
        assert json_envelope(nobody.get(url))["authenticationResultCode"] == "NoCredentials"


@pytest.mark.parametrize("what", DESCRIBED)
def test_descriptions_are_for_every_key_of_the_account_and_lists_for_every_valid_one(
    api: Api, keys: Keys, names: dict[str, str], what: str
) -> None:
    cell = DESCRIBED[what]
    for whose, code in refusals(cell).items():
        reply = cell.ask(with_key_of(api, keys, whose), names)
        assert (reply.status_code, odata_error(reply)[0]) == (401, code), whose
        assert ("json" in reply.headers["content-type"]) == ("json" in cell.url)
    for whose in cell.allowed:
        assert cell.ask(with_key_of(api, keys, whose), names).status_code == 200, whose


@pytest.mark.parametrize("url", ["/data?$format=json", "/data", "/data/$metadata", JOB_LIST])
def test_lists_are_of_the_account_of_the_key(api: Api, keys: Keys, names: dict[str, str], url: str) -> None:
    for whose in ACCOUNT:
        assert names["name"] in with_key_of(api, keys, whose).get(url).text
    assert names["name"] not in api.with_key(keys.stranger).get(url).text


@pytest.mark.parametrize("whose", ["query", "third", "stranger"])
def test_a_download_is_found_by_the_name_of_its_data_source_only_with_the_master_key(
    api: Api, keys: Keys, names: dict[str, str], whose: str
) -> None:
    url = f"{DOWNLOAD}/{names['name']}"
    assert resource(api.get(url))["id"] == names["download"]
    assert with_key_of(api, keys, whose).get(url).status_code == (404 if whose == "stranger" else 401)


def test_of_downloads_of_one_name_each_master_key_finds_its_own(fresh: Source, keys: Keys) -> None:
    def downloaded(source: Source) -> str:
        return str(resource(source.api.get(DOWNLOAD + source.path.removeprefix("/data")))["id"])

    former = downloaded(fresh)
    fresh.api.followed(fresh.delete())
    again = fresh.with_key(keys.third).api.source(fresh.job["name"], PLACES)
    latter = downloaded(again)
    url = f"{DOWNLOAD}/{fresh.job['name']}"
    assert [resource(source.api.get(url))["id"] for source in (fresh, again)] == [former, latter]


QUERIES = {
    "as loaded": ("", ACCOUNT, ACCOUNT),
    "with a query key": ("queryKey={query}", MASTER | {"query"}, MASTER | {"query"}),
    "public": ("setPublic=1", ANY, ACCOUNT),
    "public with a query key": ("setPublic=1&queryKey={query}", ANY, MASTER | {"query"}),
}
"""For each kind of data source: how it is loaded, who may query what is published, who may query what is staged."""


@pytest.mark.parametrize("kind", QUERIES)
def test_queries_are_for_whom_the_table_says(api: Api, keys: Keys, kind: str) -> None:
    load, published, staged = QUERIES[kind]
    source = api.source(f"Queried-{kind.replace(' ', '_')}", PLACES, load.format(query=keys.query))
    source.load(PLACES, STAGED)
    for query, allowed in (("", published), ("isStaging=1", staged)):
        for whose in (*DEAD, *ANY):
            reader = with_key_of(api, keys, whose)
            paths = (source.entities_path, f"{source.entities_path}('1')")
            for form in ("json", "atom"):
                replies = [reader.get(f"{path}?$format={form}&{query}") for path in paths]
                if whose in allowed:
                    assert [reply.status_code for reply in replies] == [200, 200], (whose, query)
                else:
                    told = [(reply.status_code, odata_error(reply)[0]) for reply in replies]
                    assert told == [(401, DEAD.get(whose, "NotAuthorized"))] * 2, (whose, query)
