"""http-api.md sections 3, 3.1 and 5: what is said about pending jobs, and how many jobs an account may have.

The server here has no workers, so that what is accepted stays pending; one starts where a job has to end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import time

import httpx
import pytest

from tests.protocol.api import DOWNLOAD, JOB_LIST, LOAD, ROLLBACK, Api, Source, pipe
from tests.protocol.conftest import change_catalog, set_limit
from tests.protocol.envelopes import error_details, json_envelope, odata_error
from tests.servers import create_account, resource, start_server, start_worker

PLACES = pipe("EntityID(Edm.String,primaryKey)", "1|1|2")
PROFILES = {"basic": (2, 50, 5), "enterprise": (10, 50, 25)}
"""Jobs in process, jobs in 24 hours and data sources of the limits table."""


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An account on a server where nothing is run."""
    with start_server(tmp_path_factory.mktemp("pending") / "data", "--no-worker") as server:
        yield Api(server, create_account(server.data_dir, "pending")["master"])


@pytest.fixture(scope="module")
def accounts(api: Api) -> dict[str, Api]:
    """An account of each profile."""
    data_dir = api.server.data_dir
    return {name: api.with_key(create_account(data_dir, name, "--limits", name)["master"]) for name in PROFILES}


@pytest.fixture(scope="module")
def unhurried(api: Api) -> dict[str, Api]:
    """An account of each profile that may have any number of jobs in process."""
    data_dir, found = api.server.data_dir, {}
    for profile in PROFILES:
        name = f"unhurried-{profile}"
        found[profile] = api.with_key(create_account(data_dir, name, "--limits", profile)["master"])
        set_limit(data_dir, name, "jobs_in_process", 1000)
    return found


@pytest.fixture(scope="module")
def sources(api: Api, accounts: dict[str, Api], unhurried: dict[str, Api]) -> dict[str, Source]:
    """A data source with a published and a staged version for each account with limits, and some for the other one."""
    limited = accounts | {f"unhurried {profile}": account for profile, account in unhurried.items()}
    with start_worker(api.server.data_dir):
        made = {name: account.source("Made", PLACES) for name, account in limited.items()}
        made |= {name: api.source(name, PLACES) for name in ("Read", "Held", "Deleted")}
        for source in made.values():
            source.load(PLACES, "loadOperation=completeStaging")
    return made


def test_a_delete_aborts_the_downloads_that_still_wait_and_they_say_why(api: Api, sources: dict[str, Source]) -> None:
    source = sources["Deleted"]
    started = api.get(DOWNLOAD + source.path.removeprefix("/data"))
    url, download = started.headers["location"], resource(started)["id"]
    elsewhere = "UPDATE jobs SET worker = 'elsewhere', leased_until = :until WHERE id = :id"
    change_catalog(api.server.data_dir, elsewhere, until=int((time() + 3600) * 1_000_000), id=download)
    with start_worker(api.server.data_dir):
        assert api.followed(source.delete())["status"] == "Completed"
    told = json_envelope(api.get(f"{DOWNLOAD}/{download}"))
    job = told["resourceSets"][0]["resources"][0]
    assert (job["status"], job["errorMessage"].partition(":")[0]) == ("Aborted", "deleted")
    assert told["errorDetails"] == [job["errorMessage"]]
    assert [(link["role"], link.get("name")) for link in job["links"]] == [("self", None), ("output", "failed")]
    log = api.server.client.get(f"{url}/output/failed", params={"key": str(api.key)})
    assert (log.status_code, log.headers["content-type"].split(";")[0]) == (200, "text/csv")
    assert job["errorMessage"] in log.text
    output = api.get(f"{DOWNLOAD}/{download}/output/succeeded")
    assert (output.status_code, "aborted" in error_details(output)[0]) == (404, True)
    assert api.get(f"{DOWNLOAD}/deleted").status_code == 200


def test_a_name_is_400_until_its_delete_is_done_and_then_free_with_a_new_access_id(
    api: Api, sources: dict[str, Source]
) -> None:
    source = sources["Held"]
    reply = source.delete()
    status = reply.headers["location"]
    job = resource(api.server.client.get(status, params={"key": str(api.key)}))
    assert (job["status"], job["description"]) == ("Pending", "DataSourceDelete")
    for query in ("", "loadOperation=completeStaging", "loadOperation=incremental", "loadOperation=incrementalStaging"):
        for form in ("json", "xml"):
            refused = api.post_load("HELD", PLACES, f"{query}&output={form}")
            assert refused.status_code == 400
            assert "delete" in error_details(refused)[0]
    by_access_id = api.request(
        "POST", f"{LOAD}?accessId={source.access_id}&loadOperation=incremental&input=pipe", content=PLACES
    )
    assert by_access_id.status_code == 400
    for query in ("", "isStaging=1"):
        assert odata_error(source.get(query))[0] == odata_error(source.by_id("1", query))[0] == "NotFound"
    assert source.roll_back(source.job["id"]).status_code == 404
    with start_worker(api.server.data_dir):
        assert api.server.followed(status, api.key)["status"] == "Completed"
        again = api.source("Held", PLACES)
    assert again.access_id != source.access_id
    assert source.get().status_code == 404
    assert source.roll_back(source.job["id"]).status_code == 404
    assert api.get(f"{ROLLBACK}/{again.job['id']}/Held").status_code == 201


def new_jobs(source: Source) -> dict[str, Callable[[], httpx.Response]]:
    """Ways to ask for a job of every kind that is in the job list."""
    return {
        "load": lambda: source.api.post_load("Made", PLACES),
        "publish": lambda: source.api.get(f"{source.path}/$commit"),
        "make public": lambda: source.api.get(f"{source.path}/$updateDataSource?setPublic=1"),
        "rollback": lambda: source.roll_back(source.job["id"]),
        "delete what is staged": lambda: source.delete("isStaging=1"),
        "delete": source.delete,
    }


