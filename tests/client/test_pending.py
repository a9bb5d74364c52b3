"""Jobs that do not end, because nobody runs them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from geostead.client import Geostead, JobStatus, JobUnfinished
from tests.servers import create_account, start_server
from tests.uploads import pipe_upload


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Geostead]:
    data_dir = tmp_path_factory.mktemp("idle") / "data"
    key = create_account(data_dir, "idle")["master"]
    with start_server(data_dir, "--no-worker") as server, Geostead(server.url, key) as geostead:
        yield geostead


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
