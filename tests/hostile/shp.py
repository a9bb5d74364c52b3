"""Hostile shapefiles."""

from __future__ import annotations

import struct
from functools import cache
from random import Random

import pyarrow as pa
import shapely

from tests.formats.gis_files import shapefile, shapefile_zip, zipped
from tests.hostile.packing import MEGABYTE, UPLOAD_LIMIT, Entry, Files, cut, gzips_of, zip_of, zips_of

_COUNT = 30
_FIRST_RECORD = 100
_CONTENT = _FIRST_RECORD + 8
"""Of the first record: shape type, box, number of parts, number of points, first points of parts, points."""
_PARTS, _POINTS, _FIRST_PARTS = _CONTENT + 36, _CONTENT + 40, _CONTENT + 44


@cache
def parts() -> dict[str, bytes]:
    """Return the files of a good shapefile, by suffix."""
    squares = [shapely.box(n, n / 2, n + 1, n / 2 + 1) for n in range(_COUNT)]
    columns = {"Name": pa.array([f"Hütte {n}" for n in range(_COUNT)]), "Size": pa.array(range(_COUNT), pa.int64())}
    made = shapefile(squares, columns, geometry_type="Polygon") | {".cpg": b"UTF-8"}
    return made | {".dbf": made[".dbf"][:1] + b"\x7e\x01\x01" + made[".dbf"][4:]}  # not the date of today


def good() -> bytes:
    """Return the good shapefile, packed."""
    return shapefile_zip(parts())


def groups() -> list[Files]:
    """Return what makes each file."""
    packed = (gzips_of(good()), zips_of("huts.shp", parts()[".shp"]))
    return [_archives(), _headers(), _records(), _tables(), _texts(), *packed]


def _with(**changed: bytes | None) -> bytes:
    """Return the shapefile with some parts changed, or left out."""
    merged = parts() | {f".{suffix}": content for suffix, content in changed.items()}
    return shapefile_zip({suffix: content for suffix, content in merged.items() if content is not None})


def _patched(suffix: str, at: int, layout: str, *numbers: float) -> bytes:
    """Return the shapefile with other numbers at a place in one of its parts."""
    content = bytearray(parts()[f".{suffix}"])
    struct.pack_into(layout, content, at, *numbers)
    return _with(**{suffix: bytes(content)})


def _headers() -> Files:
    shp, shx = (lambda: parts()[".shp"]), (lambda: parts()[".shx"])
    return {
        "a main file cut off": lambda: _with(shp=cut(shp(), 0.5)),
        "an index of bytes at random": lambda: _with(shx=shx()[:100] + Random(7).randbytes(len(shx()) - 100)),
        "a main file of bytes at random": lambda: _with(shp=shp()[:100] + Random(6).randbytes(len(shp()) - 100)),
        "a kind of shape that there is not": lambda: _patched("shp", 32, "<i", 77),
        "an empty main file": lambda: _with(shp=b""),
        "a main file that is only its header": lambda: _with(shp=shp()[:100]),
        "a main file that says that it is larger": lambda: _patched("shp", 24, ">i", 2**31 - 1),
        "a main file that says that it is smaller": lambda: _patched("shp", 24, ">i", 60),
        "a main file of a negative size": lambda: _patched("shp", 24, ">i", -1),
        "bounds that are no numbers": lambda: _patched("shp", 36, "<4d", *[float("nan")] * 4),
        "a main file of NULs": lambda: _with(shp=bytes(len(shp()))),
        "an empty index": lambda: _with(shx=b""),
        "an index cut off": lambda: _with(shx=cut(shx(), 0.6)),
        "an index of one place": lambda: _with(shx=shx()[:100] + shx()[100:108] * _COUNT),
        "an index beyond the end": lambda: _patched("shx", 100, ">2i", 2**30, 2**30),
        "an index of negative places": lambda: _patched("shx", 100, ">2i", -50, -50),
        "an index of a million places": lambda: _with(
            shx=shx()[:24] + struct.pack(">i", 50 + 4 * MEGABYTE) + shx()[28:100] + shx()[100:108] * MEGABYTE
        ),
        "no index, and a main file of NULs": lambda: _with(shp=shp()[:100] + bytes(len(shp()) - 100), shx=None),
        "no index, and records without end": lambda: _with(
            shp=_grown(shp()[:100] + bytes(MEGABYTE)), shx=None, dbf=None
        ),
    }


