"""``geostead expire``: the hourly chores, now."""

from __future__ import annotations

import typer

from geostead.cli.options import AsJson, DataDir, owned_services_of, print_json
from geostead.operations.expire import expire as expire_all


def expire(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Delete what has outlived its time and files that nothing names any more. A running server does this hourly."""
    with owned_services_of(data_dir) as services:
        counts = expire_all(services).counts
    if as_json:
        print_json(counts)
        return
    typer.echo(
        f"Forgot the output or log of {counts['files']} jobs, {counts['jobs']} jobs and "
        f"{counts['stagedVersions']} staged versions that had outlived their time.\n"
        f"Deleted {counts['blobs']} blobs and {counts['snapshots']} snapshots that nothing needs."
    )
