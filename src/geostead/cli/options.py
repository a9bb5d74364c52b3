"""Options that several commands share, and the settings that come of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import orjson
import typer

from geostead.operations.services import Services
from geostead.settings import Settings, load_settings
from geostead.wiring.installation import existing_data_folder, existing_services, owned_services, prepared_services

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir", help="Folder of everything that is kept. [default: ./geostead-data]", show_default=False
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
AccountName = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Name of the account.")]


@contextmanager
def services_of(data_dir: Path | None) -> Iterator[Services]:
    """Open the installation that a command is about. Raises NoInstallation where there is none."""
    with existing_services(settings_of(data_dir=data_dir)) as services:
        yield services


@contextmanager
def new_services_of(data_dir: Path | None) -> Iterator[Services]:
    """Open the installation that a command is about, and make it if there is none."""
    with prepared_services(settings_of(data_dir=data_dir)) as services:
        yield services


@contextmanager
def owned_services_of(data_dir: Path | None, *, may_be_new: bool = False) -> Iterator[Services]:
    """Open the installation whose files a command works on. Raises NoInstallation, PlaceOfAnother."""
    settings = settings_of(data_dir=data_dir)
    if not may_be_new:
        existing_data_folder(settings)
    with owned_services(settings) as services:
        yield services


def settings_of(**options: object) -> Settings:
    """Read the settings; options that are None do not count."""
    return load_settings(os.environ, **options)


def print_json(document: object) -> None:
    """Print one JSON document on stdout, on one line."""
    typer.echo(orjson.dumps(document).decode())
