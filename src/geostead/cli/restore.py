"""``geostead restore``: a backup into a new data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geostead.backups.folder import BackupFolder
from geostead.cli.options import DataDir, owned_services_of
from geostead.cli.progress import progress_bar
from geostead.operations.restore import restore as restore_all


def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that 'geostead backup' wrote.")],
    data_dir: DataDir = None,
) -> None:
    """Restore a backup into a new data folder, or one without accounts. Every file is held against its checksum."""
    with owned_services_of(data_dir, may_be_new=True) as services, progress_bar("restoring") as report:
        contents = restore_all(services, BackupFolder(folder), report)
    typer.echo(
        f"Restored {len(contents.accounts)} accounts, {len(contents.snapshots)} snapshots and "
        f"{len(contents.blobs)} blobs as of {contents.taken_at:%Y-%m-%d %H:%M:%S} UTC."
    )
    if contents.missing:
        typer.echo(
            f"geostead: {len(contents.missing)} files were missing or damaged when the backup was made; "
            "'geostead check' tells which.",
            err=True,
        )
        raise typer.Exit(1)
