"""The settings of one installation, read once at the start from ``GEOSTEAD_*`` variables and an optional TOML file.

What counts, highest first: an option of the command line, the variable ``GEOSTEAD_DATA_DIR``, the key ``data_dir`` of
the file, the default. The file is the one that ``GEOSTEAD_CONFIG`` names, else ``geostead.toml`` in the data folder.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from geostead.catalog.database_urls import KNOWN_URLS, is_postgresql, is_sqlite
from geostead.errors import GeosteadError
from geostead.geocoding.service_names import WITH_KEY, WITHOUT_KEY, WITHOUT_PUBLIC_SERVER
from geostead.model.engine import EntityEngine
from geostead.model.limits import MAX_PAGE_SIZE, PROFILES, Limits
from geostead.model.travel import TravelMode
from geostead.routing.engine_url import Engine, parse_engine_url

PREFIX = "GEOSTEAD_"
_OF_TESTS = "GEOSTEAD_TEST_"
CONFIG_VARIABLE = "GEOSTEAD_CONFIG"
URL_VARIABLE = "GEOSTEAD_URL"
KEY_VARIABLE = "GEOSTEAD_KEY"
"""What commands that speak HTTP read; no settings, for they belong to no installation."""
OTLP_VARIABLE = "OTEL_EXPORTER_OTLP_ENDPOINT"
CONFIG_FILE_NAME = "geostead.toml"
CATALOG_FILE = "catalog.sqlite3"

_OBJECT_STORE = re.compile(r"(s3|az|gs)://[A-Za-z0-9][A-Za-z0-9._-]{1,253}(/[A-Za-z0-9._-]+)*/?")
_LEAST_CACHE_BYTES = 1_000_000
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\Z")


class InvalidSetting(GeosteadError):
    """Name the setting, what was found there and what was expected."""

    def __init__(self, source: str, found: object, expected: str) -> None:
        self.source = source
        super().__init__(f"{source}: found {str(found)!r}; expected {expected}.")


def _path(text: str) -> Path:
    if not text:
        raise ValueError("a path")
    return Path(text)


def _count(minimum: int, maximum: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not minimum <= int(text) <= maximum:
            raise ValueError(f"a whole number from {minimum} to {maximum}")
        return int(text)

    return parse


def _bytes(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,16}", text) or int(text) < _LEAST_CACHE_BYTES:
        raise ValueError(f"a whole number of bytes, at least {_LEAST_CACHE_BYTES:,}, like 20000000000 for 20 GB")
    return int(text)


def _rate(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", text) or not 0.01 <= float(text) <= 1000:
        raise ValueError("a number from 0.01 to 1000")
    return float(text)


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError("true or false")
    return text.lower() == "true"


def _host(text: str) -> str:
    if not text or re.search(r"[\s/]", text):
        raise ValueError("a host name or an address to listen on, like 127.0.0.1 or 0.0.0.0")
    return text


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("a URL like https://places.example.com, without query string")
    return text.rstrip("/")


def _database_url(text: str) -> str:
    if not (is_postgresql(text) or is_sqlite(text)):
        raise ValueError(KNOWN_URLS)
    return text


def _postgres_url(text: str) -> str:
    if not is_postgresql(text):
        raise ValueError("a database URL like postgresql://geostead@db.example.com/geostead")
    return text


def _store_url(text: str) -> str:
    """Return the URL of an object store without a slash at the end, or the path of a folder."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text) is None:
        return str(_path(text).absolute())
    parts = urlsplit(text)
    if text.startswith("file:///") and parts.path.startswith("/") and not parts.query + parts.fragment:
        return unquote(parts.path)
    if not _OBJECT_STORE.fullmatch(text):
        raise ValueError("s3://bucket/prefix, az://container/prefix or gs://bucket/prefix, or a folder; no credentials")
    return text.rstrip("/")


def _engine_url(text: str) -> str:
    parse_engine_url(text)
    return text


