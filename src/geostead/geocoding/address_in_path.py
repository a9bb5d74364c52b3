"""Clients of services that take the address in the path of their URLs.

geopy leaves the slashes of an address as they are, so that whoever writes it could choose another path on the service,
to be asked for with the operator's key.
"""

from __future__ import annotations

from typing import Any

from geopy.geocoders import MapBox, TomTom

_ADDRESS = "%(query)s"


class AddressInPath:
    """Keeps an address to its one segment of the path; comes before a client of geopy."""

    api: str
    """The URL that addresses are put into, as geopy writes it."""

    def geocode(self, query: str, **options: Any) -> Any:
        """Ask about an address. One with ``.`` or ``..`` between slashes is none: a service might walk along them."""
        address = query.replace("\\", " ")
        if any(part.strip() in (".", "..") for part in address.split("/")):
            return None
        return super().geocode(address, **options)  # type: ignore[misc]

    def _call_geocoder(self, url: str, *arguments: Any, **options: Any) -> Any:
        before, _, after = self.api.partition(_ADDRESS)
        path, _, query = url.partition("?")
        if path.startswith(before) and path.endswith(after):
            address = path[len(before) : len(path) - len(after)]
            url = f"{before}{address.replace('/', '%2F')}{after}?{query}"
        return super()._call_geocoder(url, *arguments, **options)  # type: ignore[misc]


class TomTomByPath(AddressInPath, TomTom):  # type: ignore[misc]  # geopy says nothing about its types
    """TomTom Search."""


class MapBoxByPath(AddressInPath, MapBox):  # type: ignore[misc]
    """Mapbox Geocoding v5."""
