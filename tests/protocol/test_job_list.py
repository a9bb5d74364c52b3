"""http-api.md sections 2, 3 and 4.1: the job list."""

from __future__ import annotations

from typing import Any

import pytest

from tests.protocol.api import JOB_LIST, Api, Source, pipe
from tests.protocol.conftest import change_catalog
from tests.protocol.envelopes import TYPE, WS, json_envelope, xml_envelope
from tests.servers import create_account

COLUMNS = "EntityID(Edm.String,primaryKey)"
PLACES = pipe(COLUMNS, "1|1|2")

EVERY_KIND = {
    "DataSourceComplete": "DataflowJob",
    "DataSourceIncremental": "DataflowJob",
    "DataSourceCompleteStaging": "DataflowJob",
    "DataSourceIncrementalStaging": "DataflowJob",
    "DataSourcePublishFromStaged": "DataServiceJob",
    "DataSourceRollback": "DataflowJob",
    "DataSourceDelete": "DataServiceJob",
    "DataSourceAccess": "DataServiceJob",
}
COUNTS = {"failedEntityCount", "processedEntityCount", "totalEntityCount"}


@pytest.fixture(scope="module")
def account(api: Api) -> Api:
    """An account that has done everything once, in this order, and a download."""
    account = api.with_key(create_account(api.server.data_dir, "busy")["master"])
    source = account.source("Everything", PLACES, "description=My own words")
    for operation in ("incremental", "completeStaging", "incrementalStaging"):
        assert source.load(PLACES, f"loadOperation={operation}")["status"] == "Completed"
    source.changed("/$commit")
    account.followed(source.roll_back(source.job["id"]))
    account.download(source)
    account.load("Everything", b"nonsense")
    source.changed("/$updateDataSource?setPublic=0")
    account.followed(source.delete())
    return account


def listed(api: Api) -> list[dict[str, Any]]:
    reply = api.get(JOB_LIST)
    (found,) = json_envelope(reply)["resourceSets"]
    assert (reply.status_code, found["estimatedTotal"]) == (200, len(found["resources"]))
    return list(found["resources"])


def test_every_kind_of_job_is_listed_newest_first_downloads_not(account: Api) -> None:
    assert [job["description"] for job in listed(account)] == [
        "DataSourceDelete",
        "DataSourceAccess",
        "DataSourceComplete",
        "DataSourceRollback",
        "DataSourcePublishFromStaged",
        "DataSourceIncrementalStaging",
        "DataSourceCompleteStaging",
        "DataSourceIncremental",
        "DataSourceComplete",
    ]


def test_c17_delete_access_and_publish_are_data_service_jobs_and_the_rest_dataflow_jobs(account: Api) -> None:
    for job in listed(account):
        kind = EVERY_KIND[job["description"]]
        assert next(iter(job.items())) == ("__type", f"{kind}:{TYPE}")
        assert COUNTS & job.keys() == (COUNTS if kind == "DataflowJob" else set())


def test_every_job_has_links_that_work(account: Api) -> None:
    for job in listed(account):
        assert job["links"][0]["role"] == "self"
        reply = account.server.client.get(job["links"][0]["url"], params={"key": str(account.key)})
        assert reply.json()["resourceSets"][0]["resources"][0]["id"] == job["id"]


def test_c18_an_aborted_job_says_why_and_the_list_has_no_error_details(account: Api) -> None:
    assert "errorDetails" not in json_envelope(account.get(JOB_LIST))
    (aborted,) = [job for job in listed(account) if job["status"] == "Aborted"]
    assert aborted["errorMessage"]
    assert ("output", "failed") in {(link["role"], link.get("name")) for link in aborted["links"]}


def test_the_list_in_xml_says_the_same(account: Api) -> None:
    for parameter in ("output=xml", "o=XML"):
        root = xml_envelope(account.get(f"{JOB_LIST}?{parameter}"))
        (resources,) = root.iter(f"{WS}Resources")
        told = [(child.tag.removeprefix(WS), child.findtext(f"{WS}Id")) for child in resources]
        assert told == [(EVERY_KIND[job["description"]], job["id"]) for job in listed(account)]
        assert root.findtext(f".//{WS}EstimatedTotal") == str(len(told))


def test_any_key_of_the_account_lists_and_no_other_sees_its_jobs(account: Api, cafes: Source) -> None:
    mine, others = ({job["id"] for job in listed(api)} for api in (account, cafes.api))
    assert cafes.job["id"] in others
    assert not mine & others


def test_every_live_key_of_the_account_sees_the_same_list(api: Api) -> None:
    keys = create_account(api.server.data_dir, "two-keys")
    api.with_key(keys["master"]).source("Seen", PLACES)
    assert listed(api.with_key(keys["master"])) == listed(api.with_key(keys["query"]))
    assert len(listed(api.with_key(keys["query"]))) == 1


def test_a_key_is_needed(api: Api) -> None:
    for key, code in ((None, "NoCredentials"), ("nobody", "InvalidCredentials")):
        reply = api.with_key(key).get(JOB_LIST)
        assert (reply.status_code, json_envelope(reply)["authenticationResultCode"]) == (401, code)


def test_an_account_without_jobs_has_an_empty_list(api: Api) -> None:
    idle = api.with_key(create_account(api.server.data_dir, "idle")["master"])
    assert listed(idle) == []


def test_jobs_leave_the_list_after_fifteen_days(api: Api) -> None:
    account = api.with_key(create_account(api.server.data_dir, "patient")["master"])
    jobs = [account.load("Old", PLACES)["id"] for _ in range(2)]
    day_us = 24 * 3600 * 1_000_000
    for job_id, days in zip(jobs, (16, 14), strict=True):
        statement = "UPDATE jobs SET created_at = created_at - :us WHERE id = :id"
        change_catalog(api.server.data_dir, statement, us=days * day_us, id=job_id)
    assert [job["id"] for job in listed(account)] == [jobs[1]]
