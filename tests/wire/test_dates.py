"""Instants as replies write them."""

from datetime import UTC, datetime, timedelta, timezone

from geostead.wire.dates import http_date, iso_date

EVENING = datetime(2010, 11, 12, 22, 3, 56, 999_999, tzinfo=timezone(timedelta(hours=2)))


def test_dates_are_told_in_utc_and_whole_seconds() -> None:
    assert http_date(EVENING) == "Fri, 12 Nov 2010 20:03:56 GMT"
    assert iso_date(EVENING) == "2010-11-12T20:03:56Z"


def test_early_years_have_four_digits() -> None:
    assert iso_date(datetime(1, 2, 3, tzinfo=UTC)) == "0001-02-03T00:00:00Z"
