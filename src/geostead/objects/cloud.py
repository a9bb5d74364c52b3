"""Objects in S3 and what speaks its protocol, in Azure Blob Storage and in Google Cloud Storage.

The library reads credentials and addresses itself from the variables that each cloud's own tools read (``AWS_*``,
``AZURE_*``, ``GOOGLE_*``). No error repeats what it says: its texts hold URLs, which may hold signatures.

What arrives is checked, so that no broken byte is taken for a success:

* S3: each request, and so each part of a large object, carries the SHA-256 of its bytes
  (``x-amz-checksum-sha256``, and ``x-amz-content-sha256``, which is signed); the server refuses what does not match.
* Azure and Google: the library sends no checksum with the bytes, so what was written is read back and compared.

An unfinished upload of several parts is no object and is never listed. What a killed process leaves of one goes by a
lifecycle rule of the bucket (docs/how-to/keep-data-in-an-object-store.md); Azure drops it after a week by itself.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from errno import EINVAL, ENOENT
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import from_url

from geostead.errors import Unavailable
from geostead.objects.base import StoredObject, UnfitStore

if TYPE_CHECKING:  # which the library has for the type checker alone
    from obstore.store import ClientConfig, RetryConfig, S3Config
    from obstore.store import ObjectStore as Client

SCHEMES: Final = ("s3", "az", "gs")
PART_BYTES: Final = 8 * 2**20
PARTS_AT_ONCE: Final = 4
"""Parts of one object on their way at the same time. With :data:`PART_BYTES` it bounds the memory of a transfer."""

_CONNECT_S = 3
_QUICK_S = 5
"""For a whole request of few bytes."""
_SILENCE_S = 10
"""Without a byte, for a request of a part. The part must be on its way within that time."""
_PART_S = 300
"""For a whole request of a part, and for the store to put all parts together."""
_RETRY_S = 6
"""After which a request is not tried again: with the last attempt, a store that hangs costs about 10 s."""
_ALLOW_HTTP: Final = {"s3": "AWS_ALLOW_HTTP", "az": "AZURE_ALLOW_HTTP", "gs": "GOOGLE_ALLOW_HTTP"}
_CLOCK = "probes/clock"
_AWAY: Final = "The store does not answer right now."
_UNFIT: Final = "The store cannot be used as it is set up: its operator has to see to it."
_NO_BUCKET = ("NoSuchBucket", "ContainerNotFound")
_STATUS = re.compile(r"status code: ([0-9]{3})")
_CODE = re.compile(r"<Code>([A-Za-z]{1,60})</Code>")


class CloudObjects:
    """Implements :class:`geostead.objects.base.ObjectStore`. May be used by any number of threads, not after a fork.

    ``url`` is ``s3://bucket/prefix``, ``az://container/prefix`` or ``gs://bucket/prefix``; the prefix may be missing.
    Nothing is asked of the store yet. Raises UnfitStore if the variables do not suffice for this kind of store.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._reads_back = not url.startswith("s3:")
        try:
            self._quick = _client(url, whole_s=_QUICK_S, silence_s=_QUICK_S)
            self._bulk = _client(url, whole_s=_PART_S, silence_s=_SILENCE_S)
        except (BaseError, ValueError):
            hint = f"The variables that the store {url} is to be reached by are incomplete."
            raise UnfitStore(hint, told=_UNFIT) from None

    def check(self) -> None:
        """Return if the store can be written, read and listed, and gives a name to one of two that want it.

        Raises Unavailable, which names the store and says what is wrong; UnfitStore where only its operator can help.
        """
        name = f"probes/{secrets.token_hex(8)}"
        first, second = secrets.token_bytes(16), secrets.token_bytes(16)
        try:
            is_exclusive = self.create(name, first) and not self.create(name, second) and self.read(name) == first
        finally:
            with suppress(Unavailable):
                self.delete(name)
        next(self.list("probes/"), None)
        if not is_exclusive:
            raise UnfitStore(
                f"The store {self.url} ignores conditions on writing (If-None-Match), without which two workers could "
                "overwrite each other's files. Use a store that honours them.",
                told=_UNFIT,
            )

    def create(self, name: str, data: bytes) -> bool:
        """Write a small object unless there is one of that name; return whether it was this call that wrote it.

        Of callers with different bytes at most one gets True; an object of equal bytes counts as the caller's own.
        """
        try:
            is_written = self._create(name, data)
        except UnfitStore:
            raise
        except Unavailable:  # the library tries nothing again whose first attempt may have succeeded
            is_written = self._create(name, data)
        if not is_written:
            return self.read(name) == data
        self._compare(name, data)
        return True

    def _create(self, name: str, data: bytes) -> bool:
        with self._in_our_words(name):
            try:
                obstore.put(self._quick, name, data, mode="create", use_multipart=False)
            except AlreadyExistsError:
                return False
        return True

    def put(self, name: str, data: bytes) -> None:
        """Write a small object, in place of one that has the name."""
        with self._in_our_words(name):
            obstore.put(self._quick, name, data, use_multipart=False)
        self._compare(name, data)

    def put_file(self, name: str, path: Path, sha256: str) -> None:
        """Write a file as an object, in parts of :data:`PART_BYTES`; ``sha256`` becomes metadata of that name."""
        with self._in_our_words(name):
            obstore.put(
                self._bulk,
                name,
                path,
                attributes={"sha256": sha256},
                chunk_size=PART_BYTES,
                max_concurrency=PARTS_AT_ONCE,
            )
        if self._reads_back:
            found = hashlib.sha256()
            for part in self._parts(name):
                found.update(part)
            self._check_arrived(name, found.hexdigest() == sha256)

    def fetch_file(self, name: str, path: Path) -> None:
        """Write an object into a file, several parts at a time. Raises FileNotFoundError, and OSError of the file."""
        parts = self._parts(name)
        first = next(parts, b"")
        with path.open("wb") as file:
            file.write(first)
            for part in parts:
                file.write(part)

    def read(self, name: str) -> bytes:
        """Return a small object. Raises FileNotFoundError if there is none."""
        with self._in_our_words(name):
            return obstore.get(self._quick, name).bytes().to_bytes()

    def open(self, name: str) -> BinaryIO:
        """Open an object: each part of :data:`PART_BYTES` is a request. Raises FileNotFoundError if there is none."""
        return io.BufferedReader(_ObjectFile(self, name, self.size_bytes(name)), PART_BYTES)

    def read_range(self, name: str, start: int, length: int) -> bytes | memoryview:
        """Return ``length`` bytes, at least one, of an object that has them. Raises FileNotFoundError."""
        with self._in_our_words(name):
            return memoryview(obstore.get_range(self._bulk, name, start=start, length=length))

    def size_bytes(self, name: str) -> int:
        """Return the size of an object. Raises FileNotFoundError if there is none."""
        with self._in_our_words(name):
            return obstore.head(self._quick, name)["size"]

    def delete(self, name: str) -> None:
        """Delete an object; one that does not exist is fine."""
        with self._in_our_words(name), suppress(FileNotFoundError):
            obstore.delete(self._quick, name)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """List the objects whose names begin with ``prefix``, a path that ends in a slash, by name."""
        with self._in_our_words():
            found = [one for some in obstore.list(self._quick, prefix.rstrip("/")) for one in some]
        for one in sorted(found, key=lambda one: one["path"]):
            yield StoredObject(one["path"], one["size"], one["last_modified"])

    def now(self) -> datetime:
        """Return the time by the clock of the store; aware."""
        self.put(_CLOCK, b"")
        with self._in_our_words(_CLOCK):
            return obstore.head(self._quick, _CLOCK)["last_modified"]

    def _parts(self, name: str) -> Iterator[memoryview]:
        """Return the bytes of an object in order, a few parts of them in memory at a time."""
        size_bytes = self.size_bytes(name)
        window_bytes = PART_BYTES * PARTS_AT_ONCE
        for begin in range(0, size_bytes, window_bytes):
            end = min(begin + window_bytes, size_bytes)
            starts = range(begin, end, PART_BYTES)
            with self._in_our_words(name):
                parts = obstore.get_ranges(
                    self._bulk,
                    name,
                    starts=starts,
                    ends=[min(start + PART_BYTES, end) for start in starts],
                    coalesce=0,
                )
            yield from (memoryview(part) for part in parts)

    def _compare(self, name: str, data: bytes) -> None:
        if self._reads_back:
            self._check_arrived(name, self.read(name) == data)

    def _check_arrived(self, name: str, is_same: bool) -> None:
        if not is_same:
            raise Unavailable(f"The store {self.url} has other bytes than were written, in {name}.", told=_AWAY)

    @contextmanager
    def _in_our_words(self, name: str | None = None) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            if any(code in str(error) for code in _NO_BUCKET):
                raise _described(self.url, error) from None
            raise FileNotFoundError(ENOENT, "no such object", name) from None
        except (BaseError, ValueError) as error:
            raise _described(self.url, error) from None


