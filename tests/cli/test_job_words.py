"""What commands say of jobs that they follow."""

from datetime import UTC, datetime

import pytest

from geostead.cli.job_words import followed
from geostead.cli.remote import ServerSaysNo
from geostead.client import Geostead, Job, JobKind, JobStatus, Retries
from tests.clusters import free_ports

ACCEPTED = Job(
    id="7406da0d",
    kind=JobKind.LOAD,
    status=JobStatus.PENDING,
    data_source="Shops",
    description=None,
    created_at=datetime(2026, 3, 1, tzinfo=UTC),
    completed_at=None,
    error_message=None,
    total_count=None,
    failed_count=None,
    fetched_bytes=None,
    has_error_log=False,
)


def test_a_job_whose_server_goes_away_is_named_so_that_nobody_orders_it_twice() -> None:
    with (
        Geostead(f"http://127.0.0.1:{free_ports(1)[0]}", "key", retries=Retries(attempts=1)) as geostead,
        pytest.raises(ServerSaysNo, match=r"does not answer.* The job 7406da0d was accepted all the same"),
    ):
        followed(geostead, ACCEPTED)
