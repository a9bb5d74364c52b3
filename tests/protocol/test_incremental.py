"""http-api.md section 3.1 and data-formats.md section 6: incremental loads."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.protocol.api import Api, Source, pipe
from tests.protocol.envelopes import error_details

COLUMNS = "EntityID(Edm.String,primaryKey)|Name(Edm.String)|Seats(Edm.Int64)"
INCREMENTAL = "loadOperation=incremental"
STAGING = "loadOperation=incrementalStaging"
BASE = pipe(COLUMNS, "a|one|1|10|20", "b|two|2|11|21", "c|three|3|12|22")


@pytest.fixture
def source(api: Api, new_name: Callable[[], str]) -> Source:
    """A data source with the entities a, b and c."""
    return api.source(new_name(), BASE)


def shown(source: Source, query: str = "") -> list[tuple[str, str, int | None]]:
    return [(entity["EntityID"], entity["Name"], entity["Seats"]) for entity in source.results(query)]


def test_an_id_that_exists_is_replaced_whole_and_a_new_one_is_added(source: Source) -> None:
    job = source.load(pipe(COLUMNS, "d|four|4|13|23", "b|second||11|21"), INCREMENTAL)
    assert (job["status"], job["processedEntityCount"], job["failedEntityCount"]) == ("Completed", 2, 0)
    assert shown(source) == [("a", "one", 1), ("b", "second", None), ("c", "three", 3), ("d", "four", 4)]


@pytest.mark.parametrize("value", ["1", "true", "TRUE"])
@pytest.mark.parametrize("edm_type", ["Edm.Boolean", "Edm.String"])
def test_delete_entity_deletes_and_needs_only_the_key(source: Source, edm_type: str, value: str) -> None:
    columns = f"{COLUMNS}|Latitude(Edm.Double)|Longitude(Edm.Double)|__deleteEntity({edm_type})"
    job = source.load(pipe(columns, f"b|||||{value}", "c|third|3|12|22|0", "a|first|1|10|20|"), INCREMENTAL)
    assert job["status"] == "Completed"
    assert shown(source) == [("a", "first", 1), ("c", "third", 3)]
    assert "__deleteEntity" not in source.results()[0]


def test_delete_entity_is_known_in_any_case(source: Source) -> None:
    columns = f"{COLUMNS}|Latitude(Edm.Double)|Longitude(Edm.Double)|__DELETEentity(Edm.Boolean)"
    job = source.load(pipe(columns, "b|||||1"), INCREMENTAL)
    assert job["status"] == "Completed"
    assert source.ids() == ["a", "c"]


def test_deleting_an_unknown_id_is_a_note_in_the_log_and_no_failure(source: Source) -> None:
    columns = f"{COLUMNS}|Latitude(Edm.Double)|Longitude(Edm.Double)|__deleteEntity(Edm.Boolean)"
    job = source.load(pipe(columns, "nobody|||||1", "a|||||1"), INCREMENTAL)
    assert (job["status"], job["failedEntityCount"]) == ("Completed", 0)
    assert source.ids() == ["b", "c"]


def test_of_a_repeated_id_the_last_row_wins(source: Source) -> None:
    job = source.load(pipe(COLUMNS, "b|first|1|11|21", "b|last|2|11|21"), INCREMENTAL)
    assert job["status"] == "Completed"
    assert source.by_id("b", "$format=json").json()["d"]["Name"] == "last"


def test_an_incremental_load_may_leave_a_data_source_empty(source: Source) -> None:
    columns = f"{COLUMNS}|Latitude(Edm.Double)|Longitude(Edm.Double)|__deleteEntity(Edm.Boolean)"
    job = source.load(pipe(columns, *(f"{id_}|||||1" for id_ in "abc")), INCREMENTAL)
    assert job["status"] == "Completed"
    assert source.json("$inlinecount=allpages")["__count"] == "0"
    assert source.load(pipe(COLUMNS, "z|last|9|1|2"), INCREMENTAL)["status"] == "Completed"
    assert source.ids() == ["z"]


def test_a_bad_row_is_left_out_and_the_others_count(source: Source) -> None:
    job = source.load(pipe(COLUMNS, "a|one|many|10|20", "b|second|2|11|21"), INCREMENTAL)
    assert (job["status"], job["failedEntityCount"]) == ("Completed", 1)
    assert shown(source) == [("a", "one", 1), ("b", "second", 2), ("c", "three", 3)]
    assert "many" in source.api.error_log(job)


def test_the_order_of_the_columns_does_not_matter(source: Source) -> None:
    columns = (
        "Seats(Edm.Int64)|Longitude(Edm.Double)|EntityID(Edm.String,primaryKey)|Latitude(Edm.Double)|Name(Edm.String)"
    )
    assert source.load(pipe(columns, "7|20|b|10|swapped"), INCREMENTAL)["status"] == "Completed"
    entity = source.by_id("b", "$format=json").json()["d"]
    assert (entity["Name"], entity["Seats"], entity["Latitude"], entity["Longitude"]) == ("swapped", 7, 10, 20)
    assert list(entity)[2:] == ["EntityID", "Name", "Seats", "Latitude", "Longitude"]


@pytest.mark.parametrize(
    ("columns", "row", "entity_type"),
    [
        ("EntityID(Edm.String,primaryKey)|Name(Edm.String)", "a|x|1|2", "Place"),
        (f"{COLUMNS}|More(Edm.String)", "a|x|1|more|1|2", "Place"),
        (COLUMNS.replace("Int64", "Double"), "a|x|1|1|2", "Place"),
        (COLUMNS.replace("EntityID", "Code"), "a|x|1|1|2", "Place"),
        (COLUMNS, "a|x|1|1|2", "Elsewhere"),
    ],
)
def test_another_schema_aborts_and_leaves_everything_as_it_was(
    source: Source, columns: str, row: str, entity_type: str
) -> None:
    before = source.get("$format=json").text
    job = source.load(pipe(columns, row, entity_type=entity_type), INCREMENTAL)
    assert (job["status"], bool(job["errorMessage"])) == ("Aborted", True)
    assert source.get("$format=json").text == before


def test_an_incremental_staging_is_staged_on_top_of_the_published_version(source: Source) -> None:
    assert source.load(pipe(COLUMNS, "d|four|4|13|23"), STAGING)["status"] == "Completed"
    assert source.ids() == ["a", "b", "c"]
    assert source.ids("isStaging=1") == ["a", "b", "c", "d"]


def test_a_further_incremental_staging_goes_on_top_of_what_is_staged(source: Source) -> None:
    source.load(pipe(COLUMNS, "x|staged|1|1|2"), "loadOperation=completeStaging")
    source.load(pipe(COLUMNS, "y|staged|1|1|2"), STAGING)
    assert source.ids("isStaging=1") == ["x", "y"]
    source.load(pipe(COLUMNS, "d|four|4|13|23"), INCREMENTAL)
    assert source.ids() == ["a", "b", "c", "d"]
    source.changed("/$commit")
    assert source.ids() == ["x", "y"]


@pytest.mark.parametrize("operation", [INCREMENTAL, STAGING])
def test_an_incremental_load_of_a_name_that_does_not_exist_is_400(api: Api, operation: str) -> None:
    reply = api.post_load("NeverSeen", BASE, operation)
    assert reply.status_code == 400
    assert "loadOperation" in error_details(reply)[0]
    assert "NeverSeen" not in api.get("/data?$format=json").text


def test_an_incremental_load_needs_a_published_version_and_a_staging_one_any(
    api: Api, new_name: Callable[[], str]
) -> None:
    source = api.source(new_name(), BASE, "loadOperation=completeStaging")
    reply = api.post_load(source.job["name"], pipe(COLUMNS, "d|four|4|13|23"), INCREMENTAL)
    assert reply.status_code == 400
    assert source.load(pipe(COLUMNS, "d|four|4|13|23"), STAGING)["status"] == "Completed"
    assert source.ids("isStaging=1") == ["a", "b", "c", "d"]


def test_each_incremental_load_makes_a_version_of_its_own(source: Source) -> None:
    job = source.load(pipe(COLUMNS, "d|four|4|13|23"), INCREMENTAL)
    assert [(version["JobId"], version["EntityCount"]) for version in source.versions()] == [
        *((job["id"], 4), (source.job["id"], 3))
    ]
    source.api.followed(source.roll_back(source.job["id"]))
    assert source.ids() == ["a", "b", "c"]


def test_public_status_and_query_key_stay(source: Source) -> None:
    source.changed("/$updateDataSource?setPublic=1")
    source.load(pipe(COLUMNS, "d|four|4|13|23"), INCREMENTAL)
    assert source.api.get(f"{source.path}?$format=json").json()["d"]["IsPublic"] == "true"
