"""Jobs in the console: the list, one of them, its errors by row, and cancelling it."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from re import search

import httpx
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, update
from sqlalchemy.pool import NullPool

from geostead.catalog.jobs import insert_job
from geostead.catalog.tables import jobs
from geostead.model.ids import new_id
from geostead.model.job import Job, JobStatus
from geostead.model.person import Role
from tests.browsers import Watch, assert_accessible, assert_fits, take_picture
from tests.consoles import Console, Team
from tests.uploads import pipe_upload


def token_of(client: httpx.Client, team: Team) -> dict[str, str]:
    """Return the header that proves a request to come from a page of this session."""
    found = search(r'id="console-settings">(.*?)</script>', client.get(f"{team.server.url}/console/me").text)
    assert found is not None
    return {"x-csrf-token": json.loads(found[1])["csrf"]}


def running_load(team: Team, name: str, **columns: object) -> Job:
    """Make a load of a data source that is there, held by a worker that never ends as far as anybody can tell."""
    done = team.services.catalog.get_job(team.load(name, pipe_upload(1))["id"])
    assert done is not None
    held = {"worker": "elsewhere", "leased_until": datetime.now(UTC) + timedelta(hours=1)}
    progress = {"attempt": 1, "total_count": 1_000, "processed_count": 250}
    running = replace(done, id=new_id(), status=JobStatus.PENDING, completed_at=None)
    database = create_engine(f"sqlite:///{team.server.data_dir / 'catalog.sqlite3'}", poolclass=NullPool)
    with database.begin() as connection:
        insert_job(connection, running)
        connection.execute(update(jobs).where(jobs.c.id == running.id).values(held | progress | columns))
    return running


def test_jobs_are_listed_with_what_they_do_who_asked_and_why_they_failed(owner: Page, team: Team) -> None:
    team.load("Listed", pipe_upload(3, bad_rows=2))
    team.load("Broken", b"no schema here")
    owner.goto(f"{team.url}/jobs")
    listed, broken = (owner.get_by_role("row").filter(has_text=name) for name in ("Listed", "Broken"))
    expect(listed).to_contain_text("Completed")
    expect(listed).to_contain_text("2 left out")
    expect(listed).to_contain_text("master")
    expect(broken).to_contain_text("Aborted")
    assert_accessible(owner)
    assert_fits(owner)
    take_picture(owner, "jobs")


def test_a_job_that_begins_appears_by_itself_and_is_seen_to_end(viewer: Page, team: Team) -> None:
    viewer.goto(f"{team.url}/jobs")
    team.load("Appearing", pipe_upload(3))
    expect(viewer.get_by_role("row").filter(has_text="Appearing")).to_contain_text("Completed")


def test_errors_are_listed_by_row_and_saved(viewer: Page, team: Team, tmp_path: Path) -> None:
    job = team.load("Faulty", pipe_upload(3, bad_rows=2))
    viewer.goto(f"{team.url}/jobs/{job['id']}")
    rows = viewer.get_by_role("region", name="Errors by row").get_by_role("row")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("north")
    assert_accessible(viewer)
    assert_fits(viewer)
    take_picture(viewer, "job")
    with viewer.expect_download() as saved:
        viewer.get_by_role("link", name="Save as CSV").click()
    saved.value.save_as(tmp_path / "errors.csv")
    with (tmp_path / "errors.csv").open(newline="", encoding="utf-8") as file:
        assert [row["entityId"] for row in csv.DictReader(file)] == ["B0000000", "B0000001"]


def test_the_progress_of_a_running_job_is_seen_and_an_editor_cancels_it(editor: Page, team: Team) -> None:
    job = running_load(team, "Running")
    editor.goto(f"{team.url}/jobs")
    row = editor.get_by_role("row").filter(has_text="Running").first
    expect(row.get_by_role("progressbar")).to_have_attribute("value", "250")
    row.get_by_role("link").click()
    expect(editor.get_by_text("250 of 1,000 rows")).to_be_visible()
    take_picture(editor, "job-running")
    editor.get_by_role("button", name="Cancel the job").click()
    expect(editor.get_by_text("The job was cancelled.")).to_be_visible()
    expect(editor.get_by_role("button", name="Cancel the job")).to_have_count(0)
    cancelled = team.services.catalog.get_job(job.id)
    assert cancelled is not None
    assert (cancelled.status, cancelled.error_message) == (JobStatus.ABORTED, "cancelled")


def test_a_page_that_looks_again_takes_no_button_away_while_it_is_pressed(editor: Page, team: Team) -> None:
    job = running_load(team, "Pressed")
    editor.goto(f"{team.url}/jobs/{job.id}")
    editor.get_by_role("button", name="Cancel the job").hover()
    editor.mouse.down()
    for _refresh in range(2):  # when the second one is answered, the first one has been shown
        editor.wait_for_event("response")
    editor.mouse.up()
    expect(editor.get_by_text("The job was cancelled.")).to_be_visible()


def test_that_the_server_cannot_be_reached_is_said_until_it_can(viewer: Page, team: Team, watch: Watch) -> None:
    watch.allowed = "net::ERR_FAILED|htmx:(afterRequest|sendError)"
    job = running_load(team, "Unreachable")
    viewer.goto(f"{team.url}/jobs/{job.id}")
    said = viewer.get_by_text("The server cannot be reached.")
    is_down = f"**/jobs/{job.id}"
    viewer.route(is_down, lambda route: route.abort())
    expect(said).to_be_visible()
    viewer.unroute(is_down)
    expect(said).to_have_count(0)


def test_who_cancels_too_late_is_told_that_the_job_has_ended(editor: Page, team: Team, watch: Watch) -> None:
    watch.allowed = "status of 400"
    job = running_load(team, "Late")
    editor.goto(f"{team.url}/jobs/{job.id}")
    team.services.catalog.cancel(job.id, team.account.id, datetime.now(UTC))
    editor.evaluate("document.querySelector('#job form').submit()")
    expect(editor.get_by_role("alert").filter(has_text="this one is Aborted")).to_be_visible()


def test_a_viewer_sees_a_job_and_cannot_cancel_it(viewer: Page, team: Team) -> None:
    job = running_load(team, "Watched")
    viewer.goto(f"{team.url}/jobs/{job.id}")
    expect(viewer.get_by_text("250 of 1,000 rows")).to_be_visible()
    expect(viewer.get_by_role("button", name="Cancel the job")).to_have_count(0)


def test_a_job_of_another_account_is_not_there_and_cannot_be_cancelled(console: Console, team: Team) -> None:
    job = running_load(team, "Ours")
    theirs = console.new_team()
    own = {cookie["name"]: cookie["value"] for cookie in theirs.cookies(Role.OWNER)}
    with httpx.Client(cookies=own, timeout=30) as client:
        for url in (f"{theirs.url}/jobs/{job.id}", f"{theirs.url}/jobs/{job.id}/log"):
            assert client.get(url).status_code == 404
        assert client.post(f"{theirs.url}/jobs/{job.id}/cancel", headers=token_of(client, theirs)).status_code == 404
    found = team.services.catalog.get_job(job.id)
    assert found is not None
    assert found.status is JobStatus.PENDING
