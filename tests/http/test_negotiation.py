"""Which form a reply takes."""

from __future__ import annotations

import pytest

from geostead.errors import InvalidParameter
from geostead.http.negotiation import (
    Format,
    Output,
    accepts_gzip,
    callback_of,
    format_of,
    names_tag,
    output_of,
    query_format_of,
)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, Output.JSON),
        ({"output": "XML"}, Output.XML),
        ({"o": "xml"}, Output.XML),
        ({"output": "json", "o": "xml"}, Output.JSON),
    ],
)
def test_management_replies_are_json_unless_output_or_o_says_xml(parameters: dict[str, str], expected: Output) -> None:
    assert output_of(parameters) is expected


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [({}, Format.ATOM), ({"$format": "JSON"}, Format.JSON), ({"format": "json"}, Format.ATOM)],
)
def test_query_replies_are_atom_unless_format_with_its_dollar_says_json(
    parameters: dict[str, str], expected: Format
) -> None:
    assert format_of(parameters) is expected
    assert query_format_of(parameters) is expected


def test_a_callback_can_only_be_handed_json() -> None:
    assert query_format_of({"jsonp": "cb"}) is Format.JSON
    assert query_format_of({"jsonp": "cb", "$format": "atom"}) is Format.ATOM
    assert format_of({"jsonp": "cb"}) is Format.ATOM
    assert callback_of({"jsonp": "cb"}, Format.ATOM) is None
    assert callback_of({"callback": "cb"}, Format.JSON) is None


def test_an_unknown_form_is_refused_naming_the_known_ones() -> None:
    with pytest.raises(InvalidParameter, match="expected json or xml"):
        output_of({"output": "yaml"})
    with pytest.raises(InvalidParameter, match="expected atom or json"):
        format_of({"$format": "xml"})


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"", False),
        (b"identity", False),
        (b"gzip", True),
        (b"GZIP", True),
        (b"deflate, gzip;q=1.0, *;q=0.5", True),
        (b"br;q=1.0, gzip;q=0.8", True),
        (b"gzip;q=0", False),
        (b"gzip; q=0.000", False),
        (b"*", True),
        (b"*;q=0", False),
        (b"gzip;q=0, *", False),
        (b"x-gzip", True),
        (b"notgzip", False),
        (b"gzipped", False),
    ],
)
def test_gzip_is_used_only_when_it_is_asked_for(header: bytes, expected: bool) -> None:
    assert accepts_gzip(header) is expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [(b"", False), (b'"abc"', True), (b'W/"abc"', True), (b'"x", "abc"', True), (b"*", False), (b'"abcd"', False)],
)
def test_an_entity_tag_is_found_in_a_list_of_them(header: bytes, expected: bool) -> None:
    assert names_tag(header, b"abc") is expected
