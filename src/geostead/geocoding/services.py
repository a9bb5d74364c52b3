"""The geocoding services that can be asked, by the name that settings give them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from geopy.geocoders import (
    ArcGIS,
    AzureMaps,
    GeocodeEarth,
    GoogleV3,
    Nominatim,
    OpenCage,
    Pelias,
    Photon,
)

from geostead.geocoding import service_replies as replies
from geostead.geocoding.address_in_path import MapBoxByPath, TomTomByPath
from geostead.geocoding.service_http import ServiceHttp

TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Service:
    """How a service is asked, and how its answers are read."""

    client: Callable[..., Any]
    """A geocoder of geopy."""
    read: Callable[[replies.Raw], replies.Told]
    key_parameter: str | None = None
    """What the client calls the key; None if the service has none."""
    options: Mapping[str, object] = field(default_factory=dict)
    """What to ask for beside the address."""
    public_rate: float | None = None
    """Requests per second that the public server allows everybody together who cannot be told apart from us."""


SERVICES: Mapping[str, Service] = {
    "nominatim": Service(Nominatim, replies.nominatim, public_rate=1.0),
    "photon": Service(Photon, replies.photon, public_rate=1.0),
    "pelias": Service(Pelias, replies.pelias, "api_key"),
    "geocode-earth": Service(GeocodeEarth, replies.pelias, "api_key"),
    "azure": Service(AzureMaps, replies.azure, "subscription_key"),
    "tomtom": Service(TomTomByPath, replies.azure, "api_key"),
    "opencage": Service(OpenCage, replies.opencage, "api_key"),
    "google": Service(GoogleV3, replies.google, "api_key"),
    "mapbox": Service(MapBoxByPath, replies.mapbox, "api_key"),
    "arcgis": Service(ArcGIS, replies.arcgis, options={"out_fields": "Addr_type,Type"}),
}


def make_client(service: Service, *, url: str | None, key: str | None, user_agent: str) -> Any:
    """Return the client of geopy for a service; without ``url`` it asks the service's public server."""
    logging.getLogger("geopy").setLevel(logging.WARNING)  # below that it tells URLs, and they hold the key
    given: dict[str, Any] = {"user_agent": user_agent, "timeout": TIMEOUT_S, "adapter_factory": ServiceHttp}
    if url is not None:
        parts = urlsplit(url)
        given |= {"scheme": parts.scheme, "domain": parts.netloc + parts.path.rstrip("/")}
    if service.key_parameter is not None:
        given[service.key_parameter] = key
    return service.client(**given)
