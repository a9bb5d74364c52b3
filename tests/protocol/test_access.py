"""http-api.md sections 2 and 3: make a data source public or private."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.protocol.api import JOB_LIST, PUBLIC_LIST, ROOT, Api, Source, pipe
from tests.protocol.conftest import Keys
from tests.protocol.envelopes import RFC_1123, TYPE, WS, error_details, json_envelope, xml_envelope
from tests.servers import resource

PLACES = pipe("EntityID(Edm.String,primaryKey)", "1|1|2")


@pytest.fixture
def source(api: Api, new_name: Callable[[], str]) -> Source:
    """A private data source."""
    return api.source(new_name(), PLACES)


def update(source: Source, query: str) -> str:
    return f"{source.path}/$updateDataSource?{query}"


@pytest.mark.parametrize(
    ("value", "word"), [("1", "public"), ("TRUE", "public"), ("0", "private"), ("false", "private")]
)
def test_c17_the_answer_is_201_with_a_completed_data_service_job_that_says_what_was_done(
    source: Source, value: str, word: str
) -> None:
    reply = source.api.get(update(source, f"setPublic={value}"))
    assert (reply.status_code, json_envelope(reply)["statusDescription"]) == (201, "Created")
    job = resource(reply)
    assert list(job) == [*("__type", "id", "links", "name", "completedDate", "createdDate", "description", "status")]
    assert (job["__type"], job["status"]) == (f"DataServiceJob:{TYPE}", "Completed")
    assert job["description"] == f'Data source "{source.job["name"]}" set {word}'
    assert RFC_1123.fullmatch(job["completedDate"])
    url = f"{source.api.server.url}{ROOT}/data/jobs/{job['id']}/$getstatus"
    assert (reply.headers["location"], job["links"]) == (url, [{"role": "self", "url": url}])
    assert source.api.followed(reply) == job


def test_the_answer_comes_in_xml_when_asked(source: Source) -> None:
    root = xml_envelope(source.api.get(update(source, "setPublic=1&output=xml")))
    (job,) = root.iter(f"{WS}DataServiceJob")
    assert (job.findtext(f"{WS}Status"), job.find(f"{WS}TotalEntityCount")) == ("Completed", None)


def test_the_change_is_immediate_in_both_directions(source: Source, keys: Keys) -> None:
    stranger = source.with_key(keys.stranger)
    for value, status, told in (("1", 200, "true"), ("0", 401, "false"), ("1", 200, "true")):
        source.api.get(update(source, f"setPublic={value}"))
        assert stranger.get().status_code == stranger.by_id("1").status_code == status
        assert source.api.get(f"{source.path}?$format=json").json()["d"]["IsPublic"] == told


def test_public_or_not_is_told_wherever_a_data_source_is_described(source: Source) -> None:
    source.changed("/$updateDataSource?setPublic=1")
    assert 'bsi:isPublic="true"' in source.api.get(source.path).text
    assert 'IsPublic="true"' in source.api.get(f"{source.path}/$metadata").text
    listed = source.api.get(f"{PUBLIC_LIST}?$format=json").json()["d"]["DataSources"]
    assert source.access_id in {member["AccessId"] for member in listed}


def test_a_later_load_leaves_it_unless_it_says_so(source: Source, keys: Keys) -> None:
    source.changed("/$updateDataSource?setPublic=1")
    source.load(PLACES)
    assert source.with_key(keys.stranger).get().status_code == 200
    source.load(PLACES, "setPublic=0")
    assert source.with_key(keys.stranger).get().status_code == 401


@pytest.mark.parametrize("said", ["", "setPublic=", "setPublic", "setPublic=2", "setPublic=yes"])
def test_set_public_is_required(source: Source, said: str) -> None:
    reply = source.api.get(update(source, said))
    assert reply.status_code == 400
    assert "setPublic" in error_details(reply)[0]


@pytest.mark.parametrize("whose", ["query", "third", "stranger", "none"])
def test_the_change_is_for_the_master_key(source: Source, keys: Keys, whose: str) -> None:
    key = None if whose == "none" else getattr(keys, whose)
    reply = source.api.with_key(key).get(update(source, "setPublic=1"))
    code = "NoCredentials" if key is None else "NotAuthorized"
    assert (reply.status_code, json_envelope(reply)["authenticationResultCode"]) == (401, code)
    assert source.with_key(keys.stranger).get().status_code == 401


def test_a_data_source_that_does_not_exist_is_404(api: Api) -> None:
    reply = api.get(f"/data/{'0' * 32}/Nowhere/$updateDataSource?setPublic=1")
    assert reply.status_code == 404
    assert error_details(reply)


def test_the_status_needs_the_master_key(source: Source, keys: Keys) -> None:
    url = source.api.get(update(source, "setPublic=0")).headers["location"]
    client = source.api.server.client
    assert client.get(url).json()["authenticationResultCode"] == "NoCredentials"
    assert client.get(url, params={"key": keys.third}).json()["authenticationResultCode"] == "NotAuthorized"
    assert client.get(url, params={"key": keys.master}).status_code == 200


def test_the_job_list_calls_it_data_source_access(source: Source) -> None:
    job = resource(source.api.get(update(source, "setPublic=0")))
    (listed,) = [
        listed
        for listed in source.api.get(JOB_LIST).json()["resourceSets"][0]["resources"]
        if listed["id"] == job["id"]
    ]
    assert listed == {**job, "description": "DataSourceAccess"}
