"""Traces: the id under which everything is found that one request, or one job, brought about.

The trace of what is being done lies in a context variable, where log lines and spans find it. It is set in synchronous
code only: the HTTP server runs all its requests in one context, so after an ``await`` it may be another request's. What
is handed to a thread is therefore handed over with :func:`run_in`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import NamedTuple, Protocol, TypeVar

T = TypeVar("T")

_TRACE_PARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?\Z")
_TRACE_ID = re.compile(r"[0-9a-f]{32}\Z")


class Span(Protocol):
    """A stretch of work that is recorded."""

    @property
    def id(self) -> str:
        """16 hex digits."""

    @property
    def is_sampled(self) -> bool:
        """Whether it will be sent anywhere."""

    def child(self, trace: Trace, name: str, attributes: dict[str, str | int]) -> AbstractContextManager[None]:
        """Record a part of it for as long as the block runs, with that part in the current trace."""


class Trace(NamedTuple):
    """What one request or one job brings about."""

    id: str
    """32 lower-case hex digits; ``X-Request-Id`` tells it."""
    caller: str | None = None
    """Span id (16 hex digits) of who asked; None if nobody told one."""
    is_sampled: bool = False
    """Whether who asked records it; means nothing without ``caller``."""
    span: Span | None = None
    """What is recorded right now; None: nothing is."""

    def __str__(self) -> str:
        """Return it as it goes along to who works on: as W3C ``traceparent``, or only the id where no span is known."""
        span_id = self.caller if self.span is None else self.span.id
        if span_id is None:
            return self.id
        is_sampled = self.is_sampled if self.span is None else self.span.is_sampled
        return f"00-{self.id}-{span_id}-{is_sampled:02x}"


def new_trace(id_: str) -> Trace:
    """Return a trace that begins here; every request needs one, and the constructor takes twice the time."""
    return tuple.__new__(Trace, (id_, None, False, None))


def read_trace_parent(text: str) -> Trace | None:
    """Read the header ``traceparent`` (W3C Trace Context, section 3.2.2); None where it is not valid."""
    found = _TRACE_PARENT.match(text.strip(" \t"))
    if found is None or found[1] == "ff" or (found[1] == "00" and found[5] is not None):
        return None
    if not int(found[2], 16) or not int(found[3], 16):
        return None
    return Trace(found[2], found[3], bool(int(found[4], 16) & 1))


def read_trace(text: str) -> Trace | None:
    """Read what ``str`` of a trace wrote; None where it is neither of the two."""
    return Trace(text) if _TRACE_ID.match(text) and int(text, 16) else read_trace_parent(text)


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)

set_current = _current.set
"""Make a trace (or none) the current one, until it is set again."""
current_trace = _current.get
"""Return the trace of what is being done; None outside of requests and jobs."""


def written_trace() -> str | None:
    """Return the current trace as it goes along with a job, for :func:`read_trace`; None if there is none."""
    trace = _current.get()
    return None if trace is None else str(trace)


def run_in(trace: Trace | None, function: Callable[..., T], *arguments: object) -> T:
    """Call a function with another current trace."""
    with traced(trace):
        return function(*arguments)


@contextmanager
def traced(trace: Trace | None) -> Iterator[None]:
    """Make a trace the current one for as long as the block runs; it must not await anything."""
    before = _current.set(trace)
    try:
        yield
    finally:
        _current.reset(before)


_NOTHING = nullcontext()


def span(name: str, **attributes: str | int) -> AbstractContextManager[None]:
    """Record a part of what is being done, where that is recorded; costs a fifth of a microsecond where it is not.

    Attributes tell nothing that is secret: no key, no query string, no URL.
    """
    trace = _current.get()
    if trace is None or trace.span is None:
        return _NOTHING
    return trace.span.child(trace, name, attributes)
