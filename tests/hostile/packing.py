"""Archives that no archiver makes: bombs, lies, and names that lead elsewhere."""

from __future__ import annotations

import gzip
import lzma
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tests.formats.gis_files import zipped

Make = Callable[[], bytes]
"""Makes a file; always the same one."""

Files = Mapping[str, Make]
"""By what is wrong with them; the most telling first."""

UPLOAD_LIMIT = 256 * 2**20
"""Bytes that the account of these tests may upload, unpacked. A bomb is what has more."""
MEGABYTE = 2**20

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_ENCRYPTED, _SYMBOLIC_LINK = 0x1, 0o120777 << 16
_STORED, _DEFLATED, _DEFLATE64, _LZMA = 0, 8, 9, 14


@dataclass(frozen=True)
class Entry:
    """A file in a ZIP, with everything that is said about it."""

    name: bytes
    packed: bytes
    size: int
    crc: int
    method: int = _DEFLATED
    flags: int = 0
    attributes: int = 0

    @staticmethod
    def of(name: str, content: bytes) -> Entry:
        """Pack a file as it should be."""
        return Entry(name.encode(), _deflated(content), len(content), zlib.crc32(content))

    @staticmethod
    def of_many(name: str, head: bytes, unit: bytes, count: int) -> Entry:
        """Pack ``head`` and ``count`` times ``unit`` without ever having all of it."""
        packed, size, crc = _repeated(head, unit, count)
        return Entry(name.encode(), packed, size, crc)


def zip_of(*entries: Entry, offsets: tuple[int, ...] = ()) -> bytes:
    """Make a ZIP of what entries say, true or not; with ``offsets`` they lie where those say."""
    body, table = b"", b""
    for number, entry in enumerate(entries):
        offset = offsets[number] if offsets else len(body)
        about = (entry.flags, entry.method, 0, 33, entry.crc, len(entry.packed), entry.size & 0xFFFFFFFF)
        body += _LOCAL.pack(b"PK\x03\x04", 20, *about, len(entry.name), 0) + entry.name + entry.packed
        table += _CENTRAL.pack(b"PK\x01\x02", 20, 20, *about, len(entry.name), 0, 0, 0, 0, entry.attributes, offset)
        table += entry.name
    end = _END.pack(b"PK\x05\x06", 0, 0, len(entries), len(entries), len(table), len(body), 0)
    return body + table + end


def gzip_of_many(head: bytes, unit: bytes, count: int) -> bytes:
    """Compress ``head`` and ``count`` times ``unit`` without ever having all of it."""
    packed, size, crc = _repeated(head, unit, count)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + packed + struct.pack("<2I", crc, size & 0xFFFFFFFF)


