"""``geostead take-over``: what files are kept in, from an installation that is gone."""

from __future__ import annotations

from typing import Annotated

import typer

from geostead.cli.options import DataDir, settings_of
from geostead.errors import GeosteadError
from geostead.operations.own_places import places_of_others
from geostead.operations.own_places import take_over as take_over_all
from geostead.wiring.installation import prepared_services
from geostead.wiring.stores import build_places


class NotConfirmed(GeosteadError):
    """Whoever was asked did not say yes."""


def take_over(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Make the store and the database for entities this installation's: for one that replaces another that is gone."""
    settings = settings_of(data_dir=data_dir)
    with prepared_services(settings) as services:
        places = places_of_others(services.catalog, build_places(settings))
        for place in places:
            typer.echo(f"Of another installation: {place.name}", err=True)
        if places and not (yes or typer.confirm("Is that installation gone for good?", err=True)):
            raise NotConfirmed("Nothing was changed.")
        take_over_all(services.catalog, places)
    typer.echo(f"Took over {len(places)} places." if places else "Everything belongs to this installation already.")
