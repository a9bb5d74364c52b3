"""http-api.md sections 2, 3 and 4.1: stage a version, query it, publish it, follow the job."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lxml import etree

from tests.protocol.api import ROOT, Api, Source, pipe
from tests.protocol.conftest import Keys
from tests.protocol.envelopes import (
    ISO_8601,
    RFC_1123,
    TYPE,
    WS,
    XSI_NIL,
    error_details,
    json_envelope,
    odata_error,
    xml_envelope,
)
from tests.servers import resource

COLUMNS = "EntityID(Edm.String,primaryKey)|Name(Edm.String)"
OLD = pipe(COLUMNS, "1|old|1|2")
NEW = pipe(COLUMNS, "1|new|1|2", "2|new|1|2")
STAGED = "loadOperation=completeStaging"


@pytest.fixture
def staged(api: Api, new_name: Callable[[], str]) -> Source:
    """A data source with a published and a staged version."""
    source = api.source(new_name(), OLD)
    assert source.load(NEW, STAGED)["status"] == "Completed"
    return source


def names(source: Source, query: str = "") -> list[str]:
    return [entity["Name"] for entity in source.results(query)]


@pytest.mark.parametrize("parameter", ["isStaging=1", "isStaging=true", "isStaged=1", "ISSTAGING=TRUE"])
def test_a_staged_version_is_queried_on_demand_and_the_published_one_stays(staged: Source, parameter: str) -> None:
    assert names(staged) == names(staged, "isStaging=0") == ["old"]
    assert names(staged, parameter) == ["new", "new"]
    assert staged.by_id("2", parameter).status_code == 200
    assert staged.by_id("2").status_code == 404


def test_a_staged_version_is_never_public(staged: Source, keys: Keys) -> None:
    staged.changed("/$updateDataSource?setPublic=1")
    stranger = staged.with_key(keys.stranger)
    assert stranger.get().status_code == 200
    assert odata_error(stranger.get("isStaging=1"))[0] == "NotAuthorized"
    assert names(staged.with_key(keys.third), "isStaging=1") == ["new", "new"]


def test_a_first_load_may_be_staged_and_then_only_the_staged_version_can_be_queried(
    api: Api, new_name: Callable[[], str]
) -> None:
    source = api.source(new_name(), NEW, STAGED)
    assert names(source, "isStaging=1") == ["new", "new"]
    code, message = odata_error(source.get())
    assert (code, "published" in message) == ("NotFound", True)
    assert source.changed("/$commit")["status"] == "Completed"
    assert names(source) == ["new", "new"]


@pytest.mark.parametrize("word", ["$commit", "$COMMIT", "%24commit"])
def test_c20_a_publish_is_202_accepted_with_a_data_service_job(staged: Source, word: str) -> None:
    reply = staged.api.get(f"{staged.path}/{word}")
    envelope = json_envelope(reply)
    assert (reply.status_code, envelope["statusDescription"]) == (202, "Accepted")
    job = resource(reply)
    assert list(job) == ["__type", "id", "links", "name", "createdDate", "description", "status"]
    assert job["__type"] == f"DataServiceJob:{TYPE}"
    assert (job["status"], job["description"]) == ("Accepted", "DataSourcePublishFromStaged")
    assert RFC_1123.fullmatch(job["createdDate"])
    status_url = f"{staged.api.server.url}{ROOT}/data/jobs/{job['id']}/$getstatus"
    assert job["links"] == [{"role": "self", "url": status_url}]
    assert reply.headers["location"] == status_url
    assert staged.api.followed(reply)["status"] == "Completed"


def test_a_publish_is_told_in_xml_when_asked(staged: Source) -> None:
    root = xml_envelope(staged.api.get(f"{staged.path}/$commit?o=xml"))
    (job,) = root.iter(f"{WS}DataServiceJob")
    assert [etree.QName(child).localname for child in job] == [
        *("Name", "Id", "Link", "Description", "Status", "CreatedDate", "CompletedDate")
    ]
    assert (job.findtext(f"{WS}Status"), job.find(f"{WS}CompletedDate").get(XSI_NIL)) == ("Accepted", "true")
    assert ISO_8601.fullmatch(job.findtext(f"{WS}CreatedDate"))
    url = job.findtext(f"{WS}Link")
    assert staged.api.server.followed(url, staged.api.key)["status"] == "Completed"
    done = xml_envelope(staged.api.server.client.get(f"{url}?output=xml"))
    assert ISO_8601.fullmatch(done.findtext(f".//{WS}DataServiceJob/{WS}CompletedDate"))


def test_a_published_version_is_queried_and_not_staged_any_more(staged: Source) -> None:
    job = staged.changed("/$commit")
    assert (job["status"], job["description"]) == ("Completed", "DataSourcePublishFromStaged")
    assert RFC_1123.fullmatch(job["completedDate"])
    assert names(staged) == ["new", "new"]
    assert staged.get("isStaging=1").status_code == 404


def test_a_publish_is_followed_without_a_key_but_not_with_a_wrong_one(staged: Source, keys: Keys) -> None:
    url = staged.api.get(f"{staged.path}/$commit").headers["location"]
    client = staged.api.server.client
    assert staged.api.server.followed(url, None)["status"] == "Completed"
    assert client.get(f"{url}?key=").status_code == client.get(url).status_code == 200
    for key, code in (
        ("nobody", "InvalidCredentials"),
        (keys.revoked, "CredentialsExpired"),
        (keys.third, "NotAuthorized"),
        (keys.stranger, "NotAuthorized"),
    ):
        reply = client.get(url, params={"key": key})
        assert (reply.status_code, reply.json()["authenticationResultCode"]) == (401, code)


def test_a_publish_with_nothing_staged_is_404_and_says_so(staged: Source) -> None:
    staged.changed("/$commit")
    reply = staged.api.get(f"{staged.path}/$commit")
    assert reply.status_code == 404
    assert "staged" in error_details(reply)[0]


@pytest.mark.parametrize("whose", ["query", "third", "stranger", "none"])
def test_a_publish_is_for_the_master_key(staged: Source, keys: Keys, whose: str) -> None:
    key = None if whose == "none" else getattr(keys, whose)
    reply = staged.api.with_key(key).get(f"{staged.path}/$commit")
    expected = "NoCredentials" if key is None else "NotAuthorized"
    assert (reply.status_code, json_envelope(reply)["authenticationResultCode"]) == (401, expected)
    assert names(staged) == ["old"]


def test_a_second_staged_version_replaces_the_first(staged: Source) -> None:
    staged.load(pipe(COLUMNS, "9|newest|1|2"), STAGED)
    assert names(staged, "isStaging=1") == ["newest"]
    assert [version["IsStaging"] for version in staged.versions()] == [False, True]


def test_the_status_of_a_job_that_does_not_exist_is_404(api: Api) -> None:
    for job_id in ("0" * 32, "none"):
        reply = api.get(f"/data/jobs/{job_id}/$getstatus")
        assert reply.status_code == 404
        assert error_details(reply)


@pytest.mark.parametrize(("tail", "status"), [("", 405), ("/$status", 404), ("/Place", 404), ("/$metadata", 404)])
def test_c19_errors_below_data_jobs_come_in_the_management_envelope(api: Api, tail: str, status: int) -> None:
    reply = api.get(f"/data/jobs/{'0' * 32}{tail}?$format=json")
    assert reply.status_code == status
    assert error_details(reply)


@pytest.mark.parametrize("tail", ["/$commit?output=yaml", "/$updateDataSource?setPublic=1&output=yaml"])
def test_a_change_whose_reply_could_not_be_given_is_refused(staged: Source, tail: str) -> None:
    reply = staged.api.get(staged.path + tail)
    assert reply.status_code == 400
    assert "output" in error_details(reply)[0]
    assert names(staged) == ["old"]
