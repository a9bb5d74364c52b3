from __future__ import annotations

import pyarrow as pa
import pytest

from geostead.formats.shapefile.table_text import decode_column, decode_text, find_encoding


def smuggled(data: bytes) -> str:
    return data.decode("latin-1")


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        (b"UTF-8", "utf-8"),
        (b"utf8\r\n", "utf-8"),
        (b"\xef\xbb\xbfUTF-8", "utf-8"),
        (b"65001", "utf-8"),
        (b"1252", "cp1252"),
        (b"ANSI 1251", "cp1251"),
        (b"OEM 437", "cp437"),
        (b"cp850\0", "cp850"),
        (b"ISO 88591", "iso8859-1"),
        (b"ISO-8859-15", "iso8859-15"),
        (b"88592", "iso8859-2"),
        (b"936", "gb18030"),
        (b"Big5", "big5"),
        (b"Shift_JIS", "shift_jis"),
        (b"KOI8-R", "koi8-r"),
        (b"", None),
        (b"SYSTEM", None),
        (b"99999", None),
        (b"utf-16", None),
        (b"zlib", None),
        (b"unicode_escape", None),
        (b"idna", None),
        (b"\xff\xfe\0\0", None),
        (b"x" * 60_000, None),
        (b"../../x", None),
        (b"utf\0-8", None),
    ],
)
def test_an_encoding_is_known_by_what_programs_call_it(declared: bytes, encoding: str | None) -> None:
    assert find_encoding(declared) == encoding


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        ("Höhe".encode(), "utf-8", "Höhe"),
        ("Höhe".encode(), None, "Höhe"),
        ("Höhe".encode("latin-1"), None, "Höhe"),
        (b"\x80 5", None, "\u20ac 5"),
        (b"\x81", None, "\x81"),
        ("Шар".encode("cp1251"), "cp1251", "Шар"),
        ("Höhe".encode("latin-1"), "utf-8", None),
        (bytes(range(128)), None, bytes(range(128)).decode()),
    ],
)
def test_a_text_is_decoded_as_declared_else_as_utf_8_else_as_latin_1(
    data: bytes, encoding: str | None, text: str | None
) -> None:
    assert decode_text(smuggled(data), encoding) == text


def test_rows_that_are_not_of_the_encoding_are_told() -> None:
    texts = pa.array([smuggled("ä".encode()), None, smuggled(b"\xe4"), "a"], pa.string())

    decoded, bad = decode_column(texts, "utf-8")
    assert decoded.to_pylist() == ["ä", None, "\xe4", "a"]
    assert bad.tolist() == [2]


def test_plain_text_is_not_touched() -> None:
    texts = pa.array(["a", None], pa.string())

    assert decode_column(texts, None)[0] is texts
