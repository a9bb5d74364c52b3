"""Accounts, keys and who may do what (http-api.md, section 2)."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime

from geostead.errors import CredentialsExpired, NotAuthorized
from geostead.model.data_source import DataSource
from geostead.model.limits import Limits

# The query string is optional so that no part of a long text is looked at twice.
_URL = re.compile(r"(https?://[^\s?\"'\\]*+)(\?[^\s\"'\\]*+)?", re.IGNORECASE)
_SECRET_PARAMETER = re.compile(
    r"((?:key|sig|signature|token|credential|secret|password|dataLocation)(?:=|%3D))[^&\s\"'\\]+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Account:
    """The owner of keys and data sources."""

    id: str
    name: str
    """Unique among the accounts of an installation."""
    limits: Limits
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Key:
    """A key of an account. Its value is known only to its holder; the service keeps a digest."""

    id: str
    account_id: str
    name: str
    """Unique among the keys of the account."""
    digest: str
    """SHA-256 of the value, 64 hex digits."""
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    referrers: tuple[str, ...] = ()
    """Hosts whose pages may use the key, as ``www.example.com`` or ``*.example.com``; none: it is not restricted."""

    def is_live(self, now: datetime) -> bool:
        """Tell whether the key opens anything at ``now``."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def digest_of(key_value: str) -> str:
    """Return the digest under which a key is kept. White space around the value does not count.

    Key values carry hundreds of random bits, so a fast hash is enough (nothing can be guessed from it).
    """
    return hashlib.sha256(key_value.strip().encode()).hexdigest()


def redact(text: str) -> str:
    """Take out of a text what opens something, as it stands in URLs.

    That is the whole query string of an absolute URL, whose host may give any parameter that power; elsewhere the
    values of parameters whose name ends in ``key``, ``sig`` and the like, and of ``dataLocation``, also encoded.
    """
    shortened = _URL.sub(lambda found: f"{found[1]}?[redacted]" if found[2] else found[0], text)
    return _SECRET_PARAMETER.sub(r"\1[redacted]", shortened)


def matches(key: Key, digest: str) -> bool:
    """Compare digests in constant time."""
    return hmac.compare_digest(key.digest, digest)


def check_live(key: Key, now: datetime) -> None:
    """Raise CredentialsExpired unless the key opens anything at ``now``."""
    if not key.is_live(now):
        raise CredentialsExpired


def check_query(key: Key, data_source: DataSource, *, staged: bool) -> None:
    """Raise NotAuthorized unless ``key`` may query: the published version, or the ``staged`` one.

    The master key may; the query key if one is set, else any key of the account; any key at all if the data source
    is public, but never the staged version by virtue of that.
    """
    if key.id in (data_source.master_key_id, data_source.query_key_id):
        return
    if data_source.query_key_id is None and key.account_id == data_source.account_id:
        return
    if data_source.is_public and not staged:
        return
    raise NotAuthorized(f"The key may not query the data source {data_source.name}.")


def check_master(key: Key, data_source: DataSource, action: str) -> None:
    """Raise NotAuthorized unless ``key`` is the master key. ``action`` completes "The key may not …"."""
    if key.id != data_source.master_key_id:
        raise NotAuthorized(f"The key may not {action} the data source {data_source.name}; its master key is needed.")


def check_owner(key: Key, data_source: DataSource) -> None:
    """Raise NotAuthorized unless ``key`` is of the account that owns the data source."""
    if key.account_id != data_source.account_id:
        raise NotAuthorized(f"The key is not of the account that owns the data source {data_source.name}.")
