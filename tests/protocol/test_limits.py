"""http-api.md section 5: what counts towards the jobs of a day."""

from __future__ import annotations

from tests.protocol.api import Api, pipe
from tests.protocol.conftest import set_limit
from tests.protocol.envelopes import error_details
from tests.servers import create_account

PLACES = pipe("EntityID(Edm.String,primaryKey)|Name(Edm.String)", "1|one|10|20")


def test_aborted_jobs_count_towards_the_jobs_of_a_day_and_downloads_do_not(api: Api) -> None:
    account = api.with_key(create_account(api.server.data_dir, "three-a-day")["master"])
    set_limit(api.server.data_dir, "three-a-day", "jobs_per_day", 3)
    source = account.source("Busy", PLACES)
    assert account.load("Busy", b"nonsense")["status"] == "Aborted"
    assert account.download(source).status_code == 200
    assert account.load("Busy", PLACES)["status"] == "Completed"
    reply = account.post_load("Busy", PLACES)
    assert (reply.status_code, error_details(reply)) == (
        403,
        ["Limit exceeded: jobs per day is 4; the maximum is 3."],
    )
    assert account.download(source).status_code == 200
