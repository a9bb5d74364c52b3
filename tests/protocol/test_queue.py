"""http-api.md section 3, "Order": jobs of one data source in the order of acceptance, each checked again when it runs.

The server here has no workers, so that what is accepted stays pending. Workers start twice: to make data sources, and
to run all that the stories below have accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.protocol.api import DOWNLOAD, JOB_LIST, ROLLBACK, Api, Source, pipe
from tests.protocol.envelopes import WS, XSI_NIL, error_details, json_envelope, xml_envelope
from tests.servers import create_account, resource, start_server, start_worker

COLUMNS = "EntityID(Edm.String,primaryKey)|Name(Edm.String)"
STAGED = "loadOperation=completeStaging"
INCREMENTAL = "loadOperation=incremental"
INCREMENTAL_STAGING = "loadOperation=incrementalStaging"

Story = Callable[[Source], list[httpx.Response]]
"""Asks for jobs of one data source and returns the replies, all before anything runs."""


def places(*ids: str, name: str = "x") -> bytes:
    return pipe(COLUMNS, *(f"{id_}|{name}|1|2" for id_ in ids))


def post(source: Source, upload: bytes, query: str = "") -> httpx.Response:
    return source.api.post_load(source.path.split("/")[3], upload, query)


def ordered(source: Source) -> list[httpx.Response]:
    return [
        post(source, places("a", "b")),
        post(source, places("b", "c", name="y"), INCREMENTAL),
        post(source, places("d"), INCREMENTAL_STAGING),
        post(source, places("e"), INCREMENTAL_STAGING),
        post(source, places("f"), INCREMENTAL),
    ]


def published_twice(source: Source) -> list[httpx.Response]:
    return [source.api.get(f"{source.path}/$commit") for _ in range(2)]


def published_late(source: Source) -> list[httpx.Response]:
    return [post(source, places("newest"), STAGED), source.api.get(f"{source.path}/$commit")]


def rolled_back_late(source: Source) -> list[httpx.Response]:
    return [*(post(source, places(str(number))) for number in range(4)), source.roll_back(source.job["id"])]


def deleted(source: Source) -> list[httpx.Response]:
    return [post(source, places("new")), source.api.get(f"{source.path}/$commit"), source.delete()]


def made_private(source: Source) -> list[httpx.Response]:
    return [post(source, places("old"), "setPublic=1"), source.api.get(f"{source.path}/$updateDataSource?setPublic=0")]


def changed_schema(source: Source) -> list[httpx.Response]:
    other = pipe("EntityID(Edm.String,primaryKey)|Size(Edm.Int64)", "1|1|1|2")
    return [post(source, other), post(source, places("a"), INCREMENTAL)]


STORIES: dict[str, Story] = {
    story.__name__: story
    for story in (ordered, published_twice, published_late, rolled_back_late, deleted, made_private, changed_schema)
}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An account on a server where nothing is run."""
    with start_server(tmp_path_factory.mktemp("queue") / "data", "--no-worker") as server:
        yield Api(server, create_account(server.data_dir, "queue")["master"])


@pytest.fixture(scope="module")
def made(api: Api) -> dict[str, Source]:
    """A data source for each story and each test, with one published version and one that is staged."""
    found = {}
    with start_worker(api.server.data_dir):
        for name in (*STORIES, "refused", "listed", "polled"):
            found[name] = api.source(name, places("old"))
            found[name].load(places("staged"), STAGED)
    return found


@pytest.fixture(scope="module")
def played(api: Api, made: dict[str, Source]) -> dict[str, list[dict[str, Any]]]:
    """The jobs of each story at their end."""
    replies = {name: story(made[name]) for name, story in STORIES.items()}
    with start_worker(api.server.data_dir):
        return {name: [api.followed(reply) for reply in accepted] for name, accepted in replies.items()}


def test_loads_of_every_operation_run_in_the_order_of_acceptance(
    played: dict[str, list[dict[str, Any]]], made: dict[str, Source]
) -> None:
    assert [job["status"] for job in played["ordered"]] == ["Completed"] * 5
    assert [(entity["EntityID"], entity["Name"]) for entity in made["ordered"].results()] == [
        *(("a", "x"), ("b", "y"), ("c", "y"), ("f", "x"))
    ]


def test_the_base_of_an_incremental_staging_is_the_staged_version_else_the_published_one(
    played: dict[str, list[dict[str, Any]]], made: dict[str, Source]
) -> None:
    assert len(played["ordered"]) == 5
    assert made["ordered"].ids("isStaging=1") == ["d", "e", "staged"]


def test_an_incremental_load_of_another_schema_than_its_base_when_it_runs_is_aborted(
    played: dict[str, list[dict[str, Any]]],
) -> None:
    first, second = played["changed_schema"]
    assert (first["status"], second["status"]) == ("Completed", "Aborted")
    assert "Size" in second["errorMessage"]


def test_the_second_of_two_publishes_of_one_staged_version_is_aborted(
    api: Api, played: dict[str, list[dict[str, Any]]], made: dict[str, Source]
) -> None:
    first, second = played["published_twice"]
    assert (first["status"], second["status"]) == ("Completed", "Aborted")
    assert "staged" in second["errorMessage"]
    (link,) = second["links"]
    told = json_envelope(api.server.client.get(link["url"]))
    assert (link["role"], told["errorDetails"]) == ("self", [second["errorMessage"]])
    assert made["published_twice"].ids() == ["staged"]


