"""From whose pages a key may be used: the hosts that it is restricted to, and what a browser says about a page.

A restriction keeps others from putting a key into their pages, where browsers say truthfully what page they show. It
keeps no program from anything that says what it likes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from geostead.errors import InvalidParameter, NotAuthorized
from geostead.model.access import Key

MAX_REFERRERS = 50
"""Hosts that a key may be restricted to."""

_LABEL = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:\*\.)?{_LABEL}(?:\.{_LABEL})*")
# Nothing that two readers could take for different hosts: no user, no backslash, no escapes, nothing but ASCII.
_PAGE = re.compile(r"https?://([a-z0-9._-]{1,253})(?::[0-9]{1,5})?(?:[/?#].*)?", re.IGNORECASE | re.DOTALL)
_EXPECTED = (
    "hosts such as www.example.com or *.example.com, which stands for all hosts below example.com; without a scheme, "
    "a port or a path"
)


def read_referrers(hosts: Iterable[str]) -> tuple[str, ...]:
    """Return hosts as a key keeps them: in lower case, names in other scripts as on the wire, each once.

    Raises InvalidParameter (``referrers``).
    """
    found = tuple(dict.fromkeys(_read(host.strip()) for host in hosts if host.strip()))
    if len(found) > MAX_REFERRERS:
        raise InvalidParameter("referrers", f"{len(found)} hosts", f"at most {MAX_REFERRERS}")
    return found


def check_referrer(key: Key, page: str | None) -> None:
    """Raise NotAuthorized unless the key may be used from a page.

    ``page`` is what the header ``Referer`` says, or else ``Origin``; None if neither came. Ports make no difference.
    """
    if not key.referrers:
        return
    host = host_of(page)
    if host is None or not any(_is_one(host, allowed) for allowed in key.referrers):
        came_from = "the request does not say from which page it comes" if host is None else f"this one is of {host}"
        raise NotAuthorized(f"The key is restricted to pages of {', '.join(key.referrers)}; {came_from}.")


def host_of(page: str | None) -> str | None:
    """Return the host of a page in lower case; None where that is not told beyond doubt."""
    found = _PAGE.fullmatch(page or "")
    return None if found is None else found[1].lower().removesuffix(".")


def _is_one(host: str, allowed: str) -> bool:
    return host.endswith(allowed[1:]) if allowed.startswith("*.") else host == allowed


def _read(host: str) -> str:
    wildcard, name = ("*.", host[2:]) if host.startswith("*.") else ("", host)
    written = wildcard + (name.lower() if name.isascii() else _on_the_wire(host, name)).removesuffix(".")
    if not _HOST.fullmatch(written) or len(written) > 253:
        raise InvalidParameter("referrers", host, _EXPECTED)
    return written


def _on_the_wire(host: str, name: str) -> str:
    import idna  # its tables take a while to load, and few names need them

    try:
        return idna.encode(name, uts46=True).decode()
    except idna.IDNAError as error:
        raise InvalidParameter("referrers", host, _EXPECTED) from error