def _records() -> Files:
    return {
        "two thousand million points": lambda: _patched("shp", _POINTS, "<i", 2**31 - 1),
        "parts that begin beyond the points": lambda: _patched("shp", _FIRST_PARTS, "<i", 10**6),
        "a record of 2 GB": lambda: _patched("shp", _FIRST_RECORD, ">2i", 1, 2**30),
        "coordinates that are no numbers": lambda: _patched("shp", _FIRST_PARTS + 4, "<2d", float("nan"), float("inf")),
        "a record of a negative size": lambda: _patched("shp", _FIRST_RECORD, ">2i", 1, -4),
        "a record of nothing": lambda: _patched("shp", _FIRST_RECORD, ">2i", 1, 0),
        "a record of another kind": lambda: _patched("shp", _CONTENT, "<i", 31),
        "two thousand million parts": lambda: _patched("shp", _PARTS, "<i", 2**31 - 1),
        "fewer than no points": lambda: _patched("shp", _PARTS, "<2i", -1, -1),
        "parts that begin before the points": lambda: _patched("shp", _FIRST_PARTS, "<i", -5),
        "coordinates off the world": lambda: _patched("shp", _FIRST_PARTS + 4, "<2d", 1e300, -1e300),
        "a shape of too many points": lambda: shapefile_zip(
            shapefile([shapely.Point(0, 0).buffer(1, quad_segs=30_000)], geometry_type="Polygon")
        ),
        "a shape that crosses itself everywhere": lambda: shapefile_zip(
            shapefile([_star(3000)], geometry_type="Polygon")
        ),
        "100,000 parts in one shape": lambda: shapefile_zip(
            shapefile([shapely.multilinestrings([[[0, 0], [1, n]] for n in range(50_000)])], geometry_type="LineString")
        ),
    }


def _tables() -> Files:
    dbf = lambda: parts()[".dbf"]  # noqa: E731
    return {
        "four thousand million rows": lambda: _patched("dbf", 4, "<I", 2**32 - 1),
        "a table of NULs": lambda: _with(dbf=dbf()[:32] + bytes(len(dbf()) - 32)),
        "columns wider than rows": lambda: _with(dbf=dbf()[:48] + b"\xff" + dbf()[49:]),
        "no table": lambda: _with(dbf=None),
        "an empty table": lambda: _with(dbf=b""),
        "a table cut off": lambda: _with(dbf=cut(dbf(), 0.7)),
        "a table of bytes at random": lambda: _with(dbf=dbf()[:32] + Random(8).randbytes(len(dbf()) - 32)),
        "no rows in the table": lambda: _patched("dbf", 4, "<I", 0),
        "rows without size": lambda: _patched("dbf", 10, "<H", 0),
        "rows of 64 KB": lambda: _patched("dbf", 10, "<H", 65_535),
        "a header without columns": lambda: _patched("dbf", 8, "<H", 33),
        "a header of 64 KB": lambda: _patched("dbf", 8, "<H", 65_535),
        "columns of a type that there is not": lambda: _with(dbf=dbf()[:43] + b"?" + dbf()[44:]),
        "columns without width": lambda: _with(dbf=dbf()[:48] + b"\0" + dbf()[49:]),
        "a name without end": lambda: _with(dbf=dbf()[:32] + b"\xff" * 11 + dbf()[43:]),
        "a name that leads elsewhere": lambda: _with(dbf=dbf()[:32] + b"../../etc\0\0" + dbf()[43:]),
        "two columns of one name": lambda: _with(dbf=dbf()[:64] + dbf()[32:43] + dbf()[75:]),
        "400 columns": lambda: _with_table(rows=30, columns=400, width=9),
        "2,000 rows of 64 KB of blanks": lambda: _with_table(rows=2_000, columns=257, width=254),
    }


