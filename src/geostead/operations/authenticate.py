"""Find out whose key came with a request (http-api.md, section 2)."""

from __future__ import annotations

from datetime import datetime

from geostead.errors import InvalidCredentials, NoCredentials
from geostead.model.access import Key, check_live, digest_of, matches
from geostead.model.referrer import check_referrer
from geostead.operations.services import Services


def authenticate(services: Services, key_value: str | None, page: str | None = None) -> Key:
    """Return the live key with this value. White space around it does not count.

    ``page`` is the one that the request says it comes from; a key that is restricted to some takes one of them. Raises
    NoCredentials, InvalidCredentials, CredentialsExpired or NotAuthorized.
    """
    digest = required_digest(key_value)
    key = checked(services.catalog.find_key(digest), digest, services.now())
    check_referrer(key, page)
    return key


def required_digest(key_value: str | None) -> str:
    """Return the digest to look a key up by. Raises NoCredentials if there is no value."""
    if key_value is None or not key_value.strip():
        raise NoCredentials
    return digest_of(key_value)


def checked(key: Key | None, digest: str, now: datetime) -> Key:
    """Return the key that a look-up found, if it is the one and opens anything at ``now``.

    Raises InvalidCredentials or CredentialsExpired.
    """
    if key is None or not matches(key, digest):
        raise InvalidCredentials
    check_live(key, now)
    return key
