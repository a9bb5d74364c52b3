"""http-api.md sections 4.1 and 4.2: jobs in JSON and XML."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.protocol.api import DOWNLOAD, LOAD, ROOT, Api, Source, pipe
from tests.protocol.envelopes import HEX_32, ISO_8601, RFC_1123, TYPE, WS, XSI_NIL, json_envelope, xml_envelope
from tests.servers import resource

COLUMNS = "EntityID(Edm.String,primaryKey)|Size(Edm.Int64)"
GOOD = pipe(COLUMNS, "1|1|10|20", "2|2|11|21")
MIXED = pipe(COLUMNS, "1|1|10|20", "2|many|11|21", "3|3|12|22")
HOPELESS = pipe(COLUMNS, "1|many|10|20")
NOT_OURS = b"id;name\n1;one\n"

MEMBERS = ["__type", "id", "links", "name", "completedDate", "createdDate", "description", "errorMessage"]
MEMBERS += ["failedEntityCount", "processedEntityCount", "status", "totalEntityCount"]


@pytest.fixture(scope="module")
def good(api: Api) -> dict[str, Any]:
    return api.load("StatusGood", GOOD, "description=Spring %2B summer")


@pytest.fixture(scope="module")
def mixed(api: Api) -> dict[str, Any]:
    return api.load("StatusMixed", MIXED)


@pytest.fixture(scope="module")
def aborted(api: Api) -> dict[str, Any]:
    return api.load("StatusAborted", NOT_OURS)


@pytest.fixture(scope="module")
def jobs(api: Api, good: dict[str, Any], mixed: dict[str, Any], aborted: dict[str, Any]) -> dict[str, dict[str, Any]]:
    pending = resource(api.post_load("StatusGood", GOOD))
    return {"good": good, "mixed": mixed, "aborted": aborted, "pending": pending}


KINDS = ["good", "mixed", "aborted", "pending"]


def links(job: dict[str, Any]) -> set[tuple[str, str | None]]:
    return {(link["role"], link.get("name")) for link in job["links"]}


def url_of(job: dict[str, Any], role: str) -> str:
    return next(link["url"] for link in job["links"] if link["role"] == role)


@pytest.mark.parametrize("kind", KINDS)
def test_c17_type_is_the_first_member_and_exactly_dataflow_job(jobs: dict[str, dict[str, Any]], kind: str) -> None:
    assert next(iter(jobs[kind].items())) == ("__type", f"DataflowJob:{TYPE}")


def test_c17_type_is_the_first_member_in_the_text_of_the_reply(api: Api, good: dict[str, Any]) -> None:
    text = api.get(f"{LOAD}/{good['id']}").text
    start = '"resourceSets":[{"estimatedTotal":1,"resources":[{"__type":"DataflowJob:'
    assert start in text.replace("\\/", "/")


@pytest.mark.parametrize("kind", ["good", "mixed", "pending"])
def test_c18_error_details_are_absent_on_success(api: Api, jobs: dict[str, dict[str, Any]], kind: str) -> None:
    reply = api.get(f"{LOAD}/{jobs[kind]['id']}")
    assert "errorDetails" not in json_envelope(reply)
    assert "ErrorDetails" not in api.get(f"{LOAD}/{jobs[kind]['id']}?output=xml").text


def test_c18_error_details_of_an_aborted_job_repeat_the_reasons(api: Api, aborted: dict[str, Any]) -> None:
    envelope = json_envelope(api.get(f"{LOAD}/{aborted['id']}"))
    assert (envelope["statusCode"], envelope["statusDescription"]) == (200, "OK")
    assert aborted["errorMessage"] in envelope["errorDetails"]
    root = xml_envelope(api.get(f"{LOAD}/{aborted['id']}?output=xml"))
    assert root.findtext(f"{WS}ErrorDetails/{WS}string") == envelope["errorDetails"][0]


def test_the_envelope_names_who_answers_and_how(api: Api, good: dict[str, Any]) -> None:
    envelope = json_envelope(api.get(f"{LOAD}/{good['id']}"))
    assert envelope["authenticationResultCode"] == "ValidCredentials"
    assert envelope["resourceSets"][0]["estimatedTotal"] == 1
    assert isinstance(envelope["brandLogoUri"], str)
    assert envelope["copyright"]


@pytest.mark.parametrize("kind", KINDS)
def test_members_stand_in_the_documented_order(jobs: dict[str, dict[str, Any]], kind: str) -> None:
    present = list(jobs[kind])
    assert present == [name for name in MEMBERS if name in present]
    assert set(MEMBERS) - {"completedDate", "description", "errorMessage"} <= set(present)


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_are_never_null_and_the_unknown_is_absent(jobs: dict[str, dict[str, Any]], kind: str) -> None:
    job = jobs[kind]
    counts = [job[name] for name in ("failedEntityCount", "processedEntityCount", "totalEntityCount")]
    assert all(type(count) is int for count in counts)
    assert None not in job.values()
    assert ("completedDate" in job) == (kind != "pending")
    assert ("errorMessage" in job) == (kind == "aborted")
    assert HEX_32.fullmatch(job["id"])


@pytest.mark.parametrize("kind", KINDS)
def test_dates_are_rfc_1123(jobs: dict[str, dict[str, Any]], kind: str) -> None:
    dates = [jobs[kind][name] for name in ("createdDate", "completedDate") if name in jobs[kind]]
    assert [date for date in dates if not RFC_1123.fullmatch(date)] == []


def test_c20_status_words_are_exactly_pending_completed_and_aborted(jobs: dict[str, dict[str, Any]]) -> None:
    words = [jobs[kind]["status"] for kind in ("good", "mixed", "aborted", "pending")]
    assert words == ["Completed", "Completed", "Aborted", "Pending"]


def test_counts_tell_good_and_bad_rows(jobs: dict[str, dict[str, Any]]) -> None:
    counted = [
        tuple(jobs[kind][f"{which}EntityCount"] for which in ("total", "processed", "failed"))
        for kind in ("good", "mixed")
    ]
    assert [(total, failed) for total, _, failed in counted] == [(2, 0), (3, 1)]


def test_the_callers_description_is_kept_and_returned(good: dict[str, Any]) -> None:
    assert good["description"] == "Spring + summer"


def test_a_finished_load_links_to_its_data_source_in_both_spellings(api: Api, good: dict[str, Any]) -> None:
    assert links(good) == {("self", None), ("dataSource", "service"), ("datasource", "service")}
    assert url_of(good, "dataSource") == url_of(good, "datasource")
    assert url_of(good, "dataSource").startswith(f"{api.server.url}{ROOT}/data/")
    assert url_of(good, "dataSource").endswith("/StatusGood")
    assert api.server.client.get(f"{url_of(good, 'dataSource')}?key={api.key}").status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_every_job_links_to_itself(api: Api, jobs: dict[str, dict[str, Any]], kind: str) -> None:
    assert url_of(jobs[kind], "self") == f"{api.server.url}{ROOT}{LOAD}/{jobs[kind]['id']}"


@pytest.mark.parametrize("kind", ["mixed", "aborted"])
def test_c22_the_link_to_the_error_log_is_absolute_without_query_string(
    api: Api, jobs: dict[str, dict[str, Any]], kind: str
) -> None:
    assert ("output", "failed") in links(jobs[kind])
    url = url_of(jobs[kind], "output")
    assert url == f"{api.server.url}{ROOT}{LOAD}/{jobs[kind]['id']}/output/failed"
    assert api.server.client.get(f"{url}?key={api.key}").status_code == 200


def test_there_is_no_error_log_without_errors(api: Api, good: dict[str, Any]) -> None:
    assert api.get(f"{LOAD}/{good['id']}/output/failed").status_code == 404


def test_the_error_log_tells_line_entity_property_found_and_expected(api: Api, mixed: dict[str, Any]) -> None:
    (line,) = [line for line in api.error_log(mixed).splitlines() if "many" in line]
    assert "4" in line.replace("failed", "")
    assert "2" in line
    assert "Size" in line
    assert "expected" in line.lower() or "whole number" in line.lower() or "Edm.Int64" in line


def test_an_aborted_load_shows_the_line_that_was_expected(api: Api, aborted: dict[str, Any]) -> None:
    assert "Bing Spatial Data Services, 1.0" in aborted["errorMessage"]
    assert "id;name" in aborted["errorMessage"]
    assert aborted["errorMessage"] in api.error_log(aborted)


def test_a_load_without_one_valid_entity_is_aborted(api: Api) -> None:
    job = api.load("StatusHopeless", HOPELESS)
    assert (job["status"], job["failedEntityCount"]) == ("Aborted", 1)
    assert "many" in api.error_log(job)


def test_an_aborted_first_load_leaves_nothing_to_query(api: Api) -> None:
    api.load("StatusNothing", NOT_OURS)
    names = [source["Name"] for source in api.get("/data?$format=json").json()["d"]["DataSources"]]
    assert "StatusNothing" not in names


def test_an_aborted_load_leaves_the_published_version_as_it_was(api: Api, new_name: Callable[[], str]) -> None:
    name = new_name()
    source = api.source(name, GOOD)
    before = source.get("$format=json").text
    assert api.load(name, NOT_OURS)["status"] == "Aborted"
    assert source.get("$format=json").text == before


def test_c20_counts_move_while_a_job_is_pending_and_never_fall(api: Api, new_name: Callable[[], str]) -> None:
    count, polled = 150_000, [0]
    while not any(0 < seen < count for seen in polled):  # what is small is loaded before a count is told
        count *= 2
        upload = pipe(COLUMNS, *(f"{number}|{number}|1|2" for number in range(count)))
        url = f"{api.post_load(new_name(), upload).headers['location']}?key={api.key}"
        jobs = [resource(api.server.client.get(url))]
        while jobs[-1]["status"] == "Pending":
            jobs.append(resource(api.server.client.get(url)))
        polled = [job["processedEntityCount"] for job in jobs]
        assert polled == sorted(polled)
        assert polled[-1] == count


@pytest.mark.parametrize("kind", KINDS)
def test_a_job_in_xml_says_what_it_says_in_json(api: Api, jobs: dict[str, dict[str, Any]], kind: str) -> None:
    url = f"{LOAD}/{jobs[kind]['id']}"
    root = xml_envelope(api.get(f"{url}?output=xml"))
    now = resource(api.get(url))
    assert root.findtext(f"{WS}ResourceSets/{WS}ResourceSet/{WS}EstimatedTotal") == "1"
    (job,) = root.findall(f"{WS}ResourceSets/{WS}ResourceSet/{WS}Resources/{WS}DataflowJob")
    text = {name: job.findtext(f"{WS}{name}") for name in ("Name", "Id", "Description", "ErrorMessage")}
    assert (text["Name"], text["Id"]) == (now["name"], now["id"])
    assert (text["Description"] or None) == now.get("description")
    assert (text["ErrorMessage"] or None) == now.get("errorMessage")
    for name in ("Total", "Processed", "Failed"):
        assert job.findtext(f"{WS}{name}EntityCount").isdigit()
    xml_links = [(link.get("role"), link.get("name"), link.text) for link in job.findall(f"{WS}Link")]
    if kind != "pending":
        assert xml_links == [(link["role"], link.get("name"), link["url"]) for link in now["links"]]


@pytest.mark.parametrize("kind", KINDS)
def test_links_stand_before_the_status_in_xml(api: Api, jobs: dict[str, dict[str, Any]], kind: str) -> None:
    root = xml_envelope(api.get(f"{LOAD}/{jobs[kind]['id']}?output=xml"))
    (job,) = root.iter(f"{WS}DataflowJob")
    order = [child.tag.removeprefix(WS) for child in job]
    assert max(at for at, name in enumerate(order) if name == "Link") < order.index("Status")


def test_dates_in_xml_are_iso_8601_and_the_unknown_one_is_nil(api: Api, new_name: Callable[[], str]) -> None:
    posted = xml_envelope(api.post_load(new_name(), GOOD, "output=xml"))
    completed = next(posted.iter(f"{WS}CompletedDate"))
    assert (completed.get(XSI_NIL), completed.text) == ("true", None)
    assert ISO_8601.fullmatch(next(posted.iter(f"{WS}CreatedDate")).text)
    job_id = next(posted.iter(f"{WS}Id")).text
    api.server.finished(str(api.key), job_id)
    done = xml_envelope(api.get(f"{LOAD}/{job_id}?output=xml"))
    completed = next(done.iter(f"{WS}CompletedDate"))
    assert ISO_8601.fullmatch(completed.text)
    assert completed.get(XSI_NIL) is None


def test_the_xml_declares_the_namespaces_that_old_readers_expect(api: Api, good: dict[str, Any]) -> None:
    text = api.get(f"{LOAD}/{good['id']}?output=xml").text
    assert f'xmlns="{TYPE}"' in text
    assert 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"' in text
    assert 'xmlns:xsd="http://www.w3.org/2001/XMLSchema"' in text


@pytest.mark.parametrize("job_id", ["0" * 32, "nonsense", "0" * 31])
def test_an_unknown_job_is_404(api: Api, job_id: str) -> None:
    for url in (f"{LOAD}/{job_id}", f"{LOAD}/{job_id}/output/failed", f"{DOWNLOAD}/{job_id}"):
        assert api.get(url).status_code == 404


def test_a_load_is_not_found_among_the_downloads(api: Api, good: dict[str, Any], cafes: Source) -> None:
    assert api.get(f"{DOWNLOAD}/{good['id']}").status_code == 404
    assert api.get(f"{LOAD}/{good['id']}/output/succeeded").status_code == 404