class _ObjectFile(io.RawIOBase):
    """The bytes of one object, each read a request."""

    def __init__(self, objects: CloudObjects, name: str, size_bytes: int) -> None:
        self._objects = objects
        self._name = name
        self._size_bytes = size_bytes
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size_bytes}[whence]
        if begin + offset < 0:
            raise OSError(EINVAL, "a position before the beginning")
        self._position = begin + offset
        return self._position

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # what BufferedReader gives
        length = min(len(buffer), max(0, self._size_bytes - self._position))
        if length:
            buffer[:length] = self._objects.read_range(self._name, self._position, length)
            self._position += length
        return length

    def readall(self) -> bytes:
        size_bytes = max(0, self._size_bytes - self._position)
        return b"".join(iter(lambda: self.read(min(size_bytes, PART_BYTES)), b""))


def _client(url: str, *, whole_s: int, silence_s: int) -> Client:
    kind = url[:2]
    of_s3: S3Config = {"checksum_algorithm": "SHA256", "disable_bulk_delete": True}
    options: ClientConfig = {
        "connect_timeout": timedelta(seconds=_CONNECT_S),
        "read_timeout": timedelta(seconds=silence_s),
        "timeout": timedelta(seconds=whole_s),
        "allow_http": os.environ.get(_ALLOW_HTTP[kind]) == "true",  # options of ours put its variable aside
    }
    retries: RetryConfig = {
        "max_retries": 10,
        "backoff": {"init_backoff": timedelta(seconds=0.1), "max_backoff": timedelta(seconds=1), "base": 2},
        "retry_timeout": timedelta(seconds=_RETRY_S),
    }
    return from_url(url, config=of_s3 if kind == "s3" else None, client_options=options, retry_config=retries)


def _described(url: str, error: Exception) -> Unavailable:
    """Say what is wrong without repeating what may hold a secret."""
    text = str(error)
    status, code = _STATUS.search(text), _CODE.search(text)
    if status:
        return _refused(url, status[1], code[1] if code else "")
    if "BadScheme" in text:
        hint = f"The store {url} is to be reached over http: {_ALLOW_HTTP[url[:2]]}=true would allow it."
        return UnfitStore(hint, told=_UNFIT)
    if "timed out" in text or "TimedOut" in text:
        return Unavailable(f"The store {url} does not answer in time.", told=_AWAY)
    trouble = "cannot be reached" if "Connect" in text else "broke off"
    return Unavailable(f"The store {url} {trouble}.", told=_AWAY)


def _refused(url: str, status: str, code: str) -> Unavailable:
    answer = f"{status}, {code}" if code else status
    if code in _NO_BUCKET:
        return UnfitStore(f"The store {url} is not there: no such bucket or container.", told=_UNFIT)
    if status in ("401", "403"):
        hint = f"The store {url} refuses access ({answer}): look at the credentials and what they may do."
        return UnfitStore(hint, told=_UNFIT)
    return Unavailable(f"The store {url} answers {answer}.", told=_AWAY)
