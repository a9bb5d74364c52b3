"""How often somebody may try to sign in, counted in the catalog for all nodes together.

Three budgets of :data:`WITHIN` each: what one network tries for one e-mail address is counted tightly, so that guessing
is hopeless; all that one network tries, and all that is tried for one address, loosely: many people may share a network
(all do behind a proxy that is not trusted), and nobody is to be locked out by what strangers type elsewhere.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from geostead.errors import TooManyAttempts
from geostead.operations.services import Services

WITHIN = timedelta(minutes=15)
MOST_OF_ADDRESS_FROM_NETWORK = 5
MOST_OF_NETWORK = 100
MOST_OF_ADDRESS = 200


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was counted as if it had failed."""

    at: datetime
    of_both: str
    of_network: str
    of_address: str


def begin_attempt(services: Services, email: str, client: str) -> Attempt:
    """Count an attempt to sign in as ``email`` from the address ``client``. Raises TooManyAttempts."""
    network = network_of(client)
    at = services.now()
    attempt = Attempt(at, _subject("both", email, network), _subject("network", network), _subject("address", email))
    most = {
        attempt.of_both: MOST_OF_ADDRESS_FROM_NETWORK,
        attempt.of_network: MOST_OF_NETWORK,
        attempt.of_address: MOST_OF_ADDRESS,
    }
    free_at = services.catalog.admit_attempt(most, at, WITHIN)
    if free_at is not None:
        raise TooManyAttempts(max(1, -(-(free_at - at) // timedelta(seconds=1))))
    return attempt


def forgive(services: Services, attempt: Attempt) -> None:
    """Take an attempt back that succeeded, and those for the same e-mail address from the same network."""
    services.catalog.forget_attempts(attempt.of_both)
    services.catalog.forget_attempts(attempt.of_network, attempt.at)
    services.catalog.forget_attempts(attempt.of_address, attempt.at)


def network_of(client: str) -> str:
    """Return the network that one household or machine has: an IPv4 address, the first half of an IPv6 address."""
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return ""
    if address.version == 4:
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))


def _subject(*parts: str) -> str:
    """Return what an attempt is counted as: a digest, for what is typed as an e-mail address may be a password."""
    return hashlib.sha256("\n".join(parts).encode(errors="surrogatepass")).hexdigest()
