"""The key that the console signs cookies and forms with."""

from __future__ import annotations

import secrets

from geostead.operations.services import Services


def signing_key(services: Services) -> str:
    """Return the key of this installation: 256 random bits in hex, made when first asked for, the same on all nodes."""
    return services.catalog.secret("console", secrets.token_hex(32))