def gzip_bomb(head: bytes, unit: bytes) -> bytes:
    """Compress more than an account may upload."""
    unit *= max(1, MEGABYTE // len(unit))
    return gzip_of_many(head, unit, UPLOAD_LIMIT // len(unit) + 2)


def zip_bomb(name: str, head: bytes, unit: bytes) -> bytes:
    """The same as a ZIP."""
    unit *= max(1, MEGABYTE // len(unit))
    return zip_of(Entry.of_many(name, head, unit, UPLOAD_LIMIT // len(unit) + 2))


def cut(content: bytes, share: float) -> bytes:
    """Return the beginning of a file."""
    return content[: int(len(content) * share)]


def gzips_of(content: bytes) -> Files:
    """Return hostile files around a good one, compressed with gzip."""
    return {
        "gzip cut off": lambda: cut(gzip.compress(content), 0.7),
        "gzip of gzip": lambda: gzip.compress(gzip.compress(content)),
        "gzip with other bytes inside": lambda: (
            gzip.compress(content)[:40] + b"\0\xff" * 10 + gzip.compress(content)[60:]
        ),
        "gzip followed by something else": lambda: gzip.compress(content) + content,
        "gzip with another checksum": lambda: gzip.compress(content)[:-8] + bytes(8),
        "gzip of nothing": lambda: gzip.compress(b""),
        "gzip that is only its header": lambda: gzip.compress(content)[:10],
    }


def zips_of(name: str, content: bytes) -> Files:
    """Return hostile files around a good one, in ZIPs."""
    entry = Entry.of(name, content)
    good = zip_of(entry)
    suffix = name.rpartition(".")[2]
    return {
        "zip bomb": lambda: zip_bomb(name, content, b"\0"),
        "zip that leads to the folder above": lambda: zip_of(replace(entry, name=f"../../../tmp/{name}".encode())),
        "zip of files that overlap": lambda: zip_of(
            *(replace(entry, name=f"{number}.{suffix}".encode()) for number in range(1000)), offsets=(0,) * 1000
        ),
        "zip that says less than it holds": lambda: zip_of(replace(entry, size=10)),
        "zip bomb that says that it is small": lambda: zip_of(
            replace(Entry.of_many(name, content, bytes(MEGABYTE), UPLOAD_LIMIT // MEGABYTE + 2), size=len(content))
        ),
        "zip of a zip": lambda: zipped({name: good}),
        "zip cut off": lambda: cut(good, 0.6),
        "zip with an absolute path": lambda: zip_of(replace(entry, name=f"/etc/{name}".encode())),
        "zip that is encrypted": lambda: zip_of(replace(entry, flags=_ENCRYPTED)),
        "zip with another checksum": lambda: zip_of(replace(entry, crc=1)),
        "zip with a symbolic link": lambda: zip_of(
            Entry(name.encode(), b"/etc/passwd", 11, zlib.crc32(b"/etc/passwd"), _STORED, attributes=_SYMBOLIC_LINK)
        ),
        "zip without table of contents": lambda: good[: good.index(b"PK\x01\x02")],
        "zip with other bytes inside": lambda: good[:50] + b"\xff\0" * 10 + good[70:],
        "zip that leads to a folder above by backslashes": lambda: zip_of(replace(entry, name=f"..\\{name}".encode())),
        "zip with a drive letter": lambda: zip_of(replace(entry, name=f"C:\\{name}".encode())),
        "zip with a good file and one that leads above": lambda: zip_of(entry, replace(entry, name=b"../passwd")),
        "zip with a NUL in the name": lambda: zip_of(replace(entry, name=f"a.txt\0.{suffix}".encode())),
        "zip with a name that is no UTF-8": lambda: zip_of(
            replace(entry, name=b"\xff\xfe." + suffix.encode(), flags=0x800)
        ),
        "zip with a name of 60,000 characters": lambda: zip_of(
            replace(entry, name=b"a" * 60_000 + b"." + suffix.encode())
        ),
        "zip with Deflate64": lambda: zip_of(replace(entry, method=_DEFLATE64)),
        "zip with LZMA": lambda: zip_of(
            replace(entry, method=_LZMA, packed=b"\x09\x04\x05\0" + lzma.compress(content)[13:])
        ),
        "zip of nothing": zip_of,
        "zip of two files": lambda: zip_of(entry, replace(entry, name=b"other." + suffix.encode())),
        "zip of two files of one name": lambda: zip_of(entry, entry),
        "zip of 50,000 files": lambda: zipped({f"{number}.{suffix}": b"" for number in range(50_000)}),
        "zip that says more than it holds": lambda: zip_of(replace(entry, size=UPLOAD_LIMIT - 1)),
        "zip that says 4 GB": lambda: zip_of(replace(entry, size=0xFFFFFFFE)),
        "zip whose entries lie beyond its end": lambda: zip_of(entry, offsets=(len(good) + 1000,)),
    }


def _deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush()


def _repeated(head: bytes, unit: bytes, count: int) -> tuple[bytes, int, int]:
    """Deflate ``head`` and ``count`` times ``unit``: flushed before and after, it is the same bytes every time."""
    packer = zlib.compressobj(wbits=-15)
    start = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    once = packer.compress(unit) + packer.flush(zlib.Z_FULL_FLUSH)
    crc = zlib.crc32(head)
    for _ in range(count):
        crc = zlib.crc32(unit, crc)
    return start + once * count + packer.flush(), len(head) + len(unit) * count, crc