def _texts() -> Files:
    grids = 'GEOGCS["a",DATUM["b",SPHEROID["c",1,1],EXTENSION["PROJ4_GRIDS","http://127.0.0.1:9/a.gsb"]],'
    return {
        "an encoding that leads elsewhere": lambda: _with(cpg=b"../../../etc/passwd\0"),
        "a projection 8,000 deep": lambda: _with(prj=b"PROJCS[" * 8_000),
        "a projection that needs files from elsewhere": lambda: _with(
            prj=(grids + 'PRIMEM["d",0],UNIT["e",0.017]]').encode()
        ),
        "an encoding that there is not": lambda: _with(cpg=b"KLINGON"),
        "an encoding of 1 MB": lambda: _with(cpg=b"UTF-8" * 200_000),
        "an encoding that is none of text": lambda: _with(cpg=b"zlib_codec"),
        "an encoding that is another one": lambda: _with(cpg=b"UTF-16"),
        "a projection of 1 MB": lambda: _with(prj=b"GEOGCS[" * 150_000),
        "a projection of bytes at random": lambda: _with(prj=Random(9).randbytes(5000)),
        "a projection of nothing": lambda: _with(
            prj=b'GEOGCS["a",DATUM["b",SPHEROID["c",0,0]],PRIMEM["d",0],UNIT["e",0]]'
        ),
        "a projection that is a command": lambda: _with(
            prj=b"+proj=pipeline +step +proj=pipeline +step +init=/etc/passwd"
        ),
    }


def _archives() -> Files:
    stem, shp = "Huts", (lambda: parts()[".shp"])
    members = {f"{stem}{suffix}": content for suffix, content in parts().items()}
    return {
        "a shapefile and something that leads above": lambda: zipped(members | {"../../Huts.shx": b"a"}),
        "a table that is a bomb": lambda: zip_of(
            Entry.of("Huts.shp", shp()), Entry.of_many("Huts.dbf", b"", bytes(MEGABYTE), UPLOAD_LIMIT // MEGABYTE)
        ),
        "a main file that is a virtual file of GDAL": lambda: zipped(
            members | {"Huts.shp": b"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>/etc/passwd"}
        ),
        "two shapefiles": lambda: zipped(members | {"Other.shp": shp()}),
        "nothing": lambda: b"",
        "a main file that is not packed": shp,
        "bytes at random": lambda: b"PK\x03\x04" + Random(10).randbytes(MEGABYTE),
        "no main file": lambda: zipped({"Huts.dbf": parts()[".dbf"]}),
        "parts in different folders": lambda: zipped({f"{n}/{name}": c for n, (name, c) in enumerate(members.items())}),
        "a shapefile and a virtual file of GDAL": lambda: zipped(
            members | {"Huts.vrt": b"<OGRVRTDataSource/>", "Huts.cpg": b"UTF-8", "Huts.shp.xml": b"<!DOCTYPE a>"}
        ),
        "a main file that is a GeoJSON": lambda: zipped({"Huts.shp": b'{"type": "FeatureCollection", "features": []}'}),
        "200 MB of empty shapes": lambda: zip_of(*_empty_shapes(10_000_000)),
    }


def _grown(shp: bytes) -> bytes:
    """Return a main file whose header says how long it is."""
    return shp[:24] + struct.pack(">i", len(shp) // 2) + shp[28:]


def _star(count: int) -> shapely.Polygon:
    return shapely.Polygon([(n * 7919 % 1000 / 10, n * 104729 % 997 / 20) for n in range(count)])


def _with_table(*, rows: int, columns: int, width: int) -> bytes:
    """Return empty shapes with a table of blanks."""
    size = 1 + width * columns
    header = struct.pack("<4BIHH20x", 3, 100, 1, 1, rows, 32 + 32 * columns + 1, size)
    fields = b"".join(struct.pack("<11sc4xBB14x", b"P%d" % n, b"C", width, 0) for n in range(columns)) + b"\r"
    return zip_of(*_empty_shapes(rows), Entry.of_many("Huts.dbf", header + fields, b" " * size, rows))


def _empty_shapes(count: int) -> tuple[Entry, Entry]:
    """Return a main file and an index of so many empty shapes, all of which have one number."""
    shp, shx = parts()[".shp"][:100], parts()[".shx"][:100]
    record, place = struct.pack(">2i", 1, 2) + bytes(4), struct.pack(">2i", 50, 2)
    step = 1000 if count >= 1000 else count
    sizes = [struct.pack(">i", 50 + 6 * count), struct.pack(">i", 50 + 4 * count)]
    return (
        Entry.of_many("Huts.shp", shp[:24] + sizes[0] + shp[28:], record * step, count // step),
        Entry.of_many("Huts.shx", shx[:24] + sizes[1] + shx[28:], place * step, count // step),
    )
