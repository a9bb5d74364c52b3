"""Hostile GeoParquet, and Parquet."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from tests.hostile.packing import MEGABYTE, Files, cut, gzip_bomb, gzips_of, zips_of

_COUNT = 30
_GEO = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
_POINT = shapely.to_wkb(shapely.Point(1, 2))


def parquet(
    columns: Mapping[str, Any], geo: object = None, more: Mapping[bytes, bytes] | None = None, **options: Any
) -> bytes:
    """Write columns; ``geo`` is the metadata of that name."""
    table = pa.table(dict(columns))
    row_group_size = options.pop("row_group_size", None)
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, table.schema, store_schema=False, **options) as writer:
        writer.write_table(table, row_group_size)
        writer.add_key_value_metadata({**(more or {}), **({} if geo is None else {b"geo": json.dumps(geo).encode()})})
    return sink.getvalue()


@cache
def good() -> bytes:
    """Return a good file."""
    return parquet(_columns(), _GEO, compression="none")


def _columns(count: int = _COUNT) -> dict[str, Any]:
    return {
        "Name": [f"Hütte {n}" for n in range(count)],
        "Size": list(range(count)),
        "Open": [True] * count,
        "geometry": [shapely.to_wkb(shapely.Point(n % 100, 2)) for n in range(count)],
    }


def _placed(**columns: Any) -> bytes:
    """Return a file with a place for each row."""
    count = len(next(iter(columns.values())))
    return parquet({**columns, "Latitude": [1.0] * count, "Longitude": [2.0] * count})


def groups() -> list[Files]:
    """Return what makes each file."""
    packed = (gzips_of(good()), zips_of("huts.parquet", good()))
    return [_damages(), _bombs(), _types(), _geometries(), _metadata(), *packed]


def _damages() -> Files:
    def with_footer_size(size: int) -> bytes:
        return good()[:-8] + struct.pack("<I", size) + b"PAR1"

    def with_footer(at: int, other: bytes) -> bytes:
        start = len(good()) - 8 - struct.unpack("<I", good()[-8:-4])[0] + at
        return good()[:start] + other + good()[start + len(other) :]

    return {
        "cut in the middle": lambda: cut(good(), 0.5),
        "a footer of bytes at random": lambda: with_footer(0, Random(13).randbytes(300)),
        "pages of bytes at random": lambda: good()[:4] + Random(14).randbytes(400) + good()[404:],
        "text with NULs": lambda: good().replace("Hütte".encode(), b"H\0\0\0te"),
        "text that is no UTF-8": lambda: good().replace("Hütte".encode(), b"H\xff\xfe\xc0te"),
        "nothing": lambda: b"",
        "the first four bytes": lambda: b"PAR1",
        "nothing between the marks": lambda: b"PAR1\0\0\0\0PAR1",
        "no Parquet": lambda: b"EntityID,Name\n1,a\n",
        "an Arrow file": lambda: b"ARROW1\0\0" + bytes(100),
        "an encrypted file": lambda: b"PARE" + good()[4:-4] + b"PARE",
        "cut before the last byte": lambda: good()[:-1],
        "without its beginning": lambda: b"PAR1" + good()[len(good()) // 2 :],
        "a footer of 2 GB": lambda: with_footer_size(2**31 - 1),
        "a footer of 4 GB": lambda: with_footer_size(2**32 - 1),
        "a footer of the whole file": lambda: with_footer_size(len(good()) - 8),
        "a footer of nothing": lambda: with_footer_size(0),
        "a footer of lists without end": lambda: with_footer(2, b"\xfc" + b"\xff" * 8),
        "a footer 10,000 deep": lambda: b"PAR1" + b"\x1c" * 10_000 + struct.pack("<I", 10_000) + b"PAR1",
        "pages of NULs": lambda: good()[:4] + bytes(400) + good()[404:],
        "bytes at random": lambda: b"PAR1" + Random(15).randbytes(MEGABYTE) + b"PAR1",
    }


def _bombs() -> Files:
    long_word = pa.DictionaryArray.from_arrays(pa.array([0] * 3000, pa.int32()), ["x" * MEGABYTE])
    few_words = pa.DictionaryArray.from_arrays(pa.array([0] * 20_000_000, pa.int8()), ["a"])
    return {
        "gzip bomb": lambda: gzip_bomb(b"PAR1", b"\0"),
        "3,000 times one text of 1 MB": lambda: parquet({"Name": long_word, "Latitude": [1.0] * 3000}),
        "50 million nulls": lambda: parquet({"Name": pa.nulls(50_000_000, pa.string())}),
        "a list of 20 million numbers": lambda: parquet({"Sizes": _long_list(20_000_000)}),
        "20 million times one letter": lambda: parquet({"Name": few_words}),
        "20 million times one place": lambda: parquet(
            {"Latitude": pa.repeat(pa.scalar(1.0), 20_000_000), "Longitude": pa.repeat(pa.scalar(1.0), 20_000_000)}
        ),
        "a million times one place, and no more": lambda: parquet(
            {"Latitude": pa.repeat(pa.scalar(1.0), MEGABYTE), "Longitude": pa.repeat(pa.scalar(1.0), MEGABYTE)}
        ),
        "a page that unpacks to 500 MB": lambda: parquet(
            {"Name": ["x" * 500 * MEGABYTE]}, compression="zstd", use_dictionary=False, write_statistics=False
        ),
        "10,000 row groups": lambda: parquet(
            {"Latitude": [1.0] * 10_000, "Longitude": [1.0] * 10_000}, row_group_size=1
        ),
        "5,000 columns": lambda: parquet({f"P{n}": [n] for n in range(5000)}),
        "340 columns of a million nulls": lambda: parquet(
            {"Latitude": [1.0] * 200_000, **{f"P{n}": pa.nulls(200_000, pa.string()) for n in range(340)}}
        ),
    }


def _types() -> Files:
    deep: object = 1
    for _ in range(60):
        deep = {"a": [deep]}
    return {
        "a text of 10 MB": lambda: _placed(Name=["x" * 10 * MEGABYTE]),
        "bytes of 10 MB": lambda: _placed(Name=[b"\xff" * 10 * MEGABYTE]),
        "values 60 deep": lambda: _placed(Name=[deep]),
        "dates before the year 1": lambda: _placed(Since=pa.array([-(2**62)], pa.int64()).cast(pa.timestamp("us"))),
        "a text of 100 MB": lambda: _placed(Name=["x" * 100 * MEGABYTE]),
        "an id of 10 MB": lambda: _placed(EntityID=["x" * 10 * MEGABYTE]),
        "a list of a million lists": lambda: _placed(Name=[[[1]] * MEGABYTE]),
        "a structure of 2,000 members": lambda: _placed(Name=[{f"P{n}": n for n in range(2000)}]),
        "maps": lambda: _placed(Name=pa.array([[("a", 1), ("a", 2)]], pa.map_(pa.string(), pa.int64()))),
        "numbers that are none": lambda: _placed(Size=[float("nan"), float("inf"), -0.0]),
        "whole numbers that are too large": lambda: _placed(Size=pa.array([2**64 - 1], pa.uint64())),
        "decimals of 76 digits": lambda: _placed(Size=[Decimal("9" * 38), Decimal("0.1")]),
        "dates and durations": lambda: _placed(Since=[date.min], Took=[timedelta.max.days]),
        "half numbers": lambda: _placed(Size=pa.array([1.5], pa.float16())),
        "columns that are only null": lambda: _placed(Name=pa.nulls(3)),
        "names that mean something elsewhere": lambda: _placed(
            **{"__proto__": [1], "": [2], "../../etc/passwd": [3], "x" * 100: [4], "a\0b": [5]}
        ),
        "a name of 10 MB": lambda: _placed(**{"x" * 10 * MEGABYTE: [1]}),
        "places that are texts": lambda: parquet({"Latitude": ["north", "1"], "Longitude": ["2", "2"]}),
        "no rows": lambda: parquet({"Latitude": pa.array([], pa.float64())}),
        "no columns": lambda: parquet({}),
    }


def _geometries() -> Files:
    nested = b"\x01\x07\0\0\0\x01\0\0\0"
    star = [(n * 7919 % 1000 / 10, n * 104729 % 997 / 20) for n in range(3000)]

    def of(*wkb: bytes | None) -> bytes:
        return parquet({"geometry": [_POINT, *wkb]}, _GEO)

    return {
        "a line of four thousand million points": lambda: of(b"\x01\x02\0\0\0\xff\xff\xff\xff" + bytes(64)),
        "collections a million deep": lambda: of(nested * MEGABYTE),
        "a shape of bytes at random": lambda: of(*(Random(n).randbytes(60) for n in range(50))),
        "places that are no numbers": lambda: of(struct.pack("<BI2d", 1, 1, float("inf"), float("nan"))),
        "a shape of nothing": lambda: of(b"", None),
        "a shape of a kind that there is not": lambda: of(b"\x01\x63\0\0\0\0\0\0\0"),
        "a shape cut off": lambda: of(_POINT[:-3]),
        "a shape with more behind it": lambda: of(_POINT + b"more"),
        "a polygon of four thousand million rings": lambda: of(b"\x01\x03\0\0\0\xff\xff\xff\xff" + bytes(64)),
        "a collection of four thousand million": lambda: of(b"\x01\x07\0\0\0\xff\xff\xff\xff" + bytes(64)),
        "collections 100 deep": lambda: of(nested * 100 + _POINT),
        "a curve": lambda: of(b"\x01\x08\0\0\0\x03\0\0\0" + struct.pack("<6d", 0, 0, 1, 1, 2, 0)),
        "places off the world": lambda: of(shapely.to_wkb(shapely.Point(1e300, -1e300))),
        "a line of too many points": lambda: of(
            shapely.to_wkb(shapely.LineString([(n / 1000, n % 2) for n in range(100_001)]))
        ),
        "a line of 10 MB": lambda: of(shapely.to_wkb(shapely.LineString([(0, 0), (1, 1)] * 330_000))),
        "a polygon that crosses itself everywhere": lambda: of(shapely.to_wkb(shapely.Polygon(star))),
    }


def _metadata() -> Files:
    columns = _columns()

    def geo(**changed: object) -> bytes:
        return parquet(columns, _GEO | changed)

    def column(**changed: object) -> bytes:
        return geo(columns={"geometry": {"encoding": "WKB", **changed}})

    def with_text(text: bytes) -> bytes:
        return parquet(columns, more={b"geo": text})

    deep: Sequence[bytes] = (b'{"a":' * 100_000, b"[" * 100_000)
    return {
        "metadata 100,000 deep": lambda: with_text(b"".join(deep)),
        "a coordinate system that is a command": lambda: column(crs="+proj=pipeline +step +init=/etc/passwd:1"),
        "metadata that is no JSON": lambda: with_text(b"{"),
        "a geometry of numbers": lambda: geo(primary_column="Size", columns={"Size": {"encoding": "WKB"}}),
        "metadata that is no UTF-8": lambda: with_text(b"\xff\xfe\0"),
        "metadata of 10 MB": lambda: with_text(b'{"a": "' + b"x" * 10 * MEGABYTE + b'"}'),
        "metadata of 30 MB": lambda: with_text(b'{"a": "' + b"x" * 30 * MEGABYTE + b'"}'),
        "a primary column that there is not": lambda: geo(primary_column="other"),
        "a primary column that is a list": lambda: geo(primary_column=[]),
        "columns that are none": lambda: geo(columns=[1, 2]),
        "a geometry in another encoding": lambda: column(encoding="point"),
        "a coordinate system of nothing": lambda: column(crs={}),
        "a coordinate system that is a number": lambda: column(crs=4326),
        "a coordinate system that is a URL": lambda: column(crs="http://127.0.0.1:9/a.prj"),
        "a coordinate system 5,000 deep": lambda: column(crs={"type": "GeographicCRS", "a": _nested(500)}),
        "bounds that are columns": lambda: column(covering={"bbox": {"xmin": ["Name"], "ymin": [["a"]], "xmax": []}}),
        "types that are no names": lambda: column(geometry_types=[1, None, {}]),
        "a declaration of another file": lambda: parquet(
            columns, _GEO, {b"geostead": b'{"name": "..", "key": "..", "properties": [{"name": "..", "type": "a"}]}'}
        ),
    }


def _long_list(count: int) -> pa.ListArray:
    return pa.ListArray.from_arrays(pa.array([0, count], pa.int32()), pa.repeat(pa.scalar(0, pa.int8()), count))


def _nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value
