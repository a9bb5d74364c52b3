"""Recognise somebody who has signed in."""

from __future__ import annotations

from geostead.catalog.people_port import SignedIn
from geostead.model.access import digest_of
from geostead.operations.services import Services


def find_session(services: Services, value: str) -> SignedIn | None:
    """Return the session with this value unless it has ended or expired, with what its person may do now."""
    return services.catalog.find_session(digest_of(value), services.now())
