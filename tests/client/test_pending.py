"""Jobs that do not end, because nobody runs them: with the client and from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from typer.testing import CliRunner, Result

from geostead.cli.main import app
from geostead.client import BadRequest, Geostead, JobStatus, JobUnfinished
from tests.servers import create_account, start_server
from tests.uploads import pipe_upload


@dataclass(frozen=True)
class Idle:
    """A server that runs no jobs."""

    url: str
    key: str

    def run(self, *arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(app, arguments, input=stdin, env={"GEOSTEAD_URL": self.url, "GEOSTEAD_KEY": self.key})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Idle]:
    data_dir = tmp_path_factory.mktemp("idle") / "data"
    key = create_account(data_dir, "idle")["master"]
    with start_server(data_dir, "--no-worker") as running:
        yield Idle(running.url, key)


@pytest.fixture
def idle(server: Idle) -> Iterator[Geostead]:
    with Geostead(server.url, server.key) as opened:
        yield opened


def test_waiting_ends_when_it_was_to_end_and_the_job_goes_on(idle: Geostead):
    job = idle.load("Slow", pipe_upload(2), input="pipe")

    with pytest.raises(JobUnfinished, match="goes on") as caught:
        idle.wait(job, timeout_s=0.3)

    assert caught.value.job.status is JobStatus.PENDING
    assert idle.job(job.id).status is JobStatus.PENDING


def test_a_pending_job_is_cancelled(idle: Geostead):
    job = idle.load("Cancelled", pipe_upload(2), input="pipe")

    cancelled = idle.cancel(job.id)

    assert (cancelled.id, cancelled.status) == (job.id, JobStatus.ABORTED)
    assert str(cancelled.error_message).startswith("cancelled")
    assert idle.job(job.id).is_aborted
    with pytest.raises(BadRequest):
        idle.cancel(cancelled)


def test_a_command_that_does_not_wait_tells_the_job_and_another_one_cancels_it(server: Idle):
    load = ("datasource", "load", "Left", "-", "--input", "pipe", "--no-wait")

    said = server.run(*load, stdin=pipe_upload(2).decode())
    told = json.loads(server.run(*load, "--json", stdin=pipe_upload(2).decode()).stdout)["job"]
    job_id = said.stdout.split()[-1]

    assert said.exit_code == 0
    assert said.stdout == f"Accepted the job {job_id}: geostead job watch {job_id}\n"
    assert (told["status"], "completedAt" in told) == ("Pending", False)
    assert server.run("job", "cancel", job_id).stdout == f"Cancelled the job {job_id}.\n"
    cancelled = json.loads(server.run("job", "cancel", told["id"], "--json").stdout)["job"]
    assert (cancelled["id"], cancelled["status"]) == (told["id"], "Aborted")
    again = server.run("job", "cancel", job_id)
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr.startswith("geostead: ")
    watched = server.run("job", "watch", job_id)
    assert (watched.exit_code, "cancelled" in watched.stderr) == (1, True)