def _web_url(text: str) -> str:
    """Return a URL with a plain host: it becomes part of what browsers are told to trust."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[A-Za-z0-9.-]+(:[0-9]+)?", parts.netloc):
        raise ValueError("a URL like https://maps.example.com/style.json")
    return text


def _tiles_url(text: str) -> str:
    if not all(part in text for part in ("{z}", "{x}", "{y}")):
        raise ValueError("a URL like https://maps.example.com/{z}/{x}/{y}.png")
    return _web_url(text)


def _hosts(text: str) -> tuple[str, ...]:
    hosts = _listed(text)
    if not all(_is_network(host) or _is_name(host) for host in hosts):
        raise ValueError("addresses, CIDR ranges like 10.0.0.0/8 or host names, separated by commas")
    return hosts


def _hosts_and_suffixes(text: str) -> tuple[str, ...]:
    hosts = _listed(text)
    if not all(_is_network(host) or _is_name(host.removeprefix("*.")) for host in hosts):
        raise ValueError("host names, *.suffix, addresses or CIDR ranges like 10.0.0.0/8, separated by commas")
    return hosts


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _is_name(text: str) -> bool:
    """Tell a host name from an address with a slip of the pen: the last label of a name is no number."""
    return bool(_HOST_NAME.match(text)) and not re.search(r"(^|\.)([0-9]+|0[xX][0-9A-Fa-f]*)\Z", text)


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in words:
            raise ValueError("one of " + ", ".join(words))
        return text.lower()

    return parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the operator decides. The name of a field in capitals after ``GEOSTEAD_`` is its variable."""

    data_dir: Path = Path("geostead-data")
    """Folder of everything that is kept: snapshots, blobs and the SQLite catalog."""
    database_url: str | None = field(default=None, repr=False)
    """Database of the catalog; None: ``catalog.sqlite3`` in the data folder."""
    store_url: str | None = None
    """Where snapshots and blobs are kept: ``s3://bucket/prefix``, ``az://container/prefix``, ``gs://bucket/prefix``, or
    a folder; None: the data folder."""
    cache_dir: Path | None = None
    """Folder in which this node keeps snapshots of an object store; None: ``cache`` in the data folder."""
    cache_bytes: int = 20 * 10**9
    """How much of it may be used, in bytes."""
    entities: str = EntityEngine.SNAPSHOTS
    """What keeps and searches entities, for data sources that do not say otherwise: ``snapshots`` or ``postgis``."""
    entities_url: str | None = field(default=None, repr=False)
    """Database with PostGIS for entities; None: that of the catalog where it is PostgreSQL."""
    entities_replica_url: str | None = field(default=None, repr=False)
    """Replica of that database, which queries are sent to; None: there is none."""
    host: str = "127.0.0.1"
    """Address that the server listens on."""
    port: int = 8080
    """Port that the server listens on; 0 picks a free one."""
    public_url: str | None = None
    """Base URL in replies; None: what the request itself was sent to."""
    trusted_proxies: tuple[str, ...] = ()
    """Proxies whose ``X-Forwarded-*`` headers count: addresses, CIDR ranges or host names, separated by commas."""
    allowed_fetch_hosts: tuple[str, ...] = ("*.blob.core.windows.net",)
    """Hosts that ``dataLocation`` may name: host names, ``*.suffix``, addresses or CIDR ranges, separated by commas."""
    routing_url: str | None = None
    """Routing server: ``osrm+http://host:port`` (for driving), or ``valhalla+http://host:port`` (for both modes); https
    as well. None: the graphs in the data folder, and where there are none the great circle."""
    routing_walking_url: str | None = None
    """Routing server for walking; None: ``routing_url`` where that is Valhalla, else as if there were none."""
    routing_timeout_s: int = 10
    """Seconds that a routing server has for a route, second attempts included."""
    limits: str = "self-hosted"
    """Limits profile of new accounts: ``basic``, ``enterprise`` or ``self-hosted``."""
    strict_loads: bool = False
    """Whether a single bad row aborts a load that does not say ``strict``: ``true`` or ``false``."""
    max_page_size: int = MAX_PAGE_SIZE
    """How many entities ``$pageSize`` may ask for in one reply."""
    workers: int = field(default_factory=lambda: min(os.cpu_count() or 1, 8))
    """HTTP server processes; by default one for each CPU, at most 8."""
    job_workers: int = field(default_factory=lambda: max(2, (os.cpu_count() or 1) // 2))
    """Processes that run loads and downloads, one at a time each; by default half the number of CPUs, at least 2, so
    that a long load does not hold up a short one."""
    drain_s: int = 5
    """Seconds for which the server goes on answering after SIGTERM, while ``/readyz`` says that it is about to stop."""
    tls_cert: Path | None = None
    """PEM file with the certificate chain; with it the server speaks https."""
    tls_key: Path | None = None
    """PEM file with the private key of the certificate."""
    geocoder: str = "places"
    """What looks up addresses: ``places``, which comes along, ``none``, or a geocoding service."""
    geocoder_url: str | None = None
    """Base URL of the geocoding service; None: its public server."""
    geocoder_key: str | None = field(default=None, repr=False)
    """Key for the geocoding service."""
    geocoder_rate: float | None = None
    """Requests per second that the service is sent, by all processes together; None: as many as come, but 1 to the
    public servers of Nominatim and Photon."""
    places_dir: Path | None = None
    """Folder of the index of places that is made at the first address; None: ``places`` in the data folder."""
    oidc_issuer: str | None = None
    """URL of an OpenID provider at which people may sign in to the console; None: they sign in with a password."""
    oidc_client_id: str | None = None
    """What this installation is called at the OpenID provider."""
    oidc_client_secret: str | None = field(default=None, repr=False)
    """Secret that the OpenID provider knows it by; None: it has none, or it is in a file."""
    oidc_client_secret_file: Path | None = None
    """File with that secret."""
    oidc_name: str = "OpenID Connect"
    """What the button of the OpenID provider says after "Sign in with"."""
    log_level: str = "info"
    """Least severe lines to log: ``debug``, ``info``, ``warning`` or ``error``."""
    access_log: bool = False
    """Whether each request is logged: ``true`` or ``false``."""
    metrics_allowed: tuple[str, ...] = ("127.0.0.0/8", "::1")
    """Who may read ``/metrics`` at the port of the API: addresses, CIDR ranges or host names, separated by commas; no
    proxies."""
    metrics_port: int | None = None
    """A port for ``/metrics`` alone, open to all who reach it, of ``serve`` and ``worker``; then not at the API's."""
    otlp_endpoint: str | None = None
    """Base URL of an OpenTelemetry collector that takes traces by OTLP/HTTP; None: ``OTEL_EXPORTER_OTLP_ENDPOINT``, and
    where that is not set either nothing is traced."""

    console: bool = True
    """Whether people can sign in to the console at ``/console``: ``true`` or ``false``."""
    map_style_url: str | None = None
    """MapLibre style that the console's maps lie on; None: the outline of the world that comes along."""
    map_tiles_url: str | None = None
    """Picture tiles that the console's maps lie on: ``https://…/{z}/{x}/{y}.png``."""
    map_attribution: str | None = None
    """Whose map that is, as a line of text on it."""

    @property
    def catalog_url(self) -> str:
        """The database URL that counts."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / CATALOG_FILE}"

    @property
    def postgis_url(self) -> str | None:
        """The database for entities that counts; None if there is none."""
        is_shared = self.database_url is not None and is_postgresql(self.database_url)
        return self.entities_url or (self.database_url if is_shared else None)

    @property
    def engines(self) -> tuple[EntityEngine, ...]:
        """What entities can be kept by; the first one where a data source does not say otherwise."""
        first = EntityEngine(self.entities)
        known = list(EntityEngine) if self.postgis_url is not None else [EntityEngine.SNAPSHOTS]
        return (first, *(engine for engine in known if engine is not first))

    @property
    def store_folder(self) -> Path | None:
        """The folder that snapshots and blobs lie in; None: they are objects at ``store_url``."""
        if self.store_url is None:
            return self.data_dir
        return None if "://" in self.store_url else Path(self.store_url)

    @property
    def routing_urls(self) -> dict[TravelMode, str]:
        """The routing servers, by what they are for."""
        is_for_both = self.routing_url is not None and parse_engine_url(self.routing_url).engine is Engine.VALHALLA
        walking_url = self.routing_walking_url or (self.routing_url if is_for_both else None)
        urls = {TravelMode.DRIVING: self.routing_url, TravelMode.WALKING: walking_url}
        return {mode: url for mode, url in urls.items() if url is not None}

    @property
    def openid_secret(self) -> str | None:
        """The secret for the OpenID provider that counts. Raises InvalidSetting where its file cannot be read."""
        path = self.oidc_client_secret_file
        if self.oidc_client_secret is not None or path is None:
            return self.oidc_client_secret
        try:
            return path.read_text("utf-8").strip()
        except (OSError, ValueError) as error:
            raise InvalidSetting(variable_of("oidc_client_secret_file"), path, f"a file ({error})") from error

    @property
    def new_account_limits(self) -> Limits:
        """The limits of an account that is created without naming a profile."""
        return PROFILES[self.limits]


_PARSERS: dict[str, Callable[[str], object]] = {
    "data_dir": _path,
    "database_url": _database_url,
    "store_url": _store_url,
    "cache_dir": _path,
    "cache_bytes": _bytes,
    "entities": _one_of(*EntityEngine),
    "entities_url": _postgres_url,
    "entities_replica_url": _postgres_url,
    "host": _host,
    "port": _count(0, 65_535),
    "public_url": _base_url,
    "trusted_proxies": _hosts,
    "allowed_fetch_hosts": _hosts_and_suffixes,
    "routing_url": _engine_url,
    "routing_walking_url": _engine_url,
    "routing_timeout_s": _count(1, 60),
    "limits": _one_of(*PROFILES),
    "strict_loads": _truth,
    "max_page_size": _count(MAX_PAGE_SIZE, 100_000),
    "workers": _count(1, 256),
    "job_workers": _count(0, 256),
    "drain_s": _count(0, 600),
    "tls_cert": _path,
    "tls_key": _path,
    "geocoder": _one_of("places", "none", *WITHOUT_KEY, *WITH_KEY),
    "geocoder_url": _base_url,
    "geocoder_key": str,
    "geocoder_rate": _rate,
    "places_dir": _path,
    "access_log": _truth,
    "metrics_allowed": _hosts,
    "metrics_port": _count(1, 65_535),
    "otlp_endpoint": _base_url,
    "oidc_issuer": _base_url,
    "oidc_client_id": str,
    "oidc_client_secret": str,
    "oidc_client_secret_file": _path,
    "oidc_name": str,
    "console": _truth,
    "map_style_url": _web_url,
    "map_tiles_url": _tiles_url,
    "map_attribution": str,
    "log_level": _one_of("debug", "info", "warning", "error"),
}

_SECRET = {setting.name for setting in fields(Settings) if not setting.repr}
"""Settings in which there may be passwords."""


def variable_of(name: str) -> str:
    """Return the environment variable of a setting: ``GEOSTEAD_DATA_DIR`` for ``data_dir``."""
    return PREFIX + name.upper()


def misspelt_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that look like settings and are none, each with the nearest that is one, or ''."""
    settings = {CONFIG_VARIABLE, *map(variable_of, _PARSERS)}
    known = {URL_VARIABLE, KEY_VARIABLE, *settings}
    given = [name for name in sorted(environment) if name.startswith(PREFIX) and not name.startswith(_OF_TESTS)]
    return {name: next(iter(get_close_matches(name, settings, 1, 0.8)), "") for name in given if name not in known}


def load_settings(environment: Mapping[str, str], **options: object) -> Settings:
    """Read the settings; ``options`` (from the command line) that are not None go before everything else.

    Raises InvalidSetting, which names the option, the variable or the file and key that is wrong.
    """
    given = {name: value for name, value in options.items() if value is not None}
    chosen = {**_from_variables(environment, *_PARSERS), **_from_options(given)}
    data_dir = chosen.get("data_dir", Settings().data_dir)
    settings = Settings(**{**_from_standards(environment), **_from_file(environment, data_dir), **chosen})
    _check_together(settings)
    return settings


def _from_options(options: Mapping[str, object]) -> dict[str, Any]:
    return {name: _parse(name, _text(value), "--" + name.replace("_", "-")) for name, value in options.items()}


def _from_variables(environment: Mapping[str, str], *names: str) -> dict[str, Any]:
    """Read the variables that are set; an empty one counts as not set."""
    given = {name: environment.get(variable_of(name), "") for name in names}
    return {name: _parse(name, text, variable_of(name)) for name, text in given.items() if text}


def _from_standards(environment: Mapping[str, str]) -> dict[str, Any]:
    """Read the variables that have their names from others than us."""
    endpoint = environment.get(OTLP_VARIABLE, "")
    return {"otlp_endpoint": _parse("otlp_endpoint", endpoint, OTLP_VARIABLE)} if endpoint else {}


def _from_file(environment: Mapping[str, str], data_dir: Path) -> dict[str, Any]:
    named = environment.get(CONFIG_VARIABLE)
    path = Path(named) if named else data_dir / CONFIG_FILE_NAME
    if not named and not path.exists():
        return {}
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidSetting(CONFIG_VARIABLE if named else str(path), path, f"a TOML file ({error})") from error
    for name in content:
        if name not in _PARSERS:
            raise InvalidSetting(str(path), name, "one of the settings " + ", ".join(sorted(_PARSERS)))
    return {name: _parse(name, _text(value), f"{path}, {name}") for name, value in content.items()}


def _parse(name: str, text: str, source: str) -> object:
    try:
        return _PARSERS[name](text.strip())
    except ValueError as error:
        raise InvalidSetting(source, _without_credentials(text), str(error)) from error


def _without_credentials(text: str) -> str:
    """Leave out of a URL what may be a password or a signature."""
    return re.sub(r"[?#].*", "…", re.sub(r"(:/*).*@", r"\1…", text))


def _text(value: object) -> str:
    """Write a value as it would stand in a variable; '' for None."""
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return "" if value is None else str(value)


def _check_together(settings: Settings) -> None:
    if (settings.tls_cert is None) != (settings.tls_key is None):
        missing = "tls_cert" if settings.tls_cert is None else "tls_key"
        raise InvalidSetting(variable_of(missing), "", "a file: certificate and key come together")
    if (settings.oidc_issuer is None) != (settings.oidc_client_id is None):
        missing = "oidc_issuer" if settings.oidc_issuer is None else "oidc_client_id"
        raise InvalidSetting(variable_of(missing), "", "a value: OpenID provider and client id come together")
    if settings.geocoder in WITH_KEY and not settings.geocoder_key:
        raise InvalidSetting(variable_of("geocoder_key"), "", f"a key for {settings.geocoder}")
    if settings.geocoder in WITHOUT_PUBLIC_SERVER and not settings.geocoder_url:
        raise InvalidSetting(variable_of("geocoder_url"), "", f"the URL of a server of {settings.geocoder}")
    if settings.map_style_url is not None and settings.map_tiles_url is not None:
        raise InvalidSetting(variable_of("map_tiles_url"), "", "nothing, where there is a style: it names tiles itself")
    if settings.postgis_url is None and settings.entities == EntityEngine.POSTGIS:
        raise InvalidSetting(variable_of("entities_url"), "", "a database URL like postgresql://…, to keep entities in")
    if settings.postgis_url is None and settings.entities_replica_url is not None:
        raise InvalidSetting(variable_of("entities_url"), "", "the database that the replica is one of")
