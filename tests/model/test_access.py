"""Who may do what: the table of http-api.md, section 2, as far as keys decide it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from geostead.errors import CredentialsExpired, NotAuthorized
from geostead.model.access import (
    Key,
    check_live,
    check_master,
    check_owner,
    check_query,
    digest_of,
    matches,
    redact,
)
from geostead.model.data_source import DataSource

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def key(name: str, account_id: str = "mine") -> Key:
    return Key(id=name, account_id=account_id, name=name, digest=digest_of(name), created_at=NOW)


MASTER, QUERY, OTHER, FOREIGN = key("master"), key("query"), key("other"), key("foreign", "theirs")
SOURCE = DataSource(
    id="1",
    account_id="mine",
    name="Shops",
    access_id="0" * 32,
    master_key_id="master",
    query_key_id=None,
    is_public=False,
    description=None,
    created_at=NOW,
)


def may_query(who: Key, source: DataSource, *, staged: bool = False) -> bool:
    try:
        check_query(who, source, staged=staged)
    except NotAuthorized:
        return False
    return True


@pytest.mark.parametrize(
    ("query_key", "public", "staged", "allowed"),
    [
        (None, False, False, {"master", "query", "other"}),
        ("query", False, False, {"master", "query"}),
        (None, True, False, {"master", "query", "other", "foreign"}),
        ("query", True, False, {"master", "query", "other", "foreign"}),
        (None, False, True, {"master", "query", "other"}),
        ("query", False, True, {"master", "query"}),
        (None, True, True, {"master", "query", "other"}),
        ("query", True, True, {"master", "query"}),
    ],
)
def test_who_may_query(query_key: str | None, public: bool, staged: bool, allowed: set[str]) -> None:
    source = replace(SOURCE, query_key_id=query_key, is_public=public)
    assert {k.name for k in (MASTER, QUERY, OTHER, FOREIGN) if may_query(k, source, staged=staged)} == allowed


def test_only_the_master_key_may_change() -> None:
    check_master(MASTER, SOURCE, "download")
    for who in (QUERY, OTHER, FOREIGN):
        with pytest.raises(NotAuthorized, match="may not download the data source Shops"):
            check_master(who, SOURCE, "download")


def test_every_key_of_the_owning_account_may_read_about_a_data_source() -> None:
    check_owner(OTHER, SOURCE)
    with pytest.raises(NotAuthorized):
        check_owner(FOREIGN, SOURCE)


def test_a_revoked_and_an_expired_key_open_nothing() -> None:
    check_live(replace(MASTER, expires_at=NOW + timedelta(seconds=1)), NOW)
    for dead in (replace(MASTER, revoked_at=NOW), replace(MASTER, expires_at=NOW)):
        with pytest.raises(CredentialsExpired):
            check_live(dead, NOW)


def test_white_space_around_a_key_does_not_count_but_case_does() -> None:
    assert matches(MASTER, digest_of(" master\n"))
    assert not matches(MASTER, digest_of("Master"))


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("GET /REST/v1/data?key=s3cret&o=json", "GET /REST/v1/data?key=[redacted]&o=json"),
        ("?queryKey=s3cret", "?queryKey=[redacted]"),
        ("sv=2020&sig=s3cret%3D&se=1", "sv=2020&sig=[redacted]&se=1"),
        ("X-Amz-Signature=s3cret&X-Amz-Date=1", "X-Amz-Signature=[redacted]&X-Amz-Date=1"),
        ("fetched https://a.example/b.csv?sv=1&x=s3cret.", "fetched https://a.example/b.csv?[redacted]"),
        ("'HTTPS://a.example/b?s3cret' and http://c", "'HTTPS://a.example/b?[redacted]' and http://c"),
        ("dataLocation=https%3A%2F%2Fa%2Fb%3Fsig%3Ds3cret&o=xml", "dataLocation=[redacted]&o=xml"),
        ("a%3Fsig%3Ds3cret", "a%3Fsig%3D[redacted]"),
        ("https://a.example/b.csv is too large", "https://a.example/b.csv is too large"),
        ("Keys are 4 of 5", "Keys are 4 of 5"),
    ],
)
def test_what_opens_something_is_taken_out_of_a_text(text: str, redacted: str) -> None:
    assert redact(text) == redacted


def test_a_text_full_of_urls_is_redacted_in_no_time() -> None:
    assert redact("http://" * 100_000) == "http://" * 100_000
    assert redact("key" * 100_000 + "=s3cret").endswith("key=[redacted]")
