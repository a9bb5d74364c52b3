"""http-api.md section 3.1: every parameter of a load, those that other files do not have."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.protocol.api import LOAD, Api, Source, pipe
from tests.protocol.conftest import Keys
from tests.protocol.envelopes import error_details, json_envelope
from tests.protocol.test_public_url import beside
from tests.servers import resource

COLUMNS = "EntityID(Edm.String,primaryKey)|Size(Edm.Int64)"
PLACES = pipe(COLUMNS, "1|1|10|20")
MORE = pipe(COLUMNS, "2|2|10|20")
MIXED = pipe(COLUMNS, "1|1|10|20", "2|many|10|20")


@pytest.fixture
def source(api: Api, new_name: Callable[[], str]) -> Source:
    """A published data source."""
    return api.source(new_name(), PLACES)


def post(api: Api, query: str, upload: bytes = MORE) -> tuple[int, str]:
    """Post a load with nothing but these parameters; return the status and the first message of a refusal."""
    reply = api.request("POST", f"{LOAD}?input=pipe&{query}", content=upload)
    return reply.status_code, "" if reply.is_success else error_details(reply)[0]


# loadOperation


@pytest.mark.parametrize("word", ["completeStaging", "completeStaged", "COMPLETESTAGED"])
def test_complete_staging_is_understood_in_both_documented_spellings(source: Source, word: str) -> None:
    assert source.load(MORE, f"loadOperation={word}")["status"] == "Completed"
    assert (source.ids(), source.ids("isStaging=1")) == (["1"], ["2"])


def test_every_load_operation_is_named_where_another_one_is_asked_for(api: Api) -> None:
    status, message = post(api, "dataSourceName=Any&loadOperation=replace")
    assert status == 400
    assert "complete, completeStaging, incremental or incrementalStaging" in message


# accessId and dataSourceName


@pytest.mark.parametrize("spell", [str.lower, str.upper])
def test_an_incremental_load_may_name_the_data_source_by_its_access_id_alone(
    source: Source, spell: Callable[[str], str]
) -> None:
    for operation, query in (("incremental", ""), ("incrementalStaging", "isStaging=1")):
        url = f"{LOAD}?input=pipe&loadOperation={operation}&accessId={spell(source.access_id)}"
        reply = source.api.request("POST", url, content=MORE)
        assert reply.status_code == 201, reply.text
        assert source.api.followed(reply)["name"] == source.job["name"]
        assert source.ids(query) == ["1", "2"]


@pytest.mark.parametrize("operation", ["complete", "completeStaging"])
def test_a_complete_load_needs_the_name(source: Source, operation: str) -> None:
    status, message = post(source.api, f"loadOperation={operation}&accessId={source.access_id}")
    assert (status, "dataSourceName" in message) == (400, True)


def test_name_and_access_id_have_to_belong_together(source: Source, cafes: Source) -> None:
    name = source.job["name"]
    for operation in ("complete", "incremental"):
        fitting = f"loadOperation={operation}&dataSourceName={name}&accessId={source.access_id}"
        assert post(source.api, fitting)[0] == 201
        status, message = post(source.api, fitting.replace(source.access_id, cafes.access_id))
        assert (status, "accessId" in message) == (400, True)


@pytest.mark.parametrize("access_id", ["0" * 32, "none", "%27"])
def test_an_access_id_that_does_not_exist_is_400(api: Api, access_id: str) -> None:
    status, message = post(api, f"loadOperation=incremental&accessId={access_id}")
    assert (status, "accessId" in message) == (400, True)


@pytest.mark.parametrize("operation", ["complete", "completeStaging"])
def test_the_access_id_of_a_new_data_source_cannot_be_chosen_over_http(
    api: Api, new_name: Callable[[], str], operation: str
) -> None:
    name = new_name()
    status, message = post(api, f"loadOperation={operation}&dataSourceName={name}&accessId={'ab' * 16}")
    assert (status, "accessId" in message) == (400, True)
    assert name not in api.get("/data?$format=json").text


@pytest.mark.parametrize("whose", ["third", "stranger"])
def test_the_access_id_opens_nothing_without_the_master_key(source: Source, keys: Keys, whose: str) -> None:
    api = source.api.with_key(getattr(keys, whose))
    reply = api.request(
        "POST", f"{LOAD}?input=pipe&loadOperation=incremental&accessId={source.access_id}", content=MORE
    )
    assert (reply.status_code, json_envelope(reply)["authenticationResultCode"]) == (401, "NotAuthorized")
    assert source.job["name"] not in reply.text or whose == "third"


# setPublic


@pytest.mark.parametrize("operation", ["completeStaging", "completeStaged", "incrementalStaging"])
def test_set_public_1_is_400_with_a_staging_operation_and_0_is_fine(source: Source, operation: str) -> None:
    query = f"loadOperation={operation}&dataSourceName={source.job['name']}&setPublic="
    for value in ("1", "true"):
        status, message = post(source.api, query + value)
        assert (status, "setPublic" in message) == (400, True)
    for value in ("0", "false", ""):
        assert post(source.api, query + value)[0] == 201


def test_set_public_counts_from_when_the_load_is_published(source: Source, keys: Keys) -> None:
    assert source.with_key(keys.stranger).get().status_code == 401
    source.load(PLACES, "setPublic=1")
    assert source.with_key(keys.stranger).ids() == ["1"]


def test_set_public_0_of_a_staging_load_leaves_the_published_version_as_public_as_it_was(
    source: Source, keys: Keys
) -> None:
    source.load(PLACES, "setPublic=1")
    assert source.load(MORE, "setPublic=0&loadOperation=completeStaging")["status"] == "Completed"
    assert source.with_key(keys.stranger).ids() == ["1"]
    source.changed("/$commit")
    assert source.with_key(keys.stranger).ids() == ["2"]


# strict


@pytest.mark.parametrize(
    ("query", "status"),
    [("strict=1", "Aborted"), ("STRICT=True", "Aborted"), ("strict=0", "Completed"), ("", "Completed")],
)
def test_a_strict_load_is_aborted_by_a_single_bad_row(source: Source, query: str, status: str) -> None:
    job = source.load(MIXED, query)
    assert job["status"] == status
    if status == "Aborted":
        assert "strict" in job["errorMessage"]
        assert "many" in job["errorMessage"]
        assert "many" in source.api.error_log(job)


def test_a_strict_load_without_a_bad_row_completes(source: Source) -> None:
    assert source.load(MORE, "strict=1")["status"] == "Completed"
    assert source.load(MIXED, "strict=1&loadOperation=incremental")["status"] == "Aborted"
    assert source.ids() == ["2"]


def test_strict_has_to_be_a_truth_value(source: Source) -> None:
    status, message = post(source.api, f"loadOperation=complete&dataSourceName={source.job['name']}&strict=very")
    assert (status, "strict" in message) == (400, True)


def test_the_operator_may_make_all_loads_strict_that_do_not_say(source: Source) -> None:
    with beside(source.api, {"GEOSTEAD_STRICT_LOADS": "true"}) as strict:
        name = source.job["name"]
        assert strict.load(name, MIXED)["status"] == "Aborted"
        assert strict.load(name, MIXED, "strict=0")["status"] == "Completed"


# description


def test_a_description_is_kept_on_the_status_and_in_the_service_document(source: Source) -> None:
    words = "Ab 1. März: 50% & mehr <neu>"
    job = source.load(MORE, f"description={quote(words)}")
    assert job["description"] == words
    assert "Ab 1. März: 50% &amp; mehr &lt;neu&gt;" in source.api.get(source.path).text


def test_a_description_has_at_most_2560_characters(source: Source) -> None:
    assert source.load(PLACES, f"description={'x' * 2560}")["description"] == "x" * 2560
    status, message = post(source.api, f"loadOperation=complete&dataSourceName=x&description={'x' * 2561}")
    assert (status, "description" in message) == (400, True)


# dataLocation


@pytest.mark.parametrize(
    "location",
    [
        "https://example.com/places.txt",
        "http://127.0.0.1/places.txt",
        "http://localhost:8080/places.txt",
        "http://[::1]/places.txt",
        "ftp://account.blob.core.windows.net/a/b",
        "file:///etc/passwd",
        "//account.blob.core.windows.net/a/b",
        "https://blob.core.windows.net.evil.example/a",
        "places.txt",
    ],
)
def test_a_location_that_the_operator_does_not_allow_is_400_and_its_query_string_is_not_repeated(
    api: Api, location: str
) -> None:
    query = f"dataSourceName=Located&loadOperation=complete&dataLocation={quote(f'{location}?sig=s3cret', safe='')}"
    status, message = post(api, query, b"")
    assert (status, "dataLocation" in message, "s3cret" in message) == (400, True, False)
    assert "s3cret" not in api.server.log.read_text()


def test_a_location_at_azure_is_accepted_and_the_job_says_what_came_of_it(api: Api) -> None:
    location = quote("https://geosteadnosuchaccount.blob.core.windows.net/a/b.txt?sv=1&sig=s3cret", safe="")
    reply = api.request(
        "POST", f"{LOAD}?dataSourceName=Azure&loadOperation=complete&input=pipe&dataLocation={location}"
    )
    assert reply.status_code == 201
    assert resource(reply)["status"] == "Pending"
    job = api.followed(reply)
    assert job["status"] == "Aborted"
    assert "geosteadnosuchaccount" in job["errorMessage"]
    for text in (reply.text, str(job), api.error_log(job), api.server.log.read_text()):
        assert "s3cret" not in text


def test_a_location_and_a_body_are_400(api: Api) -> None:
    location = quote("https://account.blob.core.windows.net/a/b.txt?sig=s3cret", safe="")
    status, message = post(api, f"dataSourceName=Both&loadOperation=complete&dataLocation={location}")
    assert (status, "dataLocation" in message, "s3cret" in message) == (400, True, False)
