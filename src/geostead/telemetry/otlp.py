"""Traces for an OpenTelemetry collector, sent by OTLP over HTTP. Needs the extra ``telemetry``.

Spans wait in a queue of bounded length for a thread that sends them; where that comes to nothing they are dropped.
How many are recorded is up to the standard variable ``OTEL_TRACES_SAMPLER``.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    Tracer,
    format_span_id,
    set_span_in_context,
)
from opentelemetry.trace import Span as SdkSpan

from geostead import __version__
from geostead.telemetry.trace import Trace, traced
from geostead.telemetry.tracing import Kind

TIMEOUT_S = 5
"""How long the collector has for one batch, second attempts included."""
LAST_WORD_S = 3.0
"""How long the end of a process waits for what has not been sent yet."""

_KINDS = {Kind.REQUEST: SpanKind.SERVER, Kind.JOB: SpanKind.CONSUMER}
_OUTCOMES = {Kind.REQUEST: "http.response.status_code", Kind.JOB: "geostead.job.outcome"}


class OtlpTracing:
    """Implements :class:`geostead.telemetry.tracing.Tracing`."""

    def __init__(self, endpoint: str) -> None:
        """``endpoint`` is the base URL of the collector, without ``/v1/traces``."""
        self._ids = _OwnIds()
        named = {"service.name": "geostead", "service.version": __version__}
        instance = {"service.instance.id": f"{socket.gethostname()}:{os.getpid()}"}
        resource = Resource({**named, **instance}).merge(OTELResourceDetector().detect())
        self._provider = TracerProvider(resource=resource, id_generator=self._ids, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=TIMEOUT_S)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("geostead", __version__)

    def begin(self, trace: Trace, kind: Kind, name: str, attributes: dict[str, str | int]) -> Trace:
        """Begin to record what a trace brings about; return the trace with its span, sampled or not."""
        self._ids.wanted.set(int(trace.id, 16))
        begun = self._tracer.start_span(name, _caller(trace), _KINDS[kind], attributes)
        return trace._replace(span=OtlpSpan(self._tracer, begun, _OUTCOMES[kind]))

    def end(self, trace: Trace, outcome: str | int, *, failed: bool) -> None:
        """End what :meth:`begin` began."""
        if isinstance(trace.span, OtlpSpan):
            trace.span.end(outcome, failed=failed)

    def close(self) -> None:
        """Send what has not been sent, if that takes no more than :data:`LAST_WORD_S`."""
        last = threading.Thread(target=self._provider.shutdown, name="last spans", daemon=True)
        last.start()
        last.join(LAST_WORD_S)


class OtlpSpan:
    """Implements :class:`geostead.telemetry.trace.Span`."""

    def __init__(self, tracer: Tracer, span: SdkSpan, outcome_name: str = "") -> None:
        self._tracer = tracer
        self._span = span
        self._outcome_name = outcome_name

    @property
    def id(self) -> str:
        """16 hex digits."""
        return format_span_id(self._span.get_span_context().span_id)

    @property
    def is_sampled(self) -> bool:
        """Whether it will be sent anywhere."""
        return bool(self._span.get_span_context().trace_flags.sampled)

    @contextmanager
    def child(self, trace: Trace, name: str, attributes: dict[str, str | int]) -> Iterator[None]:
        """Record a part of it for as long as the block runs, with that part in the current trace."""
        if not self._span.is_recording():
            yield
            return
        part = self._tracer.start_span(name, set_span_in_context(self._span, Context()), attributes=attributes)
        try:
            with traced(trace._replace(span=OtlpSpan(self._tracer, part))):
                yield
        except BaseException as error:
            # Only what kind of error: its text may tell what nobody else should know.
            part.set_status(StatusCode.ERROR, type(error).__name__)
            raise
        finally:
            part.end()

    def end(self, outcome: str | int, *, failed: bool) -> None:
        """End it and tell what came of it."""
        self._span.set_attribute(self._outcome_name, outcome)
        if failed:
            self._span.set_status(StatusCode.ERROR)
        self._span.end()


class _OwnIds(RandomIdGenerator):
    """Gives a trace that begins here the id that the reply tells."""

    def __init__(self) -> None:
        self.wanted: ContextVar[int | None] = ContextVar("wanted trace id", default=None)

    def generate_trace_id(self) -> int:
        """Return the id that is wanted, else a random one."""
        return self.wanted.get() or super().generate_trace_id()


def _caller(trace: Trace) -> Context:
    """Return the context of who asked; an empty one if nobody told."""
    if trace.caller is None:
        return Context()
    flags = TraceFlags(TraceFlags.SAMPLED if trace.is_sampled else TraceFlags.DEFAULT)
    remote = SpanContext(int(trace.id, 16), int(trace.caller, 16), is_remote=True, trace_flags=flags)
    return set_span_in_context(NonRecordingSpan(remote), Context())
