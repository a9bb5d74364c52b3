"""Processes that run jobs."""

from __future__ import annotations

import logging.config
import os
import signal
from functools import partial
from pathlib import Path

from geostead.cli.processes import Role, end_with_parent
from geostead.log_lines import logging_config
from geostead.settings import Settings
from geostead.wiring.processes import build_worker

_NICENESS = 10
"""Where a load and a query want one processor, the query goes first: to the load remains about a tenth."""


def job_worker_roles(settings: Settings, count: int, node: Path) -> list[Role]:
    """Return the roles of ``count`` processes that run jobs and count in the folder ``node``."""
    return [Role(f"job worker {number + 1}", partial(run_job_worker, settings, node)) for number in range(count)]


def run_job_worker(settings: Settings, node: Path) -> None:
    """Run jobs until SIGTERM or SIGINT; then finish or give back the one that is running."""
    end_with_parent()
    os.nice(_NICENESS)
    logging.config.dictConfig(logging_config(settings.log_level))
    worker = build_worker(settings, node)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()
