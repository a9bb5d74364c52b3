"""No password is shown, wherever in a URL it ends up."""

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.errors import InvalidParameter
from geostead.postgresql.urls import read_url

SPECIAL = st.text("@:/?#%[]& =+\\'\"", max_size=4)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_url_may_be_spelled_in_three_ways(scheme: str) -> None:
    found = read_url(f"{scheme}://me:p%40ss@one:5432,two:5433/places?application_name=ours")
    assert found == {
        "user": "me",
        "password": "p@ss",
        "host": "one,two",
        "port": "5432,5433",
        "dbname": "places",
        "application_name": "ours",
    }


@pytest.mark.parametrize(
    "rest",
    [
        "user:secret@host:port/name",
        "u:x/secret@host/name",
        "u:12/secret@host/name",
        "u:x@secret@host/name",
        "u:x?secret@host/name",
        "u:x@host/name?secret=1",
        "u:sec%zzret@host",
        "postgres:p@ss/w#secret@host:5432/name",
        "secret%",
    ],
)
def test_a_url_that_cannot_be_read_is_refused_with_nothing_of_it_in_the_whole_traceback(rest: str) -> None:
    with pytest.raises(InvalidParameter, match="expected postgresql://user:password@host") as refused:
        read_url(f"postgresql://{rest}")
    shown = [line for line in traceback.format_exception_only(refused.value) if "sec" in line]
    assert shown == []
    assert (refused.value.__cause__, refused.value.__context__) == (None, None)


def shown_of(url: str) -> str:
    try:
        return f"{read_url(url) | {'password': ''}}"
    except InvalidParameter as error:
        return str(error)


@given(SPECIAL, SPECIAL)
def test_whatever_a_password_holds_it_stays_a_password_or_the_url_is_refused(before: str, after: str) -> None:
    assert "secret" not in shown_of(f"postgresql://me:{before}secret{after}@host/name")
