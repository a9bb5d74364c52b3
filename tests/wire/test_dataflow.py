"""Jobs in both management envelopes (http-api.md, sections 4.1 and 4.2)."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from geostead.model.job import AccessOrder, Job, JobKind, JobStatus, LoadOperation
from geostead.wire import dataflow_json, dataflow_xml
from geostead.wire.management_reply import LISTED_LOADS, ManagementReply, reply_about
from tests.wire.examples import (
    ACCEPTED_AT,
    ACCESS,
    COMPLETED_AT,
    DELETE,
    DOWNLOAD,
    JOB_ID,
    LINKS,
    LOAD,
    PUBLISH,
    ROLLBACK,
    TRACE_ID,
)

REST = "{http://schemas.microsoft.com/search/local/ws/rest/v1}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"

COMPLETED = replace(
    LOAD,
    status=JobStatus.COMPLETED,
    completed_at=COMPLETED_AT,
    total_count=12,
    processed_count=12,
    description="Läden <neu>",
)
WITH_FAILED = replace(COMPLETED, failed_count=2)
ABORTED = replace(LOAD, status=JobStatus.ABORTED, completed_at=COMPLETED_AT, error_message="Line 1 is missing.")
DOWNLOADED = replace(DOWNLOAD, status=JobStatus.COMPLETED, completed_at=COMPLETED_AT, total_count=3)
FETCHING = replace(LOAD, fetched_bytes=1_048_576)
PUBLISHED = replace(PUBLISH, status=JobStatus.COMPLETED, completed_at=COMPLETED_AT)
ROLLED_BACK = replace(ROLLBACK, status=JobStatus.COMPLETED, completed_at=COMPLETED_AT)
ROLLBACK_ABORTED = replace(ROLLBACK, status=JobStatus.ABORTED, completed_at=COMPLETED_AT, error_message="It is gone.")
PUBLISH_ABORTED = replace(PUBLISH, status=JobStatus.ABORTED, completed_at=COMPLETED_AT, error_message="It is gone.")

JOBS = {
    "pending": LOAD,
    "completed": COMPLETED,
    "completed-with-failed": WITH_FAILED,
    "aborted": ABORTED,
    "download": DOWNLOADED,
    "fetching": FETCHING,
    "published": PUBLISHED,
    "publish-aborted": PUBLISH_ABORTED,
    "rollback": ROLLBACK,
    "rolled-back": ROLLED_BACK,
    "delete": DELETE,
    "access": ACCESS,
}
DATA_SERVICE_JOBS = [job for job in JOBS.values() if job.kind in (JobKind.PUBLISH, JobKind.DELETE, JobKind.ACCESS)]
DATAFLOW_JOBS = [job for job in JOBS.values() if job not in DATA_SERVICE_JOBS]


def about(*jobs: Job, status: int = 200, listing: bool = False) -> ManagementReply:
    return reply_about(jobs, LINKS, TRACE_ID, status, listing=listing)


def as_json(*jobs: Job, listing: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(dataflow_json.encode_reply(about(*jobs, listing=listing)))
    return found


def resource(job: Job, *, listing: bool = False) -> dict[str, Any]:
    (found,) = as_json(job, listing=listing)["resourceSets"][0]["resources"]
    return found  # type: ignore[no-any-return]


def as_xml(*jobs: Job, listing: bool = False) -> etree._Element:
    return etree.fromstring(dataflow_xml.encode_reply(about(*jobs, listing=listing)))


def local_names(element: etree._Element) -> Sequence[str]:
    return [child.tag.removeprefix(REST) for child in element]


def links_in_json(job: Job) -> set[tuple[str, str | None, str]]:
    return {(link["role"], link.get("name"), link["url"]) for link in resource(job)["links"]}


def links_in_xml(job: Job) -> set[tuple[str, str | None, str]]:
    return {(e.get("role") or "", e.get("name"), e.text or "") for e in as_xml(job).iter(f"{REST}Link")}


@pytest.mark.parametrize("name", JOBS)
def test_golden_jobs(name: str, golden: Callable[[str, bytes], None]) -> None:
    reply = about(JOBS[name], status=201 if name in ("pending", "rollback", "access") else 200)
    golden(f"job-{name}.json", dataflow_json.encode_reply(reply))
    golden(f"job-{name}.xml", dataflow_xml.encode_reply(reply))


def test_golden_reply_to_commit(golden: Callable[[str, bytes], None]) -> None:
    reply = about(PUBLISH, status=202)
    golden("job-commit.json", dataflow_json.encode_reply(reply))
    golden("job-commit.xml", dataflow_xml.encode_reply(reply))


def test_golden_job_list(golden: Callable[[str, bytes], None]) -> None:
    reply = about(LOAD, DELETE, COMPLETED, ABORTED, PUBLISHED, ROLLED_BACK, ACCESS, listing=True)
    golden("jobs.json", dataflow_json.encode_reply(reply))
    golden("jobs.xml", dataflow_xml.encode_reply(reply))


def test_the_envelope_has_its_members_in_the_documented_order() -> None:
    assert list(as_json(LOAD)) == [
        "authenticationResultCode",
        "brandLogoUri",
        "copyright",
        "resourceSets",
        "statusCode",
        "statusDescription",
        "traceId",
    ]
    assert local_names(as_xml(LOAD)) == [
        "Copyright",
        "BrandLogoUri",
        "StatusCode",
        "StatusDescription",
        "AuthenticationResultCode",
        "TraceId",
        "ResourceSets",
    ]


def test_a_json_reply_is_one_line_of_ascii() -> None:
    document = dataflow_json.encode_reply(about(COMPLETED))
    assert document.isascii()
    assert b"\n" not in document


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)
def test_c17_type_is_the_first_member_of_every_resource_and_one_of_two(job: Job) -> None:
    name = "DataServiceJob" if job in DATA_SERVICE_JOBS else "DataflowJob"
    first = ("__type", f"{name}:http://schemas.microsoft.com/search/local/ws/rest/v1")
    assert next(iter(resource(job).items())) == next(iter(resource(job, listing=True).items())) == first
    assert local_names(next(as_xml(job).iter(f"{REST}Resources"))) == [name]


@pytest.mark.parametrize("job", DATA_SERVICE_JOBS, ids=lambda job: job.kind)
def test_c17_a_data_service_job_has_no_counts(job: Job) -> None:
    assert [name for name in resource(job) if "Count" in name] == []
    assert [name for name in local_names(next(as_xml(job).iter(f"{REST}DataServiceJob"))) if "Count" in name] == []


@pytest.mark.parametrize("job", DATAFLOW_JOBS, ids=lambda job: f"{job.kind} {job.status}")
def test_a_dataflow_job_has_all_its_counts(job: Job) -> None:
    assert {"failedEntityCount", "processedEntityCount", "totalEntityCount"} <= resource(job).keys()


@pytest.mark.parametrize("job", [LOAD, COMPLETED, WITH_FAILED, DOWNLOADED])
def test_c18_error_details_are_absent_on_success(job: Job) -> None:
    assert "errorDetails" not in as_json(job)
    assert as_xml(job).find(f"{REST}ErrorDetails") is None


def test_c18_the_status_of_an_aborted_job_repeats_the_reasons() -> None:
    assert as_json(ABORTED)["errorDetails"] == ["Line 1 is missing."]
    assert as_xml(ABORTED).findtext(f"{REST}ErrorDetails/{REST}string") == "Line 1 is missing."
    assert resource(ABORTED)["errorMessage"] == "Line 1 is missing."


def test_c18_the_job_list_has_no_error_details() -> None:
    assert "errorDetails" not in as_json(ABORTED, listing=True)
    assert as_xml(ABORTED, listing=True).find(f"{REST}ErrorDetails") is None


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)
def test_c20_status_words_are_exactly_those_of_the_contract(job: Job) -> None:
    assert resource(job)["status"] == as_xml(job).findtext(f".//{REST}Status")
    assert resource(job)["status"] in {"Pending", "Completed", "Aborted"}


def test_c20_only_the_reply_to_commit_says_accepted() -> None:
    reply = about(PUBLISH, status=202)
    (found,) = json.loads(dataflow_json.encode_reply(reply))["resourceSets"][0]["resources"]
    assert (found["status"], "completedDate" in found) == ("Accepted", False)
    assert etree.fromstring(dataflow_xml.encode_reply(reply)).findtext(f".//{REST}Status") == "Accepted"
    assert resource(PUBLISH)["status"] == "Pending"


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)
def test_c22_links_are_absolute_and_have_no_query_string(job: Job) -> None:
    for _, _, url in links_in_json(job):
        assert url.startswith("http://places.example:8080/REST/v1/")
        assert "?" not in url


def test_what_is_unknown_is_absent_from_json() -> None:
    assert list(resource(LOAD)) == [
        "__type",
        "id",
        "links",
        "name",
        "createdDate",
        "failedEntityCount",
        "processedEntityCount",
        "status",
        "totalEntityCount",
    ]


def test_a_completed_resource_has_its_members_in_the_documented_order() -> None:
    found = resource(replace(COMPLETED, error_message="x"))
    expected = ["completedDate", "createdDate", "description", "errorMessage", "failedEntityCount"]
    assert list(found)[4:] == [*expected, "processedEntityCount", "status", "totalEntityCount"]
    assert found["createdDate"] == "Fri, 12 Nov 2010 20:03:56 GMT"


def test_xml_has_its_elements_in_the_documented_order_and_links_before_the_status() -> None:
    assert local_names(next(as_xml(COMPLETED).iter(f"{REST}DataflowJob"))) == [
        *("Name", "Id", "Link", "Link", "Link", "Description", "Status", "CreatedDate", "CompletedDate"),
        *("TotalEntityCount", "ProcessedEntityCount", "FailedEntityCount"),
    ]


def test_the_completed_date_of_a_pending_job_is_nil_in_xml() -> None:
    pending = next(as_xml(LOAD).iter(f"{REST}CompletedDate"))
    assert pending.get(f"{XSI}nil") == "true"
    completed = next(as_xml(COMPLETED).iter(f"{REST}CompletedDate"))
    assert (completed.text, dict(completed.attrib)) == ("2010-11-12T20:05:06Z", {})


JOB_URL = f"http://places.example:8080/REST/v1/Dataflows/LoadDataSource/{JOB_ID}"
SOURCE_URL = "http://places.example:8080/REST/v1/data/0123456789abcdef0123456789abcdef/Shops~1"
SELF = ("self", None, JOB_URL)
SERVICE = {("dataSource", "service", SOURCE_URL), ("datasource", "service", SOURCE_URL)}
FAILED = ("output", "failed", f"{JOB_URL}/output/failed")
CHANGE_URL = f"http://places.example:8080/REST/v1/data/jobs/{PUBLISH.id}/$getstatus"
ROLLBACK_URL = f"http://places.example:8080/REST/v1/Dataflows/DataSourceRollback/{ROLLBACK.id}"
DOWNLOAD_URL = f"http://places.example:8080/REST/v1/Dataflows/DataSourceDownload/{DOWNLOAD.id}"


@pytest.mark.parametrize(
    ("job", "links"),
    [
        (LOAD, {SELF}),
        (COMPLETED, {SELF, *SERVICE}),
        (WITH_FAILED, {SELF, *SERVICE, FAILED}),
        (ABORTED, {SELF, FAILED}),
        (DOWNLOAD, {("self", None, DOWNLOAD_URL)}),
        (
            DOWNLOADED,
            {("self", None, DOWNLOAD_URL), ("output", "succeeded", f"{DOWNLOAD_URL}/output/succeeded")},
        ),
        (ROLLBACK, {("self", None, ROLLBACK_URL)}),
        (ROLLED_BACK, {("self", None, ROLLBACK_URL), *SERVICE}),
        (ROLLBACK_ABORTED, {("self", None, ROLLBACK_URL), ("output", "failed", f"{ROLLBACK_URL}/output/failed")}),
        (PUBLISH, {("self", None, CHANGE_URL)}),
        (PUBLISHED, {("self", None, CHANGE_URL)}),
        (PUBLISH_ABORTED, {("self", None, CHANGE_URL)}),
        (DELETE, {("self", None, CHANGE_URL)}),
        (ACCESS, {("self", None, CHANGE_URL)}),
    ],
    ids=lambda value: f"{value.kind} {value.status} {value.failed_count}" if isinstance(value, Job) else "",
)
def test_a_job_links_to_what_there_is_by_now(job: Job, links: set[tuple[str, str | None, str]]) -> None:
    assert links_in_json(job) == links
    assert links_in_xml(job) == links


def test_the_list_shows_the_operation_and_the_status_the_callers_own_description() -> None:
    assert resource(COMPLETED, listing=True)["description"] == "DataSourceComplete"
    assert resource(COMPLETED)["description"] == "Läden <neu>"


WITHOUT_DESCRIPTION = [PUBLISH, ROLLBACK, DELETE, ACCESS, replace(ACCESS, order=AccessOrder(is_public=False)), DOWNLOAD]


def test_jobs_without_a_description_of_the_caller_say_what_they_do() -> None:
    assert [
        (resource(job).get("description"), resource(job, listing=True)["description"]) for job in WITHOUT_DESCRIPTION
    ] == [
        ("DataSourcePublishFromStaged", "DataSourcePublishFromStaged"),
        ("DataSourceRollback", "DataSourceRollback"),
        ("DataSourceDelete", "DataSourceDelete"),
        ('Data source "Shops~1" set public', "DataSourceAccess"),
        ('Data source "Shops~1" set private', "DataSourceAccess"),
        (None, "DataSourceDownload"),
    ]


def test_how_much_was_fetched_stands_last_and_only_where_something_is_fetched() -> None:
    assert list(resource(FETCHING).items())[-1] == ("fetchedByteCount", 1_048_576)
    (element,) = as_xml(FETCHING).iter(f"{REST}DataflowJob")
    assert (element[-1].tag, element[-1].text) == (f"{REST}FetchedByteCount", "1048576")
    assert resource(replace(LOAD, fetched_bytes=0))["fetchedByteCount"] == 0
    assert "fetchedByteCount" not in resource(LOAD)
    assert as_xml(LOAD).find(f".//{REST}FetchedByteCount") is None


@pytest.mark.parametrize("operation", LoadOperation)
def test_every_load_operation_has_a_word_in_the_list(operation: LoadOperation) -> None:
    assert LISTED_LOADS[operation].lower() == f"datasource{operation.value}".lower()


def test_an_empty_list_is_one_resource_set_without_resources() -> None:
    assert as_json(listing=True)["resourceSets"] == [{"estimatedTotal": 0, "resources": []}]
    assert as_xml(listing=True).findtext(f".//{REST}EstimatedTotal") == "0"


def test_counts_move_while_a_job_is_pending() -> None:
    found = resource(replace(LOAD, total_count=9, processed_count=5, failed_count=1))
    assert (found["totalEntityCount"], found["processedEntityCount"], found["failedEntityCount"]) == (9, 5, 1)
    assert found["createdDate"] == ACCEPTED_AT.strftime("%a, %d %b %Y %H:%M:%S GMT")
