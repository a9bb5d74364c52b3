"""Passwords: which are good enough, and how they are kept (argon2id, with the parameters that the library advises)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from geostead.errors import InvalidParameter
from geostead.model.person import Person

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MIN_PASSWORD_LENGTH = 12
MAX_PASSWORD_LENGTH = 1_000

COMMON_PASSWORDS = frozenset(
    """
    000000000000 111111111111 121212121212 123123123123 123456789012 1234567890123 123456789abc 12345678910
    123456123456 1q2w3e4r5t6y 1qaz2wsx3edc abcdefghijkl abcd12345678 administrator adminadminadmin changemechangeme
    geosteadgeostead iloveyou1234 letmeinletmein password1234 password12345 password123456 passwordpassword
    passw0rd1234 qwerty123456 qwertyuiop12 qwertyuiop123 qwertyuiopasdf qwertyqwerty welcome12345 welcomewelcome
    """.split()  # noqa: SIM905  many words are easier to read without quotes around each
)
"""Those of twelve characters or more that are tried first."""


@dataclass(frozen=True, slots=True)
class Hashing:
    """What hashes, and the hash of nothing that anybody knows."""

    hasher: PasswordHasher
    dummy: str


@cache
def hashing() -> Hashing:
    """Return what hashes, made when it is first needed."""
    from secrets import token_hex

    from argon2 import PasswordHasher  # most processes never need it

    hasher = PasswordHasher()
    return Hashing(hasher, hasher.hash(token_hex(16)))


def check_password(password: str, email: str) -> None:
    """Raise InvalidParameter (``password``) for one that is too short, too long, or that others would try first."""
    length = len(password)
    if not MIN_PASSWORD_LENGTH <= length <= MAX_PASSWORD_LENGTH:
        expected = f"{MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH:,} characters"
        raise InvalidParameter("password", f"(hidden, {length} characters)", expected)
    if password.lower() == email:
        raise InvalidParameter("password", "(the e-mail address)", "something that others do not know")
    if password.lower() in COMMON_PASSWORDS or len(set(password.lower())) < 4:
        raise InvalidParameter("password", "(hidden)", "a password that is not among the first that others would try")


def hash_password(password: str) -> str:
    """Return what is kept of a password: argon2id in PHC format. Takes a moment, and 64 MB of memory."""
    return hashing().hasher.hash(_bytes(password))


def is_password_of(person: Person | None, password: str) -> bool:
    """Tell whether this is the person's password.

    Takes as long for somebody who does not exist, or has none, as for somebody who does.
    """
    from argon2.exceptions import VerificationError

    found = hashing()
    known = None if person is None else person.password_hash
    try:
        matches = found.hasher.verify(known or found.dummy, _bytes(password[: MAX_PASSWORD_LENGTH + 1]))
    except VerificationError:
        return False
    return matches and known is not None


def needs_new_hash(password_hash: str) -> bool:
    """Tell whether a password was hashed with parameters that are not those of today."""
    return hashing().hasher.check_needs_rehash(password_hash)


def _bytes(password: str) -> bytes:
    """Return a password so that it is the same however a keyboard makes its letters (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password).encode(errors="surrogatepass")
