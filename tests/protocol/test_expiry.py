"""http-api.md section 3.2: how long staged versions, downloads and error logs are kept."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.protocol.api import DOWNLOAD, LOAD, Api, Source, pipe
from tests.protocol.conftest import change_catalog
from tests.protocol.envelopes import error_details
from tests.servers import run_cli

PLACES = pipe("EntityID(Edm.String,primaryKey)", "1|1|2")
MIXED = pipe("EntityID(Edm.String,primaryKey)", "1|1|2", "2|91|2")
DAY_US = 24 * 3600 * 1_000_000


def let_days_pass(api: Api, days: int, table: str, which: str, id_: str) -> None:
    """Move a date of a row into the past: a black box cannot wait for it."""
    date = {"jobs": "completed_at", "versions": "created_at"}[table]
    change_catalog(
        api.server.data_dir, f"UPDATE {table} SET {date} = {date} - :us WHERE {which} = :id", us=days * DAY_US, id=id_
    )


@pytest.fixture(scope="module")
def staged(api: Api) -> dict[int, Source]:
    """Data sources by how many days ago their staged version was made."""
    found = {}
    for days in (29, 31):
        found[days] = api.source(f"StagedFor{days}", PLACES)
        version = found[days].load(PLACES, "loadOperation=completeStaging")["id"]
        let_days_pass(api, days, "versions", "job_id", version)
    return found


@pytest.fixture(scope="module")
def downloads(api: Api) -> dict[int, str]:
    """Ids of downloads by how many days ago they were done."""
    source = api.source("DownloadedLongAgo", PLACES)
    found = {}
    for days in (13, 14):
        found[days] = api.followed(api.get(DOWNLOAD + source.path.removeprefix("/data")))["id"]
        let_days_pass(api, days, "jobs", "id", found[days])
    return found


@pytest.fixture(scope="module")
def loads(api: Api) -> dict[int, dict[str, Any]]:
    """Loads with a bad row, by how many days ago they were done."""
    found = {days: api.load(f"LoadedFor{days}", MIXED) for days in (13, 14)}
    for days, job in found.items():
        let_days_pass(api, days, "jobs", "id", job["id"])
    return found


@pytest.fixture(scope="module", autouse=True)
def expired(api: Api, staged: object, downloads: object, loads: object) -> None:
    """What outlived its time has gone, as it does within an hour."""
    assert run_cli(api.server.data_dir, "expire").returncode == 0


def output(api: Api, job_id: str, query: str = "") -> httpx.Response:
    return api.get(f"{DOWNLOAD}/{job_id}/output/succeeded?{query}")


def test_a_staged_version_expires_after_30_days_and_the_published_one_does_not(staged: dict[int, Source]) -> None:
    assert {days: source.get("isStaging=1").status_code for days, source in staged.items()} == {29: 200, 31: 404}
    assert {days: source.ids() for days, source in staged.items()} == {29: ["1"], 31: ["1"]}
    assert {days: len(source.versions()) for days, source in staged.items()} == {29: 2, 31: 1}
    assert staged[31].api.get(f"{staged[31].path}/$commit").status_code == 404


def test_a_download_is_kept_for_14_days_in_every_format(api: Api, downloads: dict[int, str]) -> None:
    for query in ("", "dataFormat=csv", "dataFormat=geojson", "dataFormat=geoparquet"):
        young, old = (output(api, job_id, query) for job_id in downloads.values())
        assert (young.status_code, old.status_code) == (200, 404), query
        assert "14 days" in error_details(old)[0]


def test_an_error_log_is_kept_for_14_days(api: Api, loads: dict[int, dict[str, Any]]) -> None:
    logs = {days: api.get(f"{LOAD}/{job['id']}/output/failed") for days, job in loads.items()}
    assert {days: log.status_code for days, log in logs.items()} == {13: 200, 14: 404}
    assert "14 days" in error_details(logs[14])[0]


def test_a_job_is_told_longer_than_its_files_are_kept(api: Api, loads: dict[int, dict[str, Any]]) -> None:
    assert api.get(f"{LOAD}/{loads[14]['id']}").status_code == 200
