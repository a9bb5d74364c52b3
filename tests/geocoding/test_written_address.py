from __future__ import annotations

import pytest

from geostead.geocoding.written_address import MAX_CHARACTERS, MAX_WORDS, Span, WrittenAddress, read_address


def test_commas_of_all_scripts_and_lines_separate_parts() -> None:
    assert read_address("1 Main St, Paris;TX\n USA") == WrittenAddress(
        (("1", "main", "saint"), ("paris",), ("tx",), ("usa",))
    )
    assert read_address("東京、日本\uff0cアジア") == WrittenAddress((("東京",), ("日本",), ("アジア",)))


@pytest.mark.parametrize("text", ["", " ", ",;", "\0\x07", "…", "x" * (MAX_CHARACTERS + 1), "a " * (MAX_WORDS + 1)])
def test_what_is_no_address_is_none(text: str) -> None:
    assert read_address(text) is None


def test_spans_do_not_cross_commas_and_are_no_longer_than_a_name() -> None:
    address = read_address("new york, usa")
    assert address is not None
    assert dict(address.spans()) == {
        Span(0, 0, 1): "new",
        Span(0, 0, 2): "new york",
        Span(0, 1, 2): "york",
        Span(1, 0, 1): "usa",
    }
    long = read_address(" ".join("abcdefghijklmno"))
    assert long is not None
    assert max(span.end - span.start for span, _ in long.spans()) == 8
