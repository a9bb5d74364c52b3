"""``geostead geocode``: what the geocoder makes of an address, or knows of a position."""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer

from geostead.cli.options import AsJson, DataDir, print_json, services_of
from geostead.errors import GeosteadError
from geostead.geo.position import Position
from geostead.geocoding.base import Geocoder, Place

_NUMBER = r"[+-]?[0-9]{1,3}(?:\.[0-9]+)?"
_POSITION = re.compile(rf"\s*({_NUMBER})\s*,\s*({_NUMBER})\s*\Z")


class NoPlace(GeosteadError):
    """The geocoder does not know what it was asked, or there is none."""


def _position(text: str) -> Position:
    found = _POSITION.match(text)
    if found is None or abs(float(found[1])) > 90 or abs(float(found[2])) > 180:
        raise typer.BadParameter("expected a latitude within ±90 and a longitude within ±180, like 47.64,-122.13")
    return Position(latitude=float(found[1]), longitude=float(found[2]))


def geocode(
    address: Annotated[str | None, typer.Argument(metavar="ADDRESS", help="The address, in quotes.")] = None,
    reverse: Annotated[
        Position | None,
        typer.Option(
            metavar="LAT,LON", parser=_position, help="Say what lies there, instead of looking up an address."
        ),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Look up an address as queries do: what was matched, where it is, how exact that is."""
    if (address is None) == (reverse is None):
        raise typer.BadParameter("give either an address or --reverse")
    with services_of(data_dir) as services:
        place = _ask(services.geocoder, address, reverse)
    if as_json:
        print_json({"place": place and _document(place)})
    elif place is not None:
        _print(place, is_answer_to_address=address is not None)
    if place is None:
        raise NoPlace(
            "The geocoder does not know this address." if address else "The geocoder knows nothing near there."
        )


def _ask(geocoder: Geocoder | None, address: str | None, reverse: Position | None) -> Place | None:
    if geocoder is None:
        raise NoPlace("There is no geocoder: GEOSTEAD_GEOCODER is none.")
    return geocoder.find(address or "") if reverse is None else geocoder.reverse(reverse)


def _print(place: Place, *, is_answer_to_address: bool) -> None:
    match = "all of the address was used" if place.is_whole_match else "only a part of the address was used"
    typer.echo(place.name)
    typer.echo(f"{place.position.latitude},{place.position.longitude}")
    typer.echo(f"{place.precision}; {match}" if is_answer_to_address else place.precision)


def _document(place: Place) -> dict[str, Any]:
    return {
        "name": place.name,
        "latitude": place.position.latitude,
        "longitude": place.position.longitude,
        "precision": place.precision.value,
        "wholeMatch": place.is_whole_match,
    }
