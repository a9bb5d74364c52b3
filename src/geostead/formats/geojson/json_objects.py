"""Cuts GeoJSON text into the objects that it lists, in bounded memory, so that each can be parsed by itself.

The text is a collection, ``{…, "features": [{…}, {…}], …}``, or one object after the other (newline-delimited GeoJSON,
RFC 8142). Where an object ends follows from quotes and brackets alone; what is inside is for whoever parses it.

Not ijson: an object is bounded here before it is parsed, in bytes and in depth, and orjson is faster and stricter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import orjson

from geostead.errors import UnreadableUpload
from geostead.formats.rows.text_columns import shown

MAX_OBJECT_BYTES = 16 * 2**20
"""350 full strings and a geography of 100,000 points come to about 10 MB."""
MAX_DEPTH = 100
MAX_OBJECTS = 2**17
"""Objects that are taken apart at once: no block has so many Features, but millions of ``{}``."""
BLOCK_BYTES = 8 * 2**20

_QUOTE = ord('"')
_RECORD_SEPARATOR = b"\x1e"
_BETWEEN = b" \t\r\n,"
_FEATURES = re.compile(rb'"features"\s*:\s*\Z')
_LONGEST_FEATURES = 100

_MARKS = bytes(byte in b"{}[]" for byte in range(256))
_STEPS = np.zeros(256, np.int8)
_STEPS[list(b"{[")] = 1
_STEPS[list(b"}]")] = -1


@dataclass(frozen=True, slots=True)
class _Brackets:
    """The brackets of a text that are not inside strings."""

    positions: npt.NDArray[np.int64]
    depths: npt.NDArray[np.int32]
    """After each of them; 0 is where the text begins."""
    is_opening: npt.NDArray[np.bool_]

    @staticmethod
    def find(text: bytes) -> _Brackets:
        """Find the brackets of a text that does not begin inside a string. Raises UnreadableUpload where too deep."""
        if b"\\" in text:  # a backslash matters only to the character after it; both give way to something harmless
            text = text.replace(b"\\\\", b"..").replace(b'\\"', b"..")
        codes = np.frombuffer(text, np.uint8)
        positions = np.flatnonzero(np.frombuffer(text.translate(_MARKS), np.bool_))
        positions = positions[np.searchsorted(np.flatnonzero(codes == _QUOTE), positions) % 2 == 0]
        steps = _STEPS[codes[positions]]
        depths = np.cumsum(steps, dtype=np.int32)
        if len(depths) and depths.max() > MAX_DEPTH:
            raise UnreadableUpload(f"The GeoJSON is nested over {MAX_DEPTH} levels deep.")
        return _Brackets(positions, depths, steps > 0)

    def values(self) -> tuple[list[int], list[int], int | None]:
        """Return where the complete values in brackets begin and end, and the bracket that closes what they are in.

        There are at most MAX_OBJECTS; that bracket is None, too, if there would be more.
        """
        closing = np.flatnonzero(self.depths < 0)
        count = int(closing[0]) if len(closing) else len(self.depths)
        depths, is_opening, positions = self.depths[:count], self.is_opening[:count], self.positions[:count]
        ends = positions[(depths == 0) & ~is_opening] + 1
        starts = positions[(depths == 1) & is_opening][: len(ends)]
        is_closed = len(closing) > 0 and len(ends) <= MAX_OBJECTS
        return (
            starts[:MAX_OBJECTS].tolist(),
            ends[:MAX_OBJECTS].tolist(),
            int(self.positions[count]) if is_closed else None,
        )


class JsonObjects:
    """GeoJSON text: first look at its members, then iterate over the objects, block by block."""

    def __init__(
        self,
        read: Callable[[int], bytes],
        *,
        block_bytes: int = BLOCK_BYTES,
        max_object_bytes: int = MAX_OBJECT_BYTES,
    ) -> None:
        """Read as far as the first object. Raises UnreadableUpload."""
        self._read = read
        self._block_bytes = block_bytes
        self._max_object_bytes = max_object_bytes
        self._rest = b""
        self._at_end = False
        self._count = 0
        self.members: dict[str, object] = {}
        """Of the collection, ``features`` left out; those that stand behind it once all objects were read."""
        self._is_collection = self._open_collection()

    def __iter__(self) -> Iterator[list[bytes]]:
        """Return the objects as text; no block is empty. Raises UnreadableUpload."""
        wanted = self._block_bytes
        while self._fill(wanted):
            starts, ends, closing = _Brackets.find(self._rest).values()
            end = closing if closing is not None else ends[-1] if ends else 0
            if not end and closing is None:
                wanted = self._more()
                continue
            self._check_between(starts, ends, end)
            objects = [self._rest[start:stop] for start, stop in zip(starts, ends, strict=True)]
            self._rest = self._rest[end:]
            self._count += len(objects)
            if objects:
                yield objects
            if closing is not None:
                return self._close()
            wanted = self._block_bytes
        if self._is_collection:
            raise UnreadableUpload(f"The GeoJSON ends after feature {self._count}: its features are never closed.")

    def _fill(self, size: int) -> bool:
        """Read on until there is so much, or the text ends; tell whether anything but white space is left."""
        parts, length = [self._rest], len(self._rest)
        while length < size and not self._at_end:
            part = self._read(size - length).replace(_RECORD_SEPARATOR, b"\n")
            self._at_end = not part
            parts.append(part)
            length += len(part)
        self._rest = b"".join(parts)
        return not self._at_end or self._rest.strip() != b""

    def _more(self) -> int:
        """Return how much to read where what there is was not enough."""
        place = f"feature {self._count + 1}"
        if self._at_end:
            raise UnreadableUpload(f"The GeoJSON ends within {place}; found '{shown(_decoded(self._rest))}'.")
        if len(self._rest) >= self._max_object_bytes:
            megabytes = self._max_object_bytes / 2**20
            raise UnreadableUpload(
                f"{place.capitalize()} of the GeoJSON is longer than {megabytes:g} MB (perhaps a quote or a bracket is "
                "opened and never closed)."
            )
        return min(2 * max(len(self._rest), self._block_bytes), self._max_object_bytes)

    def _open_collection(self) -> bool:
        """Read the members before the features; False if there are none, because the objects stand by themselves."""
        wanted = self._block_bytes
        while self._fill(wanted):
            self._rest = self._rest.lstrip()
            if not self._rest:
                continue
            if not self._rest.startswith(b"{"):
                raise UnreadableUpload(_expected(self._rest))
            brackets = _Brackets.find(self._rest)
            candidates = brackets.positions[(brackets.depths == 2) & brackets.is_opening]
            for at in candidates.tolist():
                if self._rest[at : at + 1] == b"[" and _FEATURES.search(
                    self._rest[max(0, at - _LONGEST_FEATURES) : at]
                ):
                    self.members |= self._parsed(self._rest[: at + 1] + b"]}")
                    self._rest = self._rest[at + 1 :]
                    return True
            if (brackets.depths <= 0).any():
                return False
            wanted = self._more()
        raise UnreadableUpload(_expected(b""))

    def _check_between(self, starts: list[int], ends: list[int], end: int) -> None:
        """Raise UnreadableUpload where something other than commas stands between the objects."""
        edges = zip([0, *ends], [*starts, end], strict=True)
        between = b"".join(self._rest[start:stop] for start, stop in edges).strip(_BETWEEN)
        if between.translate(None, _BETWEEN):
            found = shown(_decoded(between))
            raise UnreadableUpload(
                f"Among the features after feature {self._count} stands '{found}'; expected objects."
            )

    def _close(self) -> None:
        """Read the members behind the features."""
        if not self._is_collection:
            raise UnreadableUpload(f"After feature {self._count} a bracket is closed that was never opened.")
        self._fill(self._max_object_bytes)
        if not self._at_end:
            raise UnreadableUpload(f"Behind the {self._count} features of the GeoJSON stands too much; expected '}}'.")
        self.members |= self._parsed(b'{"features":[' + self._rest)

    def _parsed(self, text: bytes) -> dict[str, object]:
        try:
            members: dict[str, object] = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise UnreadableUpload(f"The upload is not GeoJSON, around its features: {error.msg}.") from error
        del members["features"]
        return members


def _expected(found: bytes) -> str:
    return (
        f"The upload is not GeoJSON: it begins with '{shown(_decoded(found[:400]))}'; expected a FeatureCollection, "
        '{"type": "FeatureCollection", "features": […]}, or one Feature on each line.'
    )


def _decoded(text: bytes) -> str:
    return text[:400].decode(errors="replace")
