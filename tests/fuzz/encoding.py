"""Query strings out of names and values: every way to write one that means the same, and many that do not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from urllib.parse import quote

Pairs = Sequence[tuple[str, str]]

_KEPT = "$()*,/:;=?@!'[]|{}^~\\"
"""Marks that clients send as they are."""


def written(random: Random, pairs: Pairs) -> bytes:
    """Write parameters so that they read back as they are."""
    spell = random.choice((_by_browser, _by_form, _wholly, _as_little_as_possible))
    joints = random.choice(("&", "&", "&", "&&"))
    text = joints.join(
        f"{spell(random.choice((str, str.upper, str.lower))(name))}={spell(value)}" for name, value in pairs
    )
    return (random.choice(("", "", "", "&")) + text + random.choice(("", "", "", "&", "&&"))).encode()


def miswritten(random: Random, pairs: Pairs) -> bytes:
    """Write parameters as broken clients do: encoded twice, cut, mixed, in another character set, not at all."""
    misspell = random.choice(MISSPELLINGS)
    pieces = []
    for name, value in pairs:
        joint = random.choice((b"=",) * 8 + (b"", b"==", b"%3D"))
        pieces.append(quote(name, safe=_KEPT).encode() + joint + misspell(random, value))
    return random.choice((b"&",) * 6 + (b"&&", b"%26", b";", b"?", b"#")).join(pieces)


def mangled(random: Random, query: bytes) -> bytes:
    """Change, repeat, leave out or put in some bytes."""
    content = bytearray(query)
    for _ in range(random.choice((1, 1, 2, 5))):
        start = random.randint(0, len(content))
        end = min(len(content), start + random.choice((1, 2, 10, 40)))
        content[start:end] = random.choice(
            (
                b"",
                bytes(content[start:end] * 2),
                random.randbytes(1),
                random.choice(FRAGMENTS),
                b"%%%02X" % random.randrange(256),
            )
        )
    return bytes(content)


def _by_browser(text: str) -> str:
    return quote(text, safe=_KEPT.replace("'", ""), errors="surrogatepass")


def _by_form(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass").replace("%20", "+")


def _wholly(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode(errors="surrogatepass"))


def _as_little_as_possible(text: str) -> str:
    return quote(text, safe=_KEPT, errors="surrogatepass").replace("%20", "+")


def _raw(_: Random, text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _latin(_: Random, text: str) -> bytes:
    return quote(text.encode("latin-1", "replace"), safe=_KEPT).encode()


def _twice(_: Random, text: str) -> bytes:
    return quote(quote(text, safe="", errors="surrogatepass"), safe=_KEPT).encode()


def _as_escape_does(_: Random, text: str) -> bytes:
    """Write what JavaScript's old ``escape`` makes."""
    return "".join(f"%u{ord(c):04X}" if ord(c) > 255 else quote(c, safe=_KEPT) for c in text).encode()


def _overlong(_: Random, text: str) -> bytes:
    """Write ASCII as two bytes, which no decoder of UTF-8 may accept."""
    return b"".join(b"%%%02X%%%02X" % (0xC0 | ord(c) >> 6, 0x80 | ord(c) & 63) for c in text if ord(c) < 128)


def _cut(random: Random, text: str) -> bytes:
    encoded = _by_form(text).encode()
    return encoded[: random.randint(0, len(encoded))] + random.choice((b"%", b"%4", b"%C3", b"%ED%A0", b""))


def _mixed(random: Random, text: str) -> bytes:
    spell = (_by_browser, _by_form, _wholly, _as_little_as_possible)
    return "".join(random.choice(spell)(c) if random.random() < 0.5 else c for c in text).encode(errors="surrogatepass")


FRAGMENTS = (
    b"%",
    b"%%",
    b"%zz",
    b"%0",
    b"%00",
    b"%0d%0a",
    b"%ff%fe",
    b"%ED%A0%80",
    b"%F0%9F%98",
    b"%C0%AF",
    b"+",
    b"&",
    b"=",
)
FRAGMENTS += (
    b"'",
    b"''",
    b"(",
    b")",
    b"&&&",
    b"$",
    b"&$format=json",
    b"&$format=atom",
    b"&jsonp=x",
    b"#",
    b"?",
    b"\x00",
    b" ",
    b"\xff",
)
MISSPELLINGS: tuple[Callable[[Random, str], bytes], ...] = (
    _raw,
    _latin,
    _twice,
    _as_escape_does,
    _overlong,
    _cut,
    _mixed,
)
