"""The header Warning."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.http.warnings import warning_headers

_HEADER = re.compile(rb'299 - "[ !#-\[\]-~]*"')


def test_every_remark_and_the_unknown_names_have_a_header_each() -> None:
    assert warning_headers(["the route is the great circle", "nobody knows"], ["Fax", "Sofas"]) == (
        (b"warning", b'299 - "the route is the great circle"'),
        (b"warning", b'299 - "nobody knows"'),
        (b"warning", b'299 - "$select: these properties do not exist and were left out: Fax, Sofas"'),
    )
    assert warning_headers([], []) == ()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Auvergne-Rhône-Alpes", b"Auvergne-Rhone-Alpes"),
        ("Zürich, Łódź", b"Zurich, ?odz"),
        ("東京", b"??"),
        ('a "quoted" back\\slash', b"a ?quoted? back?slash"),
        ("line\r\nSet-Cookie: x", b"line??Set-Cookie: x"),
    ],
)
def test_what_may_not_stand_in_a_header_is_left_out_or_written_without_accents(text: str, shown: bytes) -> None:
    assert warning_headers([text], []) == ((b"warning", b'299 - "%b"' % shown),)


@given(st.lists(st.text(max_size=3000), max_size=3), st.lists(st.text(max_size=80), max_size=40))
def test_whatever_is_remarked_makes_valid_headers_of_bounded_length(remarks: list[str], names: list[str]) -> None:
    headers = warning_headers(remarks, names)
    assert len(headers) == len(remarks) + bool(names)
    for _, value in headers:
        assert _HEADER.fullmatch(value)
        assert len(value) < 1600
