"""The port to where traces are recorded."""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from geostead.telemetry.trace import Trace


class Kind(Enum):
    """What brings a trace about."""

    REQUEST = "request"
    JOB = "job"


class Tracing(Protocol):
    """Records traces. Nothing here waits for anybody or raises anything."""

    def begin(self, trace: Trace, kind: Kind, name: str, attributes: dict[str, str | int]) -> Trace:
        """Begin to record what a trace brings about; return the trace with its span, or as it is if none is wanted."""

    def end(self, trace: Trace, outcome: str | int, *, failed: bool) -> None:
        """End what :meth:`begin` began; ``outcome`` is the status of the reply, or the word for how a job ended."""

    def close(self) -> None:
        """Send what has not been sent, if that takes no more than a few seconds."""


class NoTracing:
    """Records nothing."""

    def begin(
        self,
        trace: Trace,
        kind: Kind,  # noqa: ARG002
        name: str,  # noqa: ARG002
        attributes: dict[str, str | int],  # noqa: ARG002
    ) -> Trace:
        """Return the trace as it is."""
        return trace

    def end(self, trace: Trace, outcome: str | int, *, failed: bool) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


NO_TRACING = NoTracing()
