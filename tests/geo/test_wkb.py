"""Well-known binary of others."""

from __future__ import annotations

import struct

import pytest
import shapely

from geostead.geo.wkb import read_wkbs
from geostead.geo.wkt import MAX_NESTING

POINT = struct.pack("<BIdd", 1, 1, 1.0, 2.0)
CURVE = struct.pack("<BII6d", 1, 8, 3, 0, 0, 1, 1, 2, 0)


def collection(*parts: bytes) -> bytes:
    return struct.pack("<BII", 1, 7, len(parts)) + b"".join(parts)


def nested(depth: int) -> bytes:
    return POINT if depth == 0 else collection(POINT, nested(depth - 1))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (POINT, "POINT (1 2)"),
        (struct.pack(">BIdd", 0, 1, 1.0, 2.0), "POINT (1 2)"),
        (struct.pack("<BIddd", 1, 1001, 1.0, 2.0, 3.0), "POINT (1 2)"),
        (struct.pack("<BIdddd", 1, 3001, 1.0, 2.0, 3.0, 4.0), "POINT (1 2)"),
        (struct.pack("<BIIdd", 1, 0x20000001, 4326, 1.0, 2.0), "POINT (1 2)"),
        (struct.pack("<BIdd", 1, 1, float("nan"), float("nan")), "POINT EMPTY"),
        (collection(POINT, POINT), "GEOMETRYCOLLECTION (POINT (1 2), POINT (1 2))"),
    ],
)
def test_geometries_are_read_in_two_dimensions(value: bytes, expected: str) -> None:
    assert read_wkbs([value])[0].wkt == expected


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\x01",
        b"POINT (1 2)",
        POINT[:-1],
        CURVE,
        collection(CURVE),
        collection(POINT, collection(CURVE)),
        struct.pack("<BII", 1, 2, 2**31),
        struct.pack("<BII", 1, 7, 2**32 - 1),
        nested(MAX_NESTING + 1),
        nested(500),
    ],
)
def test_what_cannot_be_read_is_none_and_disturbs_no_other(value: bytes) -> None:
    found = read_wkbs([POINT, value, None, POINT])

    assert [shape is None for shape in found] == [False, True, True, False]


def test_collections_may_be_nested_as_deep_as_in_well_known_text() -> None:
    assert shapely.get_num_coordinates(read_wkbs([nested(MAX_NESTING)]))[0] == MAX_NESTING + 1


def test_nothing_is_nothing() -> None:
    assert len(read_wkbs([])) == 0
