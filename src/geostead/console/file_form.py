"""A form with a file in it, read while it arrives: the fields first, then the file piece by piece.

Starlette would receive all of it, however much that is, before anybody could look at it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from geostead.errors import InvalidParameter
from geostead.http.uploads import RequestBody

_MAX_FIELD_BYTES = 10_000
_MAX_FIELDS = 20
_OVERHEAD_BYTES = 64 * 1024
"""What a form may have around its file, generously."""


class FileForm:
    """One form. What stands behind the file is not read."""

    def __init__(self, body: RequestBody, content_type: str) -> None:
        """Read as far as the file. Raises InvalidParameter (``form``) where it is none, ClientGone."""
        self.fields: dict[str, str] = {}
        self.file_name = ""
        self._announced_bytes = body.announced_bytes
        self._chunks = body.chunks()
        self._headers: dict[bytes, bytes] = {}
        self._header_name = self._header_value = b""
        self._name = ""
        self._value = bytearray()
        self._pieces: deque[bytes] = deque()
        self._has_file = self._is_in_file = False
        self._parser = self._make_parser(content_type)
        while not self._has_file and self._feed():
            pass

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the file, once; none where the form has no file. Raises InvalidParameter, ClientGone."""
        while True:
            while self._pieces:
                yield self._pieces.popleft()
            if not self._has_file or not self._is_in_file or not self._feed():
                return

    @property
    def least_bytes(self) -> int | None:
        """How many bytes the file has at least, if the sender said how many there are in all."""
        announced = self._announced_bytes
        return None if announced is None else max(0, announced - _OVERHEAD_BYTES)

    def _make_parser(self, content_type: str) -> MultipartParser:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise InvalidParameter("form", content_type, "a form with a file (multipart/form-data)")
        return MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._add_to_name,
                "on_header_value": self._add_to_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._begin_content,
                "on_part_data": self._add_data,
                "on_part_end": self._end_part,
            },
        )

    def _feed(self) -> bool:
        """Read on; False at the end."""
        chunk = next(self._chunks, b"")
        if not chunk:
            if self._is_in_file:
                raise InvalidParameter("form", "", "a form that is sent to its end")
            return False
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise InvalidParameter("form", "", "a form that can be read") from error
        return True

    def _begin_part(self) -> None:
        self._headers, self._value = {}, bytearray()
        self._header_name = self._header_value = b""

    def _add_to_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _add_to_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _begin_content(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode(errors="replace")
        if b"filename" in options and not self._has_file:
            self._has_file = self._is_in_file = True
            self.file_name = options[b"filename"].decode(errors="replace")

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_in_file:
            self._pieces.append(data[start:end])
        elif len(self._value) + end - start <= _MAX_FIELD_BYTES and len(self.fields) < _MAX_FIELDS:
            self._value += data[start:end]

    def _end_part(self) -> None:
        if self._is_in_file:
            self._is_in_file = False
        elif len(self.fields) < _MAX_FIELDS:
            self.fields[self._name] = self._value.decode(errors="replace")
