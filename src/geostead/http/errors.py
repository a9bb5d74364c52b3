"""The status and the code of every error, in one table (http-api.md, sections 2, 3.1 and 4.5)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from geostead.errors import (
    AccessDenied,
    AccountFull,
    CredentialsExpired,
    GeosteadError,
    InvalidCredentials,
    InvalidFilter,
    InvalidParameter,
    InvalidSpatialFilter,
    LimitExceeded,
    MethodNotAllowed,
    NoCredentials,
    NoSuchUrl,
    NotAuthorized,
    NotFound,
    SignInRefused,
    TooManyAttempts,
    Unavailable,
    UploadTooLarge,
)
from geostead.model.access import redact

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """How an error is shown."""

    status: int
    code: str
    """The word of section 4.5; on a 401 also the ``authenticationResultCode``."""


ANSWERS: Mapping[type[GeosteadError], Answer] = {
    InvalidParameter: Answer(400, "InvalidParameter"),
    InvalidFilter: Answer(400, "InvalidFilter"),
    InvalidSpatialFilter: Answer(400, "InvalidSpatialFilter"),
    LimitExceeded: Answer(400, "LimitExceeded"),
    AccountFull: Answer(403, "LimitExceeded"),
    UploadTooLarge: Answer(413, "LimitExceeded"),
    NotFound: Answer(404, "NotFound"),
    NoSuchUrl: Answer(404, "NotFound"),
    MethodNotAllowed: Answer(405, "MethodNotAllowed"),
    TooManyAttempts: Answer(429, "TooManyAttempts"),
    NoCredentials: Answer(401, "NoCredentials"),
    InvalidCredentials: Answer(401, "InvalidCredentials"),
    SignInRefused: Answer(401, "InvalidCredentials"),
    CredentialsExpired: Answer(401, "CredentialsExpired"),
    NotAuthorized: Answer(401, "NotAuthorized"),
    Unavailable: Answer(503, "Unavailable"),
}
"""Errors that a caller may see. All others are ours alone: their text is for the log."""

_BUG = Answer(500, "InternalError")


def answer_to(error: Exception) -> Answer:
    """Return how an error is shown; one that is not in the table is a bug."""
    for kind in type(error).__mro__:
        if kind in ANSWERS:
            return ANSWERS[kind]
    return _BUG


def message_of(error: Exception, trace_id: str, *, to_operator: bool = False) -> str:
    """Return the text that the caller gets, without keys. A bug is nothing but the id under which it was logged.

    Only an operator is told what within the installation does not answer, and where.
    """
    if is_bug(error):
        return f"Something went wrong here; it was logged as {trace_id}."
    if isinstance(error, Unavailable) and not to_operator:
        return redact(error.told)
    return redact(str(error))


def authentication_result(error: Exception) -> str:
    """Return the ``authenticationResultCode`` of a management reply that reports an error."""
    match error:
        case AccessDenied():
            return answer_to(error).code
        case NoSuchUrl() | MethodNotAllowed():
            return "None"  # nobody looked at the key
        case _ if answer_to(error).status >= 500:
            return "None"  # it may have gone wrong before anybody could
        case _:
            return "ValidCredentials"


def is_bug(error: Exception) -> bool:
    """Tell whether an error is none that a caller may see."""
    return answer_to(error) is _BUG


def log_trouble(error: Exception, doing: str, trace_id: str) -> None:
    """Log what the operator has to know: bugs, and what did not answer; not what the caller did wrong."""
    if is_bug(error):
        logger.error("%s failed.", doing, exc_info=error, extra={"trace": trace_id})
    elif isinstance(error, Unavailable):
        logger.warning("%s: %s", doing, error, exc_info=error, extra={"trace": trace_id})
