"""``geostead backup``: everything that is kept, into a folder elsewhere, while the server runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geostead.backups.folder import BackupFolder
from geostead.cli.options import DataDir, owned_services_of
from geostead.cli.progress import progress_bar
from geostead.operations.back_up import back_up
from geostead.wiring.installation import scratch_catalog


def backup(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="New or empty folder, or an earlier backup to bring up to date.")
    ],
    data_dir: DataDir = None,
) -> None:
    """Back everything up, also while servers and workers run.

    Of an earlier backup only what is whole is used again; everything else is copied.
    """
    with owned_services_of(data_dir) as services, progress_bar("backing up") as report:
        done = back_up(services, BackupFolder(folder), scratch_catalog, report)
    contents = done.contents
    typer.echo(
        f"Backed up {len(contents.snapshots)} snapshots and {len(contents.blobs)} blobs to {folder}, "
        f"{done.copied - done.mended} of them new."
    )
    if done.mended:
        typer.echo(f"Damaged or missing in the earlier backup, and copied again: {done.mended}.")
    if contents.missing:
        typer.echo(
            f"geostead: {len(contents.missing)} files are missing or damaged and not in the backup; "
            "'geostead check' tells which.",
            err=True,
        )
        raise typer.Exit(1)
