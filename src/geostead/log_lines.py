"""Log lines for machines: one JSON object a line on stderr. Keys and signatures of URLs never get into one."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from geostead.errors import Unavailable
from geostead.model.access import redact
from geostead.telemetry.trace import current_trace

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Format a record as one JSON object; what was given as ``extra`` becomes members (``job``, ``seconds`` …).

    What is logged while a request or a job is dealt with has the id of its trace as ``trace``. A bug has a traceback.
    What does not answer right now has a ``reason``: an outage fills no log with where a thousand calls stood.
    """

    def __init__(self, *, traces_outages: bool = False) -> None:
        """``traces_outages``: show tracebacks of what does not answer, too."""
        super().__init__()
        self._traces_outages = traces_outages

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": record.process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        trace = current_trace()
        if trace is not None:
            line["trace"] = trace.id
        line.update({name: value for name, value in vars(record).items() if name not in _STANDARD})
        if record.exc_info:
            error = record.exc_info[1]
            if isinstance(error, Unavailable) and not self._traces_outages:
                line["reason"] = " < ".join(_chain(error))
            else:
                line["traceback"] = self.formatException(record.exc_info)
        return redact(_encoded(line))


def _chain(error: BaseException | None) -> Iterator[str]:
    """Tell an error, and what it comes from, in a line each."""
    while error is not None:
        yield f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
        error = error.__cause__


def _encoded(line: dict[str, Any]) -> str:
    """Encode a line as JSON, also where orjson refuses: lone surrogates become question marks."""
    try:
        return orjson.dumps(line, default=str).decode()
    except orjson.JSONEncodeError:
        return json.dumps(line, default=str, ensure_ascii=False).encode(errors="replace").decode()


def logging_config(level: str) -> dict[str, Any]:
    """Return the configuration for :func:`logging.config.dictConfig`: everything from ``level`` up, to stderr."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "geostead.log_lines.JsonLines", "traces_outages": level == "debug"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {
            # One line for each process that starts is the supervisor's business, not the server library's.
            "_granian": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "alembic": {"level": "WARNING"},
            # A collector that does not answer is worth a line, not one at every attempt.
            "opentelemetry": {"level": "ERROR"},
            # It would tell the headers of replies: a redirect's may hold a signature.
            "httpcore": {"level": "WARNING"},
        },
    }
