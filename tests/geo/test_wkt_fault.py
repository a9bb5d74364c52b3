"""The place where well-known text goes wrong."""

import re
from random import Random

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geostead.geo.wkt import MAX_NESTING, read_wkt
from geostead.geo.wkt_fault import Fault, find_fault

VALID = [
    "POINT (1 2)",
    "point(-1.5 +2.)",
    "POINT Z (1 2 3)",
    "POINTM(1 2 3)",
    "POINT ZM (1 2 3 4)",
    "POINT EMPTY",
    "LINESTRING (1 2, 3 4, 5e0 .6)",
    "LINESTRING (1 2 3, 3 4 5)",
    "POLYGON ((0 0, 9 0, 9 9, 0 0), (1 1, 2 1, 2 2, 1 1))",
    "POLYGON Z ((0 0 1, 9 0 1, 9 9 1, 0 0 2))",
    "POLYGON EMPTY",
    "MULTIPOINT (1 2, 3 4)",
    "MULTIPOINT ((1 2), EMPTY, (3 4))",
    "MULTILINESTRING ((1 2, 3 4), EMPTY)",
    "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 0)), EMPTY, ((10 10, 11 10, 11 11, 10 10)))",
    "GEOMETRYCOLLECTION (POINT (1 2), POLYGON EMPTY, GEOMETRYCOLLECTION (LINESTRING (1 2, 3 4)))",
    "GEOMETRYCOLLECTION (POINT Z (1 2 3), POINT (1 2))",
    "SRID=4326;POINT (1 2)",
]


@pytest.mark.parametrize(
    ("text", "offset", "found", "expected"),
    [
        ("", 0, "the end", "POINT, LINESTRING, POLYGON"),
        (" EMPTY", 1, "EMPTY", "POINT, LINESTRING, POLYGON"),
        ("LINEARRING (0 0, 1 0, 1 1, 0 0)", 0, "LINEARRING", "POINT, LINESTRING, POLYGON"),
        ("POINTE (1 2)", 0, "POINTE", "POINT, LINESTRING, POLYGON"),
        ("SRID=x;POINT (1 2)", 0, "SRID=x;POINT", "POINT, LINESTRING, POLYGON"),
        ("POINT 1 2", 6, "1", "( or EMPTY"),
        ("POINT Q (1 2)", 6, "Q", "( or EMPTY"),
        ("POINT ((1 2))", 7, "(", "the longitude, a number from -180 to 180"),
        ("POINT (1)", 8, ")", "the latitude, a number from -90 to 90"),
        ("POINT (1, 2)", 8, ",", "the latitude, a number from -90 to 90"),
        ("POINT (1e 2)", 7, "1e", "the longitude"),
        ("POINT (0x10 2)", 7, "0x10", "the longitude"),
        ("POINT (nan 2)", 7, "nan", "the longitude"),
        ("POINT (1e999 2)", 7, "1e999", "the longitude"),
        ("POINT (181 2)", 7, "181", "the longitude"),
        ("POINT (1 -90.1)", 9, "-90.1", "the latitude"),
        ("POINT (1-2)", 7, "1-2", "the longitude"),
        ("POINT (1 2 3 4 5)", 15, "5", ") after the position"),
        ("POINT (1 2", 10, "the end", ") after the position"),
        ("POINT (1 2, 3 4)", 10, ",", ") after the position"),
        ("POINT (1 2) 3", 12, "3", "the end, because the shape is complete"),
        ("POINT Z (1 2)", 12, ")", "as many numbers as the positions before have"),
        ("LINESTRING (1 2)", 15, ")", "a second position"),
        ("LINESTRING (1 2, 3 4 5)", 21, "5", "a comma or )"),
        ("LINESTRING (1 2 3, 3 4)", 22, ")", "as many numbers"),
        ("LINESTRING (1 2,, 3 4)", 16, ",", "the longitude"),
        ("LINESTRING ()", 12, ")", "the longitude"),
        ("POLYGON (0 0, 1 0, 1 1, 0 0)", 9, "0", "( or EMPTY"),
        ("POLYGON ((0 0, 1 0, 1 1))", 23, ")", "a closed ring: a comma and the first position, 0 0, once more"),
        ("POLYGON ((7.5 0, 7.5 0))", 22, ")", "a closed ring"),
        ("POLYGON ((0 0, 1 0, 1 1, 0 0)", 29, "the end", "a comma or )"),
        ("POLYGON ((0 0, 1 0, 1 1, 0 0), )", 31, ")", "( or EMPTY"),
        ("POLYGON ((0 0, 1 0; 1 1, 0 0))", 18, ";", "a comma or )"),
        ("MULTIPOINT ((1 2), 3 4)", 19, "3", "all in parentheses, or none"),
        ("MULTIPOINT (1 2, (3 4))", 17, "(", "all in parentheses, or none"),
        ("MULTIPOLYGON ((0 0, 1 0, 1 1, 0 0))", 15, "0", "( or EMPTY"),
        ("GEOMETRYCOLLECTION ()", 20, ")", "POINT, LINESTRING, POLYGON"),
        ("GEOMETRYCOLLECTION (POINT (1 2), (3 4))", 33, "(", "POINT, LINESTRING, POLYGON"),
    ],
)
def test_the_first_place_where_a_text_cannot_go_on_is_told(text: str, offset: int, found: str, expected: str) -> None:
    assert read_wkt(text) is None or (offset, found) in [(7, "181"), (9, "-90.1")]
    fault = find_fault(text)
    assert (fault.offset, fault.found) == (offset, found)
    assert expected in fault.expected