def told_by_all(source: Source) -> set[str]:
    """Ask for a job of every kind, each of which is refused with 403; return what is told."""
    replies = {name: ask() for name, ask in new_jobs(source).items()}
    assert {name: reply.status_code for name, reply in replies.items()} == dict.fromkeys(replies, 403)
    return {error_details(reply)[0] for reply in replies.values()}


def post_until_refused(account: Api, name: str) -> tuple[int, str]:
    """Post loads, with a number in the name if it has room for one; return how many were accepted, and the refusal."""
    for number in range(200):
        reply = account.post_load(name.format(number), PLACES)
        if reply.status_code != 201:
            assert reply.status_code == 403
            return number, error_details(reply)[0]
    raise AssertionError("200 loads were accepted")


@pytest.mark.parametrize("profile", PROFILES)
def test_too_many_jobs_of_any_kind_in_process_are_403_with_name_value_and_maximum(
    sources: dict[str, Source], profile: str
) -> None:
    source, (maximum, _, _) = sources[profile], PROFILES[profile]
    pending = [source.api.get(f"{source.path}/$commit"), source.roll_back(source.job["id"])]
    assert [reply.status_code for reply in pending] == [202, 201]
    message = f"Limit exceeded: jobs in process is {maximum + 1}; the maximum is {maximum}."
    assert post_until_refused(source.api, "Made") == (maximum - len(pending), message)
    assert told_by_all(source) == {message}
    xml = source.api.post_load("Made", PLACES, "output=xml")
    assert (xml.headers["content-type"].split(";")[0], error_details(xml)) == ("application/xml", [message])
    assert source.api.get(DOWNLOAD + source.path.removeprefix("/data")).status_code == 201


@pytest.mark.parametrize("profile", PROFILES)
def test_too_many_data_sources_are_403_with_name_value_and_maximum(sources: dict[str, Source], profile: str) -> None:
    source, (_, _, maximum) = sources[f"unhurried {profile}"], PROFILES[profile]
    message = f"Limit exceeded: data sources is {maximum + 1}; the maximum is {maximum}."
    assert post_until_refused(source.api, "New{}") == (maximum - 1, message)
    assert source.api.post_load("made", PLACES).status_code == 201


@pytest.mark.parametrize("profile", PROFILES)
def test_too_many_jobs_of_any_kind_within_24_hours_are_403_with_name_value_and_maximum(
    sources: dict[str, Source], profile: str
) -> None:
    source, (_, maximum, _) = sources[f"unhurried {profile}"], PROFILES[profile]
    message = f"Limit exceeded: jobs per day is {maximum + 1}; the maximum is {maximum}."
    assert post_until_refused(source.api, "Made")[1] == message
    listed = source.api.get(JOB_LIST).json()["resourceSets"][0]["resources"]
    assert len(listed) == maximum
    assert told_by_all(source) == {message}
    assert source.api.get(DOWNLOAD + source.path.removeprefix("/data")).status_code == 201
    day_us = 24 * 3600 * 1_000_000
    earlier = "UPDATE jobs SET created_at = created_at - :us WHERE id = :id"
    change_catalog(source.api.server.data_dir, earlier, us=day_us, id=listed[-1]["id"])
    assert source.api.post_load("Made", PLACES).status_code == 201


def test_by_default_only_the_hundred_and_first_pending_job_is_refused(api: Api) -> None:
    account = api.with_key(create_account(api.server.data_dir, "default")["master"])
    message = "Limit exceeded: jobs in process is 101; the maximum is 100."
    assert post_until_refused(account, "New{}") == (100, message)


@pytest.mark.parametrize("query", ["", "dataFormat=xml", "dataFormat=csv", "dataFormat=geojson", "output=xml"])
def test_the_output_of_a_pending_download_is_404_and_says_so(api: Api, sources: dict[str, Source], query: str) -> None:
    started = api.get(DOWNLOAD + sources["Read"].path.removeprefix("/data"))
    reply = api.get(f"{DOWNLOAD}/{resource(started)['id']}/output/succeeded?{query}")
    assert reply.status_code == 404
    assert "still pending" in error_details(reply)[0]


def test_the_error_log_of_a_pending_job_is_404_and_says_so(api: Api, sources: dict[str, Source]) -> None:
    source = sources["Read"]
    replies = [
        api.post_load("Read", PLACES),
        source.roll_back(source.job["id"]),
        api.get(DOWNLOAD + source.path.removeprefix("/data")),
    ]
    for reply in replies:
        log = api.server.client.get(f"{reply.headers['location']}/output/failed", params={"key": str(api.key)})
        assert log.status_code == 404
        assert "still pending" in error_details(log)[0]


def test_a_pending_job_tells_no_date_of_its_end_and_counts_nothing_yet(api: Api, sources: dict[str, Source]) -> None:
    job = resource(api.get(f"{LOAD}/{resource(api.post_load('Read', PLACES))['id']}"))
    assert (job["status"], job["failedEntityCount"], job["processedEntityCount"], job["totalEntityCount"]) == (
        *("Pending", 0, 0, 0),
    )
    assert "completedDate" not in job
    assert [link["role"] for link in job["links"]] == ["self"]


def test_a_first_load_that_is_pending_makes_the_data_source_neither_queried_nor_listed(api: Api) -> None:
    api.post_load("ToCome", PLACES)
    assert "ToCome" not in api.get("/data?$format=json").text
    assert api.get(f"{DOWNLOAD}/ToCome").status_code == 404
