"""Forms with a file, however their bytes arrive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.console.file_form import FileForm
from geostead.errors import InvalidParameter

KIND = 'multipart/form-data; boundary="b0undary"'


@dataclass
class Arriving:
    """The body of a request, in pieces."""

    pieces: list[bytes]
    announced_bytes: int | None = None
    taken: int = 0

    def chunks(self) -> Iterator[bytes]:
        for piece in self.pieces:
            self.taken += 1
            yield piece


def form_of(content: bytes, name: str = "a.csv") -> bytes:
    head = 'Content-Disposition: form-data; name="csrf_token"\r\n\r\ntoken\r\n--b0undary\r\n'
    file = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
    return b"--b0undary\r\n" + (head + file).encode() + content + b"\r\n--b0undary--\r\n"


def opened(pieces: list[bytes], kind: str = KIND) -> FileForm:
    return FileForm(Arriving(pieces), kind)  # type: ignore[arg-type]  # what it uses of a RequestBody


@given(st.binary(max_size=300).filter(lambda content: b"--b0undary" not in content), st.integers(1, 50))
def test_a_file_arrives_as_it_was_sent_in_whatever_pieces(content: bytes, size: int) -> None:
    body = form_of(content, "Läden.csv")
    form = opened([body[start : start + size] for start in range(0, len(body), size)])
    assert (form.fields, form.file_name) == ({"csrf_token": "token"}, "Läden.csv")
    assert b"".join(form.chunks()) == content


def test_nothing_of_the_file_is_read_before_somebody_asks() -> None:
    body = form_of(b"x" * 1000)
    arriving = Arriving([body[start : start + 100] for start in range(0, len(body), 100)])
    form = FileForm(arriving, KIND)  # type: ignore[arg-type]  # as above
    assert arriving.taken <= 3
    assert form.fields == {"csrf_token": "token"}


def test_a_form_that_breaks_off_is_refused() -> None:
    form = opened([form_of(b"x" * 1000)[:600]])
    with pytest.raises(InvalidParameter, match="to its end"):
        b"".join(form.chunks())


@pytest.mark.parametrize(
    ("kind", "body"), [("text/csv", b"a"), (KIND, b"no form at all"), ("multipart/form-data", b"")]
)
def test_what_is_no_form_with_a_file_is_refused(kind: str, body: bytes) -> None:
    with pytest.raises(InvalidParameter):
        opened([body], kind)


def test_a_form_without_a_file_has_no_bytes() -> None:
    form = opened([b'--b0undary\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--b0undary--\r\n'])
    assert (form.fields, form.file_name, list(form.chunks())) == ({"a": "b"}, "", [])
