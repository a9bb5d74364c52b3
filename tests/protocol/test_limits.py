"""http-api.md sections 3.1 and 5: limits of an account, and what a request or a job beyond them gets."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import cache

import pytest

from tests.protocol.api import LOAD, Api, pipe
from tests.protocol.conftest import set_limit
from tests.protocol.envelopes import error_details
from tests.servers import create_account

COLUMNS = "EntityID(Edm.String,primaryKey)|Name(Edm.String)"
PLACES = pipe(COLUMNS, "1|one|10|20")


@pytest.fixture(scope="module")
def basic(api: Api) -> Api:
    """An account with the smallest profile."""
    return api.with_key(create_account(api.server.data_dir, "basic", "--limits", "basic")["master"])


@pytest.fixture(scope="module")
def account_limited(api: Api, new_name: Callable[[], str]) -> Callable[[str, int], Api]:
    """Give accounts with one limit of their own, the same account for the same limit."""

    @cache
    def make(limit: str, value: int) -> Api:
        name = f"limited-{new_name()}"
        account = api.with_key(create_account(api.server.data_dir, name)["master"])
        set_limit(api.server.data_dir, name, limit, value)
        return account

    return make


def test_too_many_data_sources_are_403_but_the_existing_ones_still_load(basic: Api) -> None:
    for number in range(5):
        assert basic.load(f"Small{number}", PLACES)["status"] == "Completed"
    reply = basic.post_load("Small5", PLACES)
    assert reply.status_code == 403
    assert "5" in error_details(reply)[0]
    assert basic.load("small0", PLACES)["status"] == "Completed"


def test_too_many_entities_abort_the_load(basic: Api) -> None:
    rows = [f"{number}|x|1|2" for number in range(2501)]
    job = basic.load("Small0", pipe(COLUMNS, *rows))
    assert job["status"] == "Aborted"
    assert "2,500" in job["errorMessage"]
    assert basic.load("Small0", pipe(COLUMNS, *rows[1:]))["totalEntityCount"] == 2500


def test_too_many_jobs_within_a_day_are_403_aborted_ones_included_downloads_not(
    account_limited: Callable[[str, int], Api],
) -> None:
    account = account_limited("jobs_per_day", 3)
    source = account.source("Busy", PLACES)
    assert account.load("Busy", b"nonsense")["status"] == "Aborted"
    assert account.download(source).status_code == 200
    assert account.load("Busy", PLACES)["status"] == "Completed"
    reply = account.post_load("Busy", PLACES)
    assert reply.status_code == 403
    assert error_details(reply)
    assert account.download(source).status_code == 200


def test_too_many_jobs_in_process_are_403(account_limited: Callable[[str, int], Api]) -> None:
    account = account_limited("jobs_in_process", 1)
    long = pipe(COLUMNS, *(f"{number}|x|1|2" for number in range(150_000)))
    for _ in range(5):  # on a busy machine the long load may be over before the next request arrives
        replies = [account.post_load("Busy", upload) for upload in (long, PLACES)]
        if replies[-1].status_code == 403:
            break
    assert replies[-1].status_code == 403
    assert "1" in error_details(replies[-1])[0]


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_too_large_is_413_with_or_without_content_length(
    account_limited: Callable[[str, int], Api], announced: bool
) -> None:
    content = b"x" * 100_001
    body = content if announced else iter([content[:90_000], content[90_000:]])
    query = "dataSourceName=Large&loadOperation=complete&input=pipe"
    reply = account_limited("upload_bytes", 100_000).request("POST", f"{LOAD}?{query}", content=body)
    assert reply.status_code == 413
    assert "100,000" in error_details(reply)[0]


def test_an_upload_too_large_when_unpacked_aborts(account_limited: Callable[[str, int], Api]) -> None:
    job = account_limited("upload_bytes", 100_000).load("Unpacked", gzip.compress(PLACES + b"\n" * 100_000))
    assert job["status"] == "Aborted"
    assert "100,000" in job["errorMessage"]
