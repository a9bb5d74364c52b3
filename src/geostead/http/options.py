"""What the operator decides about the door."""

from __future__ import annotations

from dataclasses import dataclass

from geostead.model.limits import MAX_PAGE_SIZE, PROFILES


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions:
    """Options of :func:`geostead.http.app.create_app`."""

    public_url: str | None = None
    """Base URL in replies, with a path if there is one; None: what the request itself was sent to."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses, CIDR ranges or host names of the proxies whose ``X-Forwarded-Host`` and ``-Proto`` count."""
    metrics_allowed: tuple[str, ...] = ()
    """Addresses, CIDR ranges or host names that may read ``/metrics``, unless they are proxies."""
    access_log: bool = False
    """Whether each request is logged."""
    strict_loads: bool = False
    """Whether a load that does not say ``strict`` is strict: a single bad row aborts it."""
    max_page_size: int = MAX_PAGE_SIZE
    """How many entities ``$pageSize`` may ask for; 250 or more."""
    drain_bytes: int = PROFILES["self-hosted"].upload_bytes
    """How much of a refused body is read before the answer, so that its sender gets to see it."""
    concurrent_uploads: int = 64
    """Uploads received at once by one process; each occupies a thread. Further ones wait."""
    concurrent_searches: int = 4
    """Expensive searches run at once by one process; further ones wait, cheap ones pass them by."""
    concurrent_remote_searches: int = 4
    """Of searches in a database for entities, and of look-ups of one entity there, run as many at once by one process,
    together no more than there are connections; further ones wait."""
    remote_wait_s: float = 5.0
    """How long one of these waits for its turn before it is answered with 503."""
    concurrent_lookups: int = 16
    """Queries whose addresses and routes are looked up at once by one process; further ones wait."""
    concurrent_finds: int = 4
    """Versions looked up at once by one process in a catalog that is a server; further queries wait."""
    find_wait_s: float = 2.0
    """How long a query waits for a catalog that is a server before it is answered with 503."""
    concurrent_openings: int = 16
    """Snapshots fetched at once by one process; queries of further ones wait, those of open ones pass them by."""
    opening_wait_s: float = 20.0
    """How long a query waits for its snapshot before it is answered with 503; the fetching goes on."""
