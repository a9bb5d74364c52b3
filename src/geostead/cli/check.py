"""``geostead check``: the files that are needed are there, and those of versions are what was written."""

from __future__ import annotations

from typing import Any

import typer

from geostead.cli.options import AsJson, DataDir, owned_services_of, print_json
from geostead.cli.progress import progress_bar
from geostead.cli.tables import print_table
from geostead.operations.check_files import CheckReport, Fault, check_files


def check(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Hold every file of every version against its checksum, and look for all others. Exit code 1 on any fault."""
    with owned_services_of(data_dir) as services, progress_bar("checking") as report:
        found = check_files(services, report)
    if as_json:
        print_json(_document(found))
    else:
        _print(found)
    if found.faults:
        raise typer.Exit(1)


def _print(found: CheckReport) -> None:
    snapshots, blobs = len(found.checked.snapshots), len(found.checked.blobs)
    typer.echo(f"Checked {snapshots} snapshots and {blobs} blobs: {len(found.faults) or 'none'} damaged or missing.")
    if found.faults:
        print_table(("account", "data source", "job", "file", "what is wrong"), map(_row, found.faults))
    unneeded = len(found.unneeded.snapshots), len(found.unneeded.blobs)
    if any(unneeded):
        typer.echo(f"Nothing needs {unneeded[0]} more snapshots and {unneeded[1]} more blobs: geostead expire.")


def _row(fault: Fault) -> tuple[str, ...]:
    file = fault.file
    return file.account_name, file.data_source_name, file.job_id, file.name, fault.problem


def _document(found: CheckReport) -> dict[str, Any]:
    columns = ("account", "dataSource", "jobId", "file", "problem")
    return {
        "checked": {"snapshots": len(found.checked.snapshots), "blobs": len(found.checked.blobs)},
        "faults": [dict(zip(columns, _row(fault), strict=True)) for fault in found.faults],
        "canGo": {"snapshots": sorted(found.unneeded.snapshots), "blobs": sorted(found.unneeded.blobs)},
    }
