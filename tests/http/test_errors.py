"""Every error has a status and a code."""

from __future__ import annotations

import pytest

from geostead import errors
from geostead.errors import GeosteadError, InvalidFilter, RequestError, Unavailable
from geostead.http.errors import ANSWERS, answer_to, authentication_result, is_bug, message_of

CODES = {
    "InvalidParameter",
    "InvalidFilter",
    "InvalidSpatialFilter",
    "LimitExceeded",
    "NoCredentials",
    "InvalidCredentials",
    "CredentialsExpired",
    "NotAuthorized",
    "NotFound",
    "MethodNotAllowed",
    "TooManyAttempts",
    "Unavailable",
    "InternalError",
}


def leaves_below(kind: type[GeosteadError]) -> list[type[GeosteadError]]:
    """Return a class and all that are derived from it, as far as the error tree goes."""
    below = [leaf for sub in kind.__subclasses__() if sub.__module__ == errors.__name__ for leaf in leaves_below(sub)]
    return [kind, *below] if kind not in (RequestError, errors.AccessDenied) else below


@pytest.mark.parametrize("kind", [*leaves_below(RequestError), Unavailable])
def test_every_error_that_a_caller_may_see_has_its_own_line_in_the_table(kind: type[GeosteadError]) -> None:
    assert kind in ANSWERS
    assert 400 <= ANSWERS[kind].status <= 503


def test_the_table_has_no_codes_but_those_of_the_contract() -> None:
    assert {answer.code for answer in ANSWERS.values()} | {"InternalError"} == CODES


def test_an_error_that_is_derived_from_one_of_the_table_is_shown_like_it() -> None:
    class Odd(InvalidFilter):
        pass

    assert answer_to(Odd("$filter", "a", "b")) is ANSWERS[InvalidFilter]


@pytest.mark.parametrize(
    "error", [ValueError("secret"), errors.SnapshotDamaged("secret"), errors.NoValidEntities("secret"), KeyError("x")]
)
def test_anything_else_is_a_bug_of_which_only_the_trace_id_is_shown(error: Exception) -> None:
    assert is_bug(error)
    assert answer_to(error).status == 500
    assert answer_to(error).code == "InternalError"
    assert "secret" not in message_of(error, "f00")
    assert "f00" in message_of(error, "f00")


def test_the_authentication_result_names_what_is_wrong_with_the_key_and_nothing_else() -> None:
    assert authentication_result(errors.NoCredentials()) == "NoCredentials"
    assert authentication_result(errors.NotAuthorized("no")) == "NotAuthorized"
    assert authentication_result(errors.NotFound("no")) == "ValidCredentials"


def test_only_an_operator_is_told_where_what_does_not_answer_is() -> None:
    away = Unavailable("The store s3://inside does not answer in time.", told="The store does not answer right now.")
    assert message_of(away, "f00") == "The store does not answer right now."
    assert message_of(away, "f00", to_operator=True) == str(away)
    assert message_of(Unavailable("Busy."), "f00") == "Busy."