def test_collections_may_be_nested_only_so_deep() -> None:
    def nested(depth: int) -> str:
        return "GEOMETRYCOLLECTION (" * depth + "POINT (1 2)" + ")" * depth

    assert read_wkt(nested(MAX_NESTING)) is not None
    assert read_wkt(nested(MAX_NESTING + 1)) is None
    assert "at most 32 collections within each other" in find_fault(nested(MAX_NESTING + 1)).expected
    assert "at most 32 collections within each other" in find_fault("GEOMETRYCOLLECTION (" * 100_000).expected


@pytest.mark.parametrize("text", VALID)
def test_in_a_text_that_is_read_there_is_nothing_wrong(text: str) -> None:
    assert read_wkt(text) is not None
    assert is_whole(find_fault(text))


@given(st.sampled_from(VALID), st.integers(0, 2**64).map(Random), st.integers(1, 3))
@settings(deadline=None, max_examples=1500)
def test_reader_and_scanner_agree_about_what_is_well_known_text(valid: str, random: Random, count: int) -> None:
    text = valid
    for _ in range(count):
        at = random.randrange(len(text) + 1)
        piece = random.choice(["", *" (),;019.-eEZMPx'é", "EMPTY", " 1 2", ")("])
        text = text[:at] + piece + text[at + random.randint(0, 2) :]
    shape = read_wkt(text) if text.isascii() else None
    fault = find_fault(text)
    if is_whole(fault) and re.search("[zm]", text, re.IGNORECASE):
        return  # GEOS takes no parts of different dimensions, and there is no one place where that is wrong
    assert is_whole(fault) == (shape is not None and is_on_earth(shape)), text
    assert fault.found == "the end" or text.startswith(fault.found, fault.offset)


def is_whole(fault: Fault) -> bool:
    """Tell whether nothing was found to be wrong: then the text as a whole is shown."""
    return fault.offset == 0 and fault.expected.startswith("POINT") and fault.found != "the end" and " " in fault.found


def is_on_earth(shape: shapely.Geometry) -> bool:
    west, south, east, north = shapely.bounds(shape)
    return shape.is_empty or (west >= -180 and east <= 180 and south >= -90 and north <= 90)
