"""http-api.md sections 2, 3 and 3.2: roll back to any version, follow the job."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.protocol.api import LOAD, ROLLBACK, ROOT, Api, Source, pipe
from tests.protocol.conftest import Keys
from tests.protocol.envelopes import TYPE, WS, error_details, json_envelope, xml_envelope
from tests.servers import resource

COLUMNS = "EntityID(Edm.String,primaryKey)"


def version(number: int) -> bytes:
    return pipe(COLUMNS, f"v{number}|1|2")


@pytest.fixture
def versioned(api: Api, new_name: Callable[[], str]) -> tuple[Source, list[str]]:
    """A data source with one published and three previous versions, and the ids of all four, newest first."""
    source = api.source(new_name(), version(0))
    for number in (1, 2, 3):
        source.load(version(number))
    return source, [listed["JobId"] for listed in source.versions()]


def test_a_rollback_is_201_pending_with_a_dataflow_job_and_its_location(versioned: tuple[Source, list[str]]) -> None:
    source, ids = versioned
    reply = source.roll_back(ids[2])
    envelope, job = json_envelope(reply), resource(reply)
    assert (reply.status_code, envelope["statusDescription"]) == (201, "Created")
    assert next(iter(job.items())) == ("__type", f"DataflowJob:{TYPE}")
    assert (job["status"], job["description"]) == ("Pending", "DataSourceRollback")
    assert (job["failedEntityCount"], job["processedEntityCount"], job["totalEntityCount"]) == (0, 0, 0)
    url = f"{source.api.server.url}{ROOT}{ROLLBACK}/{job['id']}"
    assert (reply.headers["location"], job["links"]) == (url, [{"role": "self", "url": url}])


def test_a_finished_rollback_links_to_its_data_source_in_both_spellings(versioned: tuple[Source, list[str]]) -> None:
    source, ids = versioned
    job = source.api.followed(source.roll_back(ids[1]))
    base = f"{source.api.server.url}{ROOT}{source.path}"
    assert (job["status"], job["name"]) == ("Completed", source.job["name"])
    assert [(link["role"], link.get("name")) for link in job["links"]] == [
        *(("self", None), ("dataSource", "service"), ("datasource", "service"))
    ]
    assert {link["url"] for link in job["links"][1:]} == {base}
    root = xml_envelope(source.api.get(f"{ROLLBACK}/{job['id']}?output=xml"))
    (told,) = root.iter(f"{WS}DataflowJob")
    assert (told.findtext(f"{WS}Status"), told.findtext(f"{WS}TotalEntityCount")) == ("Completed", "0")


@pytest.mark.parametrize("which", [1, 2, 3])
def test_a_rollback_publishes_a_previous_version_and_keeps_the_one_that_was_published(
    versioned: tuple[Source, list[str]], which: int
) -> None:
    source, ids = versioned
    assert source.api.followed(source.roll_back(ids[which].upper()))["status"] == "Completed"
    assert source.ids() == [f"v{3 - which}"]
    rest = [id_ for id_ in ids if id_ != ids[which]]
    assert [listed["JobId"] for listed in source.versions()] == [ids[which], *rest]
    assert [listed["IsActive"] for listed in source.versions()] == [True, False, False, False]


def test_a_rollback_can_be_rolled_back(versioned: tuple[Source, list[str]]) -> None:
    source, ids = versioned
    for id_, entity in ((ids[3], "v0"), (ids[0], "v3")):
        source.api.followed(source.roll_back(id_))
        assert source.ids() == [entity]


def test_a_rollback_to_the_published_version_completes_and_changes_nothing(versioned: tuple[Source, list[str]]) -> None:
    source, ids = versioned
    assert source.api.followed(source.roll_back(ids[0]))["status"] == "Completed"
    assert [listed["JobId"] for listed in source.versions()] == ids


def test_a_rollback_to_the_staged_version_publishes_it(versioned: tuple[Source, list[str]]) -> None:
    source, ids = versioned
    staged = source.load(version(9), "loadOperation=completeStaging")["id"]
    assert source.api.followed(source.roll_back(staged))["status"] == "Completed"
    assert source.ids() == ["v9"]
    assert source.get("isStaging=1").status_code == 404
    assert [listed["JobId"] for listed in source.versions()] == [staged, *ids[:3]]


def test_the_name_is_read_in_any_case_and_belongs_to_the_account_of_the_key(
    versioned: tuple[Source, list[str]], keys: Keys
) -> None:
    source, ids = versioned
    name = source.path.split("/")[3]
    assert source.api.get(f"{ROLLBACK}/{ids[1]}/{name.swapcase()}").status_code == 201
    assert source.api.with_key(keys.stranger).get(f"{ROLLBACK}/{ids[1]}/{name}").status_code == 404


def test_a_version_that_the_data_source_does_not_have_is_404_and_says_so(
    versioned: tuple[Source, list[str]], cafes: Source
) -> None:
    source, _ = versioned
    dropped = source.job["id"]
    source.load(version(4))
    for id_ in (dropped, cafes.job["id"], "0" * 32, "none"):
        reply = source.roll_back(id_)
        assert reply.status_code == 404
        assert "version" in error_details(reply)[0]
    reply = source.api.get(f"{ROLLBACK}/{cafes.job['id']}/NoSuchSource")
    assert reply.status_code == 404
    assert "NoSuchSource" in error_details(reply)[0]


def test_a_rollback_is_followed_without_a_key_but_not_with_a_wrong_one(
    versioned: tuple[Source, list[str]], keys: Keys
) -> None:
    source, ids = versioned
    url = source.roll_back(ids[1]).headers["location"]
    assert source.api.server.followed(url, None)["status"] == "Completed"
    for key, code in (
        ("nobody", "InvalidCredentials"),
        (keys.third, "NotAuthorized"),
        (keys.expired, "CredentialsExpired"),
    ):
        reply = source.api.server.client.get(url, params={"key": key})
        assert (reply.status_code, reply.json()["authenticationResultCode"]) == (401, code)


@pytest.mark.parametrize("whose", ["query", "third"])
def test_a_rollback_is_for_the_master_key(versioned: tuple[Source, list[str]], keys: Keys, whose: str) -> None:
    source, ids = versioned
    reply = source.with_key(getattr(keys, whose)).roll_back(ids[1])
    assert (reply.status_code, json_envelope(reply)["authenticationResultCode"]) == (401, "NotAuthorized")
    assert source.ids() == ["v3"]


def test_the_status_of_a_job_of_another_kind_is_404(versioned: tuple[Source, list[str]]) -> None:
    source, ids = versioned
    rollback = source.api.followed(source.roll_back(ids[1]))["id"]
    assert source.api.get(f"{ROLLBACK}/{ids[0]}").status_code == 404
    assert source.api.get(f"{LOAD}/{rollback}").status_code == 404
    assert source.api.get(f"/data/jobs/{rollback}/$getstatus").status_code == 404


def test_there_is_no_error_log_of_a_rollback_that_went_well(versioned: tuple[Source, list[str]]) -> None:
    source, ids = versioned
    job = source.api.followed(source.roll_back(ids[1]))
    reply = source.api.get(f"{ROLLBACK}/{job['id']}/output/failed")
    assert reply.status_code == 404
    assert error_details(reply)
