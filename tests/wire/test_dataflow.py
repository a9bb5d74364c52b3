"""Jobs in both management envelopes (http-api.md, sections 4.1 and 4.2)."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from geostead.model.job import Job, JobStatus, LoadOperation
from geostead.wire import dataflow_json, dataflow_xml
from geostead.wire.management_reply import LISTED_LOADS
from tests.wire.examples import ACCEPTED_AT, COMPLETED_AT, DOWNLOAD, JOB_ID, LINKS, LOAD, TRACE_ID

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

JOBS = {
    "pending": LOAD,
    "completed": COMPLETED,
    "completed-with-failed": WITH_FAILED,
    "aborted": ABORTED,
    "download": DOWNLOADED,
}


def as_json(*jobs: Job, listing: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(dataflow_json.encode_jobs(jobs, LINKS, TRACE_ID, listing=listing))
    return found


def resource(job: Job, *, listing: bool = False) -> dict[str, Any]:
    (found,) = as_json(job, listing=listing)["resourceSets"][0]["resources"]
    return found  # type: ignore[no-any-return]


def as_xml(*jobs: Job, listing: bool = False) -> etree._Element:
    return etree.fromstring(dataflow_xml.encode_jobs(jobs, LINKS, TRACE_ID, listing=listing))


def local_names(element: etree._Element) -> Sequence[str]:
    return [child.tag.removeprefix(REST) for child in element]


def links_in_json(job: Job) -> set[tuple[str, str | None, str]]:
    return {(link["role"], link.get("name"), link["url"]) for link in resource(job)["links"]}


def links_in_xml(job: Job) -> set[tuple[str, str | None, str]]:
    return {(e.get("role") or "", e.get("name"), e.text or "") for e in as_xml(job).iter(f"{REST}Link")}


@pytest.mark.parametrize("name", JOBS)
def test_golden_jobs(name: str, golden: Callable[[str, bytes], None]) -> None:
    status = 201 if name == "pending" else 200
    golden(f"job-{name}.json", dataflow_json.encode_jobs([JOBS[name]], LINKS, TRACE_ID, status))
    golden(f"job-{name}.xml", dataflow_xml.encode_jobs([JOBS[name]], LINKS, TRACE_ID, status))


def test_golden_job_list(golden: Callable[[str, bytes], None]) -> None:
    jobs = [LOAD, COMPLETED, ABORTED]
    golden("jobs.json", dataflow_json.encode_jobs(jobs, LINKS, TRACE_ID, listing=True))
    golden("jobs.xml", dataflow_xml.encode_jobs(jobs, LINKS, TRACE_ID, listing=True))


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
    document = dataflow_json.encode_jobs([COMPLETED], LINKS, TRACE_ID)
    assert document.isascii()
    assert b"\n" not in document


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)
def test_c17_type_is_the_first_member_of_every_resource(job: Job) -> None:
    found = resource(job)
    assert next(iter(found)) == "__type"
    assert found["__type"] == "DataflowJob:http://schemas.microsoft.com/search/local/ws/rest/v1"


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
    ],
    ids=["pending", "completed", "with failed", "aborted", "download", "downloaded"],
)
def test_a_job_links_to_what_there_is_by_now(job: Job, links: set[tuple[str, str | None, str]]) -> None:
    assert links_in_json(job) == links
    assert links_in_xml(job) == links


def test_the_list_shows_the_operation_and_the_status_the_callers_own_description() -> None:
    assert resource(COMPLETED, listing=True)["description"] == "DataSourceComplete"
    assert resource(COMPLETED)["description"] == "Läden <neu>"


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