def test_a_publish_takes_what_is_staged_when_its_turn_comes(
    played: dict[str, list[dict[str, Any]]], made: dict[str, Source]
) -> None:
    assert [job["status"] for job in played["published_late"]] == ["Completed", "Completed"]
    assert made["published_late"].ids() == ["newest"]


def test_a_rollback_whose_version_is_dropped_before_its_turn_is_aborted_and_has_a_log(
    api: Api, played: dict[str, list[dict[str, Any]]], made: dict[str, Source]
) -> None:
    job = played["rolled_back_late"][-1]
    assert (job["status"], made["rolled_back_late"].ids()) == ("Aborted", ["3"])
    assert [(link["role"], link.get("name")) for link in job["links"]] == [("self", None), ("output", "failed")]
    assert json_envelope(api.get(f"{ROLLBACK}/{job['id']}"))["errorDetails"] == [job["errorMessage"]]
    log = api.server.client.get(job["links"][1]["url"], params={"key": str(api.key)})
    assert (log.status_code, log.headers["content-type"].split(";")[0]) == (200, "text/csv")
    assert job["errorMessage"] in log.text


def test_a_delete_lets_what_is_ahead_of_it_run_and_then_frees_the_name(
    api: Api, played: dict[str, list[dict[str, Any]]], made: dict[str, Source]
) -> None:
    assert [job["status"] for job in played["deleted"]] == ["Completed", "Completed", "Completed"]
    assert api.get(made["deleted"].path).status_code == 404
    assert api.post_load("deleted", places("again")).status_code == 201


def test_a_load_that_was_accepted_before_a_change_of_publicity_does_not_undo_it(
    played: dict[str, list[dict[str, Any]]], made: dict[str, Source]
) -> None:
    assert [job["status"] for job in played["made_private"]] == ["Completed", "Completed"]
    described = made["made_private"].api.get(f"{made['made_private'].path}?$format=json").json()["d"]
    assert described["IsPublic"] == "false"


def test_from_the_acceptance_of_a_delete_on_loads_of_the_name_are_400_and_everything_else_is_404(
    made: dict[str, Source],
) -> None:
    source = made["refused"]
    source.delete()
    for operation in ("complete", "completeStaging", "incremental"):
        refused = source.api.post_load("REFUSED", places("again"), f"loadOperation={operation}")
        assert refused.status_code == 400
        assert "dataSourceName" in error_details(refused)[0]
    download = DOWNLOAD + source.path.removeprefix("/data")
    for url in (source.path, source.entities_path, f"{source.entities_path}?isStaging=1", download):
        assert source.api.get(url).status_code == 404
    assert source.delete().status_code == 404


def test_an_incremental_load_needs_a_base_or_a_load_ahead_that_makes_one(api: Api) -> None:
    for operation in (INCREMENTAL, INCREMENTAL_STAGING):
        reply = api.post_load("baseless", places("a"), operation)
        assert reply.status_code == 400
        assert "loadOperation" in error_details(reply)[0]
    assert api.post_load("baseless", places("a"), STAGED).status_code == 201
    assert api.post_load("baseless", places("b"), INCREMENTAL).status_code == 400
    assert api.post_load("baseless", places("b"), INCREMENTAL_STAGING).status_code == 201
    assert api.post_load("baseless", places("a")).status_code == 201
    assert api.post_load("baseless", places("b"), INCREMENTAL).status_code == 201


def test_pending_jobs_come_first_in_the_list_each_part_newest_first(api: Api, made: dict[str, Source]) -> None:
    source = made["listed"]
    pending = [post(source, places("new")), source.roll_back(source.job["id"])]
    done = resource(api.get(f"{source.path}/$updateDataSource?setPublic=1"))  # newer than both
    listed = api.get(JOB_LIST).json()["resourceSets"][0]["resources"]
    words = [job["status"] for job in listed]
    assert words == sorted(words, key=lambda word: word != "Pending")
    assert [job["id"] for job in listed[:2]] == [resource(reply)["id"] for reply in reversed(pending)]
    assert listed[words.count("Pending")]["id"] == done["id"]
    assert [job["id"] for job in listed if job["status"] == "Pending" and "completedDate" in job] == []
    xml = xml_envelope(api.get(f"{JOB_LIST}?o=xml"))
    nil = [element.get(XSI_NIL) for element in xml.iter(f"{WS}CompletedDate")]
    assert nil == ["true" if word == "Pending" else None for word in words]


def test_a_pending_job_is_found_by_the_first_poll_with_or_without_a_key(api: Api, made: dict[str, Source]) -> None:
    source = made["polled"]
    replies = [
        api.get(f"{source.path}/$commit"),
        source.roll_back(source.job["id"]),
        post(source, places("a")),
        source.delete("isStaging=1"),
    ]
    client, urls = api.server.client, [reply.headers["location"] for reply in replies]
    polled = [resource(client.get(url, params={"key": str(api.key)})) for url in urls]
    assert [job["status"] for job in polled] == ["Pending"] * 4
    assert [client.get(url).status_code for url in urls] == [200, 200, 401, 401]
