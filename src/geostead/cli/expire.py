"""``geostead expire``: the hourly chores, now."""

from __future__ import annotations

import typer

from geostead.cli.options import DataDir, services_of
from geostead.operations.expire import expire as expire_all


def expire(data_dir: DataDir = None) -> None:
    """Delete what has outlived its time and files that nothing names any more. A running server does this hourly."""
    with services_of(data_dir) as services:
        report = expire_all(services)
    typer.echo(
        f"Deleted {report.deleted_blobs} blobs and {report.deleted_snapshots} snapshots that nothing needs; "
        f"forgot the output or log of {report.forgotten_jobs} old jobs."
    )
