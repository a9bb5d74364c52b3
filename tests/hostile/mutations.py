"""Good files with something wrong at random places, the same ones every time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from random import Random

from tests.formats.gis_files import zipped
from tests.hostile.packing import Make

_ZIP = b"PK\x03\x04"


def mutations_of(name: str, good: Sequence[Make], count: int) -> dict[str, Make]:
    """Return what makes ``count`` mutations of good files; ``name`` and the number of each seed them."""

    def mutation(number: int) -> Make:
        return lambda: _mutated(Random(f"{name} {number}"), [make() for make in good])

    return {f"mutation {number}": mutation(number) for number in range(count)}


def _mutated(random: Random, good: Sequence[bytes]) -> bytes:
    """Change a file, or one in it if it is a ZIP: what is wrong with a ZIP itself is mostly found at once."""
    content, other = random.choice(good), random.choice(good)
    if not content.startswith(_ZIP) or random.random() < 0.1:
        return _changed(random, content, other)
    files = _unpacked(content)
    changed = random.choice(sorted(files))
    files[changed] = _changed(random, files[changed], random.choice(sorted(files.values())))
    return zipped(files)


def _changed(random: Random, content: bytes, other: bytes) -> bytes:
    for _ in range(random.randint(1, 3)):
        change = random.choice((_flip_bits, _flip_bits, _set_bytes, _cut, _splice, _repeat, _leave_out))
        content = change(random, content, other)
    return content


def _flip_bits(random: Random, content: bytes, _: bytes) -> bytes:
    flipped = bytearray(content)
    for _ in range(random.randint(1, 8) if content else 0):
        flipped[random.randrange(len(content))] ^= 1 << random.randrange(8)
    return bytes(flipped)


def _set_bytes(random: Random, content: bytes, _: bytes) -> bytes:
    """Put a number in place of some bytes that an ignorant reader would take for a size or a place."""
    at, end = _stretch(random, content, 8)
    byte = random.choice((b"\0", b"\xff", b"\x7f", b"\x80", b"\x01", b'"', b"<"))
    return content[:at] + byte * (end - at) + content[end:]


def _cut(random: Random, content: bytes, _: bytes) -> bytes:
    return content[: random.randint(0, len(content))]


def _splice(random: Random, content: bytes, other: bytes) -> bytes:
    at, (start, end) = random.randint(0, len(content)), _stretch(random, other, len(other))
    return content[:at] + other[start:end] + content[at:]


def _repeat(random: Random, content: bytes, _: bytes) -> bytes:
    start, end = _stretch(random, content, 1000)
    return content[:end] + content[start:end] * random.randint(1, 100) + content[end:]


def _leave_out(random: Random, content: bytes, _: bytes) -> bytes:
    start, end = _stretch(random, content, 1000)
    return content[:start] + content[end:]


def _stretch(random: Random, content: bytes, longest: int) -> tuple[int, int]:
    start = random.randint(0, len(content))
    return start, min(len(content), start + random.randint(0, longest))


def _unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
