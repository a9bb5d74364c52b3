"""What can go wrong when a Geostead is spoken to.

::

    ClientError
    ├── NoReply              nothing answered, or the connection died
    ├── Refused              the server answered with an error
    │   ├── BadRequest       400: a parameter is missing or is not what it may be
    │   ├── AccessDenied     401: no key, an unknown one, an expired one, or one that may not do this
    │   ├── LimitExceeded    403, 413: more than the account may have
    │   ├── NotFound         404: no such data source, version, entity or job
    │   └── ServerFailed     5xx: it does not answer right now, or has a bug
    ├── UnexpectedReply      what came is no reply of a Geostead
    ├── JobAborted           a job that was waited for came to nothing
    ├── JobUnfinished        a job that was waited for did not end in time
    ├── UnknownFormat        the name of a file does not tell its format
    └── NotInstalled         an optional package is missing
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geostead.client.values import Job


class ClientError(Exception):
    """Base of every error that the client raises on purpose. No text of one holds a key.

    ``status`` is that of the reply, None without one. ``code`` is a word for programs: that of the server (such as
    ``InvalidFilter``), or the name of the class. ``trace_id`` names the request in the server's log; None if unknown.
    ``retry_after_s`` is how long the server asks to wait, None if it does not.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        trace_id: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code or type(self).__name__
        self.trace_id = trace_id
        self.retry_after_s = retry_after_s


class NoReply(ClientError):
    """Nothing answered at the URL, not in time, or the connection died before the reply was whole."""


class Refused(ClientError):
    """The server answered with an error."""


class BadRequest(Refused):
    """A parameter is missing or is not what it may be: status 400."""


class AccessDenied(Refused):
    """No key was given, or one that is unknown, has expired or may not do this: status 401."""


class LimitExceeded(Refused):
    """The account would have more than it may: status 403, or 413 for an upload."""


class NotFound(Refused):
    """There is no such data source, version, entity or job: status 404, or it is not in the list of data sources."""


class ServerFailed(Refused):
    """The server, or something that it needs, does not answer right now, or has a bug: status 500 or above."""


class UnexpectedReply(ClientError):
    """What came is no reply of a Geostead: a page of a proxy, a redirect, another service."""


class JobAborted(ClientError):
    """A job came to nothing; ``job`` says why."""

    def __init__(self, job: Job) -> None:
        super().__init__(f"The job {job.id} was aborted: {job.error_message or 'no reason was given'}")
        self.job = job


class JobUnfinished(ClientError):
    """A job did not end in the time it was waited for; ``job`` is how it stood then. It goes on."""

    def __init__(self, job: Job, timeout_s: float) -> None:
        super().__init__(f"The job {job.id} is still pending after {timeout_s:g} seconds; it goes on.")
        self.job = job


class UnknownFormat(ClientError):
    """The name of a file does not tell its format."""


class NotInstalled(ClientError):
    """A package that only some need is missing; the message says how it is installed."""


def refusal(status: int) -> type[Refused]:
    """Return the error for a status of 400 or above."""
    known: dict[int, type[Refused]] = {
        400: BadRequest,
        401: AccessDenied,
        403: LimitExceeded,
        404: NotFound,
        413: LimitExceeded,
    }
    return known.get(status, ServerFailed if status >= 500 else Refused)
