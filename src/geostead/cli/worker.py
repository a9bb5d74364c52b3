"""``geostead worker``: run jobs on another machine, or apart from the HTTP server."""

from __future__ import annotations

import logging.config
from typing import Annotated

import typer

from geostead.cli.job_workers import job_worker_roles
from geostead.cli.node import measured_node
from geostead.cli.options import DataDir, settings_of
from geostead.cli.prepare import prepare_installation
from geostead.cli.processes import Supervisor
from geostead.log_lines import logging_config
from geostead.wiring.processes import build_chores


def worker(
    concurrency: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=256,
            help="Processes, each running one job at a time. [default: half the number of CPUs, at least 2]",
        ),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Run loads and downloads until SIGTERM or Ctrl-C, beside any number of other workers and servers.

    What is running then may take 20 seconds to finish, or is given back to be started again by another worker.
    """
    settings = settings_of(job_workers=concurrency, data_dir=data_dir)
    logging.config.dictConfig(logging_config(settings.log_level))
    prepare_installation(settings)  # once, before many processes open the catalog
    count = max(1, settings.job_workers)
    with measured_node(settings) as node, build_chores(settings):
        Supervisor(job_worker_roles(settings, count, node)).run(
            lambda: True, lambda: typer.echo(f"Geostead runs jobs in {count} processes.")
        )
