"""Sign out, here or everywhere."""

from __future__ import annotations

from geostead.model.person import Session
from geostead.operations.services import Services


def sign_out(services: Services, session: Session) -> None:
    """End a session: its value opens nothing any more."""
    services.catalog.end_session(session.digest)


def sign_out_everywhere(services: Services, person_id: str) -> None:
    """End all sessions of a person, this one included."""
    services.catalog.end_sessions(person_id)
