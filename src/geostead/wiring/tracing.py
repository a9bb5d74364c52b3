"""Who is sent traces."""

from __future__ import annotations

from importlib.util import find_spec

from geostead.errors import GeosteadError
from geostead.settings import OTLP_VARIABLE, Settings, variable_of
from geostead.telemetry.tracing import NO_TRACING, Tracing


def build_tracing(settings: Settings) -> Tracing:
    """Build what records traces, where a collector is configured. Raises MissingExtra."""
    if settings.otlp_endpoint is None:
        return NO_TRACING
    check_tracing(settings)
    from geostead.telemetry.otlp import OtlpTracing

    return OtlpTracing(settings.otlp_endpoint)


class MissingExtra(GeosteadError):
    """The settings ask for what this environment has not got installed."""


def check_tracing(settings: Settings) -> None:
    """Raise MissingExtra where traces are wanted and cannot be sent."""
    if settings.otlp_endpoint is not None and not _is_installed("opentelemetry.exporter.otlp.proto.http"):
        raise MissingExtra(
            f"{OTLP_VARIABLE} or {variable_of('otlp_endpoint')} is set, but what sends traces is not installed. "
            "Install it with: pip install 'geostead[telemetry]'"
        )


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # already what it belongs to is missing
        return False
