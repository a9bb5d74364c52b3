"""Geocoding services on the network, reached with geopy.

What a service says is bounded in time and size, and callers of the API are told neither its address nor its words; the
log gets the kind of failure and nothing that could hold the key.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from geopy import exc
from geopy.adapters import AdapterHTTPError

from geostead.errors import Unavailable
from geostead.geo.position import Position
from geostead.geocoding.base import Place
from geostead.geocoding.folding import fold
from geostead.geocoding.pace import Pace
from geostead.geocoding.remembering import Refused, Remembering
from geostead.geocoding.service_replies import name_of, precision_of
from geostead.geocoding.services import SERVICES, Service, make_client

MAX_CHARACTERS = 1000
"""Longer texts are no addresses, and services answer them with errors."""
PAUSE_S = 5.0
MAX_PAUSE_S = 300.0

_BAD_REPLY = (AttributeError, LookupError, TypeError, ValueError)
"""What geopy and the readers of replies raise where a reply is not what the service documents."""
_ABOUT_THE_SERVICE = (
    exc.GeocoderAuthenticationFailure,
    exc.GeocoderInsufficientPrivileges,
    exc.GeocoderQuotaExceeded,
    exc.GeocoderTimedOut,
    exc.GeocoderUnavailable,
)
"""What every other address would meet with, too."""
_TOO_ODD_AN_ADDRESS = (400, 413, 414)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """Which service is asked, and how."""

    name: str
    url: str | None
    """None: its public server."""
    key: str | None = field(repr=False)
    rate: float | None
    """Requests per second; None: what the public server allows, or as many as come."""
    user_agent: str
    """Who asks, as services want to be told."""
    turns_file: Path
    """Where the processes of an installation write down when the next one may ask."""


def ask_service(settings: ServiceSettings) -> Remembering:
    """Return the geocoder that asks a service and remembers its answers."""
    service = SERVICES[settings.name]
    client = make_client(service, url=settings.url, key=settings.key, user_agent=settings.user_agent)
    rate = settings.rate or (service.public_rate if settings.url is None else None)
    turns = Pace(settings.turns_file, per_second=rate) if rate else None
    return Remembering(RemoteGeocoder(service, client, turns))


class Turns(Protocol):
    """Says when a service may be asked."""

    def take_turn(self) -> None:
        """Wait a little if need be. Raises Unavailable if that would take long."""


class RemoteGeocoder:
    """Asks one service, and lets it alone for a few seconds after it failed. Threads may share it."""

    def __init__(
        self, service: Service, client: Any, turns: Turns | None, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._service = service
        self._client = client
        self._turns = turns
        self._now_s = now_s
        self._rests_until_s = float("-inf")

    def find(self, address: str) -> Place | None:
        """Return the service's best match.

        Raises Unavailable if it does not answer, or not as documented, and Refused if it does not like the address.
        """
        words = "".join(letter if letter.isprintable() else " " for letter in address[: MAX_CHARACTERS + 1]).strip()
        if not words or len(words) > MAX_CHARACTERS:
            return None
        return self._ask(lambda: self._found(words))

    def reverse(self, position: Position) -> Place | None:
        """Return what lies at a position according to the service. Raises like ``find``."""
        return self._ask(lambda: self._place(self._client.reverse(position, exactly_one=True), ""))

    def _found(self, address: str) -> Place | None:
        return self._place(self._client.geocode(address, exactly_one=True, **self._service.options), address)

    def _place(self, location: Any, address: str) -> Place | None:
        """Read an answer. Where the service does not tell, a match is whole if it has the numbers of the address."""
        if location is None:
            return None
        word, is_whole = self._service.read(location.raw)
        name = name_of(location.raw, location.address)
        return Place(
            position=_position(location.latitude, location.longitude),
            name=name,
            precision=precision_of(word),
            is_whole_match=_numbers(address) <= _numbers(name) if is_whole is None else is_whole,
        )

    def _ask(self, question: Callable[[], Place | None]) -> Place | None:
        if self._now_s() < self._rests_until_s:
            raise Unavailable("The geocoding service does not answer; try again later.")
        if self._turns is not None:
            self._turns.take_turn()
        try:
            return question()
        except exc.GeocoderServiceError as error:
            _check_not_refused(error)
            raise self._failed(error) from None
        except _BAD_REPLY as error:
            raise self._failed(error) from None

    def _failed(self, error: Exception) -> Unavailable:
        """Return what to raise; log what happened, in words of our own: those of the error may hold the key."""
        if isinstance(error, _ABOUT_THE_SERVICE):
            pause_s = getattr(error, "retry_after", None) or PAUSE_S
            self._rests_until_s = self._now_s() + min(pause_s, MAX_PAUSE_S)
        _log.warning("the geocoding service failed", extra={"failure": type(error).__name__})
        match error:
            case exc.GeocoderAuthenticationFailure() | exc.GeocoderInsufficientPrivileges():
                return Unavailable(
                    "The geocoding service does not accept this server's key; its operator can mend that."
                )
            case exc.GeocoderQuotaExceeded():
                return Unavailable("The geocoding service answers no more requests for now; try again later.")
            case _:
                return Unavailable("The geocoding service does not answer as it should; try again later.")


def _check_not_refused(error: exc.GeocoderServiceError) -> None:
    """Raise Refused if the service takes exception to this question, not to all; log that it did, not to what."""
    cause = error.__cause__
    if isinstance(cause, AdapterHTTPError) and cause.status_code in _TOO_ODD_AN_ADDRESS:
        _log.warning("the geocoding service refused an address", extra={"status": cause.status_code})
        raise Refused from None


def _position(latitude: float, longitude: float) -> Position:
    """Return a position. Raises ValueError if it is none, NaN included."""
    if not (-90.0 <= latitude <= 90.0 and -180.0 <= longitude <= 180.0):
        raise ValueError("a position on the Earth")
    return Position(float(latitude), float(longitude))


def _numbers(text: str) -> set[str]:
    return {word for word in fold(text) if any(map(str.isdigit, word))}
