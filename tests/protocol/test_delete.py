"""http-api.md sections 2 and 3: delete a data source, or only what is staged."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.protocol.api import DOWNLOAD, JOB_LIST, ROOT, Api, Source, pipe
from tests.protocol.conftest import Keys
from tests.protocol.envelopes import TYPE, error_details, json_envelope, odata_error
from tests.servers import resource

COLUMNS = "EntityID(Edm.String,primaryKey)"
PLACES = pipe(COLUMNS, "1|1|2")
OTHER = pipe(COLUMNS, "2|1|2", entity_type="Other")


@pytest.fixture
def source(api: Api, new_name: Callable[[], str]) -> Source:
    """A published data source."""
    return api.source(new_name(), PLACES)


def test_a_delete_is_202_with_an_empty_body_and_the_location_of_its_job(source: Source) -> None:
    reply = source.delete()
    assert (reply.status_code, reply.content) == (202, b"")
    location = reply.headers["location"]
    assert location.startswith(f"{source.api.server.url}{ROOT}/data/jobs/")
    assert location.endswith("/$getstatus")
    job = source.api.followed(reply)
    assert next(iter(job.items())) == ("__type", f"DataServiceJob:{TYPE}")
    assert (job["status"], job["description"], job["name"]) == ("Completed", "DataSourceDelete", source.job["name"])


def test_from_the_202_on_everything_about_the_data_source_is_404(source: Source) -> None:
    source.delete()
    assert odata_error(source.get())[0] == "NotFound"
    download = DOWNLOAD + source.path.removeprefix("/data")
    for url in (source.path, f"{source.path}/$metadata", f"{source.path}/$commit", download):
        assert source.api.get(url).status_code == 404
    assert source.by_id("1").status_code == source.delete().status_code == 404
    listed = [member["Name"] for member in source.api.get("/data?$format=json").json()["d"]["DataSources"]]
    assert source.job["name"] not in listed


def test_the_delete_job_is_followed_with_the_key_that_deleted_also_afterwards(source: Source, keys: Keys) -> None:
    reply = source.delete()
    source.api.followed(reply)
    url = reply.headers["location"]
    for key, code in ((None, "NoCredentials"), (keys.third, "NotAuthorized"), (keys.stranger, "NotAuthorized")):
        answer = source.api.server.client.get(url, params={} if key is None else {"key": key})
        assert (answer.status_code, answer.json()["authenticationResultCode"]) == (401, code)
    assert resource(source.api.server.client.get(url, params={"key": keys.master}))["status"] == "Completed"


def test_the_name_is_free_again_when_the_job_is_done_also_for_another_key(source: Source, keys: Keys) -> None:
    source.api.followed(source.delete())
    again = source.api.with_key(keys.third).source(source.job["name"], OTHER)
    assert again.access_id != source.access_id
    assert again.ids() == ["2"]
    assert source.get().status_code == 404
    assert len(again.versions()) == 1


@pytest.mark.parametrize("parameter", ["isStaging=1", "isStaging=TRUE", "isStaged=1"])
def test_only_the_staged_version_is_deleted_on_demand(source: Source, parameter: str) -> None:
    source.load(OTHER, "loadOperation=completeStaging")
    reply = source.delete(parameter)
    assert (reply.status_code, reply.content) == (202, b"")
    assert source.api.get(f"{source.path}/Other?isStaging=1").status_code == 404
    assert source.ids() == ["1"]
    assert source.api.followed(reply)["status"] == "Completed"
    assert [version["IsActive"] for version in source.versions()] == [True]
    assert source.api.get(f"{source.path}/$commit").status_code == 404
    again = source.delete(parameter)
    assert again.status_code == 404
    assert "staged" in error_details(again)[0]


def test_a_data_source_that_is_only_staged_goes_with_its_staged_version(api: Api, new_name: Callable[[], str]) -> None:
    name = new_name()
    source = api.source(name, PLACES, "loadOperation=completeStaging")
    api.followed(source.delete("isStaging=1"))
    assert api.get(source.path).status_code == 404
    assert api.source(name, PLACES).access_id != source.access_id


def test_is_staging_0_deletes_the_data_source(source: Source) -> None:
    source.api.followed(source.delete("isStaging=0"))
    assert source.get().status_code == 404


@pytest.mark.parametrize("whose", ["query", "third", "stranger", "none"])
def test_a_delete_is_for_the_master_key(source: Source, keys: Keys, whose: str) -> None:
    key = None if whose == "none" else getattr(keys, whose)
    reply = source.with_key(key).delete()
    code = "NoCredentials" if key is None else "NotAuthorized"
    assert (reply.status_code, json_envelope(reply)["authenticationResultCode"]) == (401, code)
    assert source.ids() == ["1"]


def test_c19_a_refused_delete_is_told_in_the_management_envelope_by_output(source: Source) -> None:
    nowhere = f"/data/{'0' * 32}/Nowhere"
    for query in ("", "$format=json", "output=json"):
        assert error_details(source.api.request("DELETE", f"{nowhere}?{query}"))
    xml = source.api.request("DELETE", f"{nowhere}?o=xml")
    assert (xml.status_code, xml.headers["content-type"].split(";")[0]) == (404, "application/xml")
    assert error_details(xml)
    assert source.delete("isStaging=perhaps").status_code == 400


@pytest.mark.parametrize("query", ["", "isStaging=1", "delete=1", "_method=DELETE"])
def test_a_get_never_deletes(source: Source, query: str) -> None:
    assert source.api.get(f"{source.path}?{query}").status_code == 200
    assert (
        source.api.request("POST", f"{source.path}?{query}", headers={"X-HTTP-Method-Override": "DELETE"}).status_code
        == 405
    )
    assert source.ids() == ["1"]


def test_a_delete_is_in_the_job_list_when_the_data_source_is_gone(source: Source) -> None:
    source.api.followed(source.delete())
    jobs = source.api.get(JOB_LIST).json()["resourceSets"][0]["resources"]
    about = [job["description"] for job in jobs if job["name"] == source.job["name"]]
    assert about == ["DataSourceDelete", "DataSourceComplete"]
