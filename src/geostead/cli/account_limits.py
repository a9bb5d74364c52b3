"""``geostead account set-limits``: what one account may do."""

from __future__ import annotations

from typing import Annotated

import typer

from geostead.cli.options import AccountName, DataDir, services_of
from geostead.errors import InvalidParameter
from geostead.model.limits import PROFILES, RANGES, Limits, nearest_profile
from geostead.operations.set_limits import set_limits


def _option(name: str, meaning: str) -> typer.models.OptionInfo:
    found: typer.models.OptionInfo = typer.Option(
        option_of(name), metavar="N", help=f"{meaning}: {RANGES[name].expected}."
    )
    return found


def option_of(name: str) -> str:
    """Return the option of a limit: ``--jobs-per-day`` for ``jobs_per_day``."""
    return "--" + name.replace("_", "-")


def set_limits_(  # noqa: PLR0913, PLR0917  each argument is an option of the command line
    account: AccountName,
    profile: Annotated[
        str | None, typer.Option(help=f"All numbers of a profile ({', '.join(PROFILES)}), but for those given.")
    ] = None,
    jobs_in_process: Annotated[str | None, _option("jobs_in_process", "Jobs pending at once")] = None,
    jobs_per_day: Annotated[str | None, _option("jobs_per_day", "Jobs accepted within 24 hours")] = None,
    data_sources: Annotated[str | None, _option("data_sources", "Data sources of the account")] = None,
    entities: Annotated[str | None, _option("entities", "Entities in one data source")] = None,
    upload_bytes: Annotated[str | None, _option("upload_bytes", "Bytes of one upload, as sent and unpacked")] = None,
    shapes_per_file: Annotated[str | None, _option("shapes_per_file", "Polygons in one KML or shapefile")] = None,
    points_per_shape: Annotated[str | None, _option("points_per_shape", "Points in one geography")] = None,
    query_points: Annotated[str | None, _option("query_points", "Points in a query geometry")] = None,
    data_dir: DataDir = None,
) -> None:
    """Change the limits of an account; what is not named stays. What it has beyond them stays too."""
    texts = {
        "jobs_in_process": jobs_in_process,
        "jobs_per_day": jobs_per_day,
        "data_sources": data_sources,
        "entities": entities,
        "upload_bytes": upload_bytes,
        "shapes_per_file": shapes_per_file,
        "points_per_shape": points_per_shape,
        "query_points": query_points,
    }
    numbers = {name: _number(name, text) for name, text in texts.items() if text is not None}
    chosen = None if profile is None else profile_of("--profile", profile)
    with services_of(data_dir) as services:
        changed = set_limits(services, account, chosen, numbers)
    typer.echo(f"The account {changed.name} has the limits of {profile_words(changed.limits)}.")


def _number(name: str, text: str) -> int | None:
    try:
        return RANGES[name].parse(text.strip())
    except ValueError as error:
        raise InvalidParameter(option_of(name), text, str(error)) from error


def profile_of(option: str, name: str) -> Limits:
    """Return the limits profile of that name, in any case. Raises InvalidParameter (the option)."""
    if name.lower() not in PROFILES:
        raise InvalidParameter(option, name, "one of " + ", ".join(PROFILES))
    return PROFILES[name.lower()]


def profile_words(limits: Limits) -> str:
    """Return the name of a profile and what is different: ``basic, but entities 10``."""
    profile = nearest_profile(limits)
    changes = [f"{name} {number_words(number)}" for name, number in limits.changes(PROFILES[profile]).items()]
    return profile if not changes else f"{profile}, but {', '.join(changes)}"


def number_words(number: int | None) -> str:
    """Return a limit for people."""
    return "none" if number is None else f"{number:,}"
