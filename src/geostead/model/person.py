"""People who use the console, and what they may do in an account (http-api.md, section 2, "Rotation")."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from geostead.errors import InvalidParameter


class Role(StrEnum):
    """What a person may do in an account. Each role may do what those before it may."""

    VIEWER = "viewer"
    """Reads."""
    EDITOR = "editor"
    """Does what a master key may."""
    OWNER = "owner"
    """Also manages keys, people and limits."""

    def includes(self, needed: Role) -> bool:
        """Tell whether somebody of this role may do what needs ``needed``."""
        order = tuple(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in."""

    id: str
    email: str
    """In lower case; unique within the installation."""
    name: str
    """What the person is called; '' if nobody said."""
    password_hash: str | None = field(repr=False)
    """Argon2id in PHC format; None where there is no password: the person signs in elsewhere (OpenID Connect)."""
    created_at: datetime
    signed_in_at: datetime | None = None
    """When the person last signed in."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person in an account."""

    account_id: str
    person_id: str
    role: Role
    since: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A person who has signed in, in one browser. The cookie's value is known only to that browser."""

    digest: str
    """SHA-256 of the value, 64 hex digits."""
    person_id: str
    created_at: datetime
    expires_at: datetime


MAX_EMAIL_LENGTH = 254
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def checked_email(text: str) -> str:
    """Return an e-mail address as it is kept: in lower case. Raises InvalidParameter (``email``)."""
    email = text.strip().lower()
    if len(email) > MAX_EMAIL_LENGTH or not _EMAIL.fullmatch(email) or not email.isprintable():
        raise InvalidParameter("email", text, "an e-mail address like ada@example.com")
    return email
