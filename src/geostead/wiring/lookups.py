"""Who looks up addresses and routes."""

from __future__ import annotations

from geostead import __version__
from geostead.geocoding.base import Geocoder
from geostead.geocoding.places import Places
from geostead.routing.base import DescribedRouter
from geostead.routing.by_mode import ByMode
from geostead.routing.engine_server import EngineServer
from geostead.routing.engine_url import Engine, parse_engine_url
from geostead.routing.graphs import FOLDER_NAME
from geostead.routing.osrm_embedded import EmbeddedOsrm
from geostead.routing.osrm_http import OsrmServer
from geostead.routing.valhalla_http import ValhallaServer
from geostead.settings import Settings


def build_geocoder(settings: Settings) -> Geocoder | None:
    """Build what looks up addresses; None where the settings want nobody."""
    match settings.geocoder:
        case "none":
            return None
        case "places":
            return Places(settings.places_dir or settings.data_dir / "places")
        case service:
            return _geocoding_service(service, settings)


def _geocoding_service(name: str, settings: Settings) -> Geocoder:
    from geostead.geocoding.remote import ServiceSettings, ask_service  # takes 0.2 s that most can do without

    return ask_service(
        ServiceSettings(
            name=name,
            url=settings.geocoder_url,
            key=settings.geocoder_key,
            rate=settings.geocoder_rate,
            user_agent=f"Geostead/{__version__} ({settings.public_url or 'self-hosted'})",
            turns_file=settings.data_dir / "geocoder-turns",
        )
    )


def build_router(settings: Settings) -> DescribedRouter:
    """Build the servers that the settings name; a mode without one has the graphs of the data folder."""
    urls = settings.routing_urls
    servers = {url: _routing_server(url, settings.routing_timeout_s) for url in urls.values()}
    return ByMode({mode: servers[url] for mode, url in urls.items()}, EmbeddedOsrm(settings.data_dir / FOLDER_NAME))


def _routing_server(text: str, timeout_s: float) -> DescribedRouter:
    url = parse_engine_url(text)
    server = EngineServer(url, timeout_s)
    match url.engine:
        case Engine.OSRM:
            return OsrmServer(server)
        case Engine.VALHALLA:
            return ValhallaServer(server)
