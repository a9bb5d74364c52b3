"""Cancelling jobs by ``DELETE`` at the URL of their status: who may, what is told, and that nothing of it happens.

The server here has no workers, so that what is accepted stays pending; one starts where a job has to run.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import httpx
import pytest

from tests.protocol.api import DOWNLOAD, JOB_LIST, LOAD, ROLLBACK, Api, Source, pipe
from tests.protocol.conftest import create_key
from tests.protocol.envelopes import error_details, json_envelope, xml_envelope
from tests.servers import create_account, resource, start_server, start_worker
from tests.uploads import pipe_upload

PLACES = pipe("EntityID(Edm.String,primaryKey)", "1|1|2")
NUMBERS = count()


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An account on a server where nothing is run."""
    with start_server(tmp_path_factory.mktemp("cancel") / "data", "--no-worker") as server:
        yield Api(server, create_account(server.data_dir, "cancelling")["master"])


@pytest.fixture(scope="module")
def source(api: Api) -> Source:
    """A data source with a published and a staged version, whose jobs wait from now on."""
    with start_worker(api.server.data_dir):
        made = api.source("Made", PLACES)
        made.load(PLACES, "loadOperation=completeStaging")
    return made


def waiting(api: Api) -> httpx.Response:
    return api.post_load(f"Waiting{next(NUMBERS)}", PLACES)


def path_of(reply: httpx.Response) -> str:
    """Return the path of a job below the root, without the ``$getstatus`` that some end in."""
    path = httpx.URL(reply.headers["location"]).path
    return path.removeprefix("/REST/v1").removesuffix("/$getstatus")


def cancelled(api: Api, accepted: httpx.Response) -> dict[str, object]:
    reply = api.request("DELETE", path_of(accepted))
    assert reply.status_code == 200, reply.text
    return resource(reply)


def test_a_cancelled_load_is_told_aborted_with_the_reason_and_stays_so(api: Api) -> None:
    accepted = waiting(api)
    told = json_envelope(api.request("DELETE", path_of(accepted)))
    (job,) = told["resourceSets"][0]["resources"]
    assert (job["id"], job["status"], job["errorMessage"]) == (resource(accepted)["id"], "Aborted", "cancelled")
    assert "completedDate" in job
    assert told["errorDetails"] == ["cancelled"]
    assert resource(api.get(path_of(accepted))) == job
    assert "cancelled" in api.get(f"{path_of(accepted)}/output/failed").text


def test_a_publish_a_rollback_and_a_download_are_cancelled_where_their_status_is(api: Api, source: Source) -> None:
    asked = [
        api.get(source.path + "/$commit"),
        source.roll_back(source.job["id"]),
        api.get(DOWNLOAD + source.path.removeprefix("/data")),
    ]
    for accepted, root in zip(asked, ("/data/jobs", ROLLBACK, DOWNLOAD), strict=True):
        assert path_of(accepted).startswith(root)
        assert cancelled(api, accepted)["status"] == "Aborted"


def test_a_data_source_whose_deletion_is_cancelled_answers_again(api: Api, source: Source) -> None:
    deletion = source.delete()
    assert source.get().status_code == 404
    assert cancelled(api, deletion)["errorMessage"] == "cancelled"
    assert len(source.results()) == 1


def test_what_has_ended_is_a_400_that_says_so(api: Api, source: Source) -> None:
    accepted = waiting(api)
    cancelled(api, accepted)
    public = api.get(source.path + "/$updateDataSource?setPublic=0")
    ended = [
        (path_of(accepted), "Aborted"),
        (f"{LOAD}/{source.job['id']}", "Completed"),
        (path_of(public), "Completed"),
    ]
    for path, word in ended:
        reply = api.request("DELETE", path)
        assert (reply.status_code, word in error_details(reply)[0]) == (400, True)


def test_only_the_master_key_cancels(api: Api, source: Source) -> None:
    colleague = create_key(api.server.data_dir, "cancelling", f"colleague-{next(NUMBERS)}")
    stranger = create_account(api.server.data_dir, f"stranger-{next(NUMBERS)}")["master"]
    asked = [waiting(api), source.roll_back(source.job["id"]), api.get(source.path + "/$commit")]
    for accepted in asked:
        for key, code in ((None, "NoCredentials"), ("wrong", "InvalidCredentials"), (colleague, "NotAuthorized")):
            refused = api.with_key(key).request("DELETE", path_of(accepted))
            assert (refused.status_code, json_envelope(refused)["authenticationResultCode"]) == (401, code)
        assert api.with_key(stranger).request("DELETE", path_of(accepted)).status_code == 401
        assert resource(api.get(httpx.URL(accepted.headers["location"]).path.removeprefix("/REST/v1")))["status"] != (
            "Aborted"
        )
        cancelled(api, accepted)


def test_an_unknown_job_one_of_another_kind_and_a_name_are_404(api: Api, source: Source) -> None:
    load = resource(waiting(api))["id"]
    for path in (f"{LOAD}/{'0' * 32}", f"{ROLLBACK}/{load}", f"/data/jobs/{load}", f"{DOWNLOAD}/Made"):
        assert api.request("DELETE", path).status_code == 404
    assert resource(api.get(f"{LOAD}/{load}"))["status"] == "Pending"


def test_the_answer_comes_in_xml_when_asked_and_a_wrong_wish_cancels_nothing(api: Api) -> None:
    path = path_of(waiting(api))
    assert api.request("DELETE", f"{path}?output=yaml").status_code == 400
    assert resource(api.get(path))["status"] == "Pending"
    root = xml_envelope(api.request("DELETE", f"{path}?output=xml"))
    assert [element.text for element in root.iter("{*}Status")] == ["Aborted"]


def test_a_data_source_is_gone_with_its_only_load_and_the_job_is_listed(api: Api) -> None:
    accepted = waiting(api)
    job = cancelled(api, accepted)
    listed = json_envelope(api.get(JOB_LIST))["resourceSets"][0]["resources"]
    assert [found["status"] for found in listed if found["id"] == job["id"]] == ["Aborted"]
    assert api.post_load(str(job["name"]), PLACES, "loadOperation=incremental").status_code == 400


def test_of_a_load_that_is_cancelled_while_it_runs_nobody_ever_sees_anything(api: Api) -> None:
    with start_worker(api.server.data_dir):
        name, accepted = cancelled_at_work(api)
        behind = api.source(name, PLACES)
        assert [version["JobId"] for version in behind.versions()] == [behind.job["id"]]
        assert len(behind.results()) == 1
    assert resource(api.get(path_of(accepted)))["errorMessage"] == "cancelled"


def cancelled_at_work(api: Api) -> tuple[str, httpx.Response]:
    """Cancel a load of which rows have been read, a larger one where the worker was quicker than the request."""
    for rows in (100_000, 400_000, 1_600_000):
        name = f"Large{rows}"
        accepted = api.post_load(name, pipe_upload(rows))
        path = path_of(accepted)
        while not (job := resource(api.get(path)))["processedEntityCount"] and job["status"] == "Pending":
            pass
        reply = api.request("DELETE", path)
        if reply.is_success:
            assert resource(reply)["status"] == "Aborted"
            return name, accepted
        assert resource(api.get(path))["status"] == "Completed"
    pytest.fail("the worker read 1,600,000 rows before one request was answered")
