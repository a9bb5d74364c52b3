"""Files that were made to do harm, or came to it: what a reader makes of them, and how large its process becomes.

``python -m tests.formats.hostile_gis kml`` reads all files of a format and prints what came of each.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import shapely

from geostead.errors import LoadError
from geostead.model.job import InputFormat
from tests.formats.gis_files import data, kml, line, placemark, point, polygon, shapefile, shapefile_zip, zipped
from tests.formats.reading import opened
from tests.memory import most_memory_bytes

SEED = 20_101_112
MB = 10**6
UPLOAD_BYTES = 100 * MB
MUTATIONS = 12

Named = Iterator[tuple[str, bytes]]


def kml_files() -> Named:
    """Make hostile KML."""
    good = kml("".join(placemark(f"<name>{n}</name>{data(a=str(n))}{polygon('0,0 4,0 4,4')}") for n in range(50)))
    ring = " ".join(f"{np.cos(a):.6f},{np.sin(a):.6f}" for a in np.linspace(0, 6.2, 150_000))
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "lol"}">' for n in range(12))
    yield "billion laughs", f"<!DOCTYPE kml [{entities}]><kml>&a11;</kml>".encode()
    yield "external entity", b'<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml><name>&x;</name></kml>'
    yield "external definition", b'<!DOCTYPE kml SYSTEM "http://127.0.0.1:9/x.dtd"><kml/>'
    yield "entity without a definition", kml(placemark("<name>&x;</name>"))
    yield "deep folders", kml("<Folder>" * 200_000)
    yield "deep geometries", kml(placemark("<MultiGeometry>" * 200_000))
    yield "ten megabyte name", kml(placemark(f"<name>{'x' * 10 * MB}</name>"))
    yield "ten megabyte value", kml(placemark(data(a="x" * 10 * MB)))
    yield "ten megabyte number", kml(placemark(point("1" * 10 * MB + ",2")))
    yield "ten megabytes of commas", kml(placemark(point("," * 10 * MB)))
    yield "ten megabytes of blanks", kml(placemark(point(" ," * 5 * MB)))
    yield "a line of too many points", kml(placemark(line("1,2 " * 5 * MB)))
    yield "a polygon of too many points", kml(placemark(polygon(ring)))
    yield (
        "a track of too many points",
        kml(placemark("<gx:Track>" + "<gx:coord>1 2</gx:coord>" * 500_000 + "</gx:Track>")),
    )
    yield "too many parts", kml(placemark(f"<MultiGeometry>{point('1,2') * 200_000}</MultiGeometry>"))
    yield "a tag of a megabyte", kml(placemark(entity_id="x" * 2 * MB))
    yield "a comment without end", b"<kml><!--" + b"x" * 10 * MB
    yield "a section without end", b"<kml><Placemark><name><![CDATA[" + b"x" * 10 * MB
    yield "too many names of elements", kml("".join(f"<e{n}/>" for n in range(50_000)))
    yield "too many properties", kml("".join(placemark(data(**{f"p{n}": "1"})) for n in range(1000)))
    yield "names that differ late", kml(placemark(data(**{"x" * 900 + str(n): "1" for n in range(300)})))
    yield "nothing but placemarks", kml("<Placemark/>" * 300_000)
    yield "NUL", kml(placemark(f"<name>a\0b</name>{point('1,2')}"))
    yield "UTF-16", good.decode().encode("utf-16")
    yield "UTF-16 without mark", good.decode().encode("utf-16-le")
    yield "Latin-1", kml(placemark("<name>Höhe</name>")).decode().encode("latin-1")
    yield "another encoding declared", good.replace(b"UTF-8", b"EBCDIC-CP-US")
    yield "numbers that overflow", kml(placemark(point("1e999,1") + point("-1e308,1e308")))
    yield "gzip bomb", gzip.compress(b"<kml>" + bytes(b" " * 2 * UPLOAD_BYTES), 1)
    yield from _mutations(good)


def kmz_files() -> Named:
    """Make hostile KMZ."""
    document = kml(placemark(point("1,2"), "a"))
    good = zipped({"doc.kml": document, "a.png": b"\x89PNG" * 100})
    nested = document
    for _ in range(5):
        nested = zipped({"doc.kml": nested})
    encrypted = bytearray(zipped({"doc.kml": document}))
    encrypted[6] |= 1
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    lying = bytearray(good)
    struct.pack_into("<I", lying, lying.index(b"PK\x01\x02") + 24, 10)
    yield "bomb", zipped({"doc.kml": b"<kml>" + b" " * 2 * UPLOAD_BYTES})
    yield "bomb beside", zipped({"doc.kml": document, "bomb.bin": bytes(2 * UPLOAD_BYTES)})
    yield "nested", nested
    yield "parent path", zipped({"../doc.kml": document})
    yield "parent path beside", zipped({"doc.kml": document, "a/../../x": b""})
    yield "absolute path", zipped({"/doc.kml": document})
    yield "drive path", zipped({"C:\\doc.kml": document})
    yield "encrypted", bytes(encrypted)
    yield "size that lies", bytes(lying)
    yield "bzip2", _packed(zipfile.ZIP_BZIP2, document)
    yield "LZMA", _packed(zipfile.ZIP_LZMA, document)
    yield "no entries", zipped({})
    yield "no KML", zipped({"a.txt": b"x"})
    yield "folder named doc.kml", zipped({"doc.kml/": b""})
    yield "many entries", zipped({"doc.kml": document} | {f"{n}.png": b"" for n in range(20_000)})
    yield "definition", zipped({"doc.kml": b'<!DOCTYPE kml [<!ENTITY a "b">]><kml>&a;</kml>'})
    yield "picture", zipped({"doc.kml": b"\x89PNG\r\n\x1a\n" + bytes(1000)})
    yield "UTF-16", zipped({"doc.kml": document.decode().encode("utf-16")})
    yield "ten megabyte value", zipped({"doc.kml": kml(placemark(data(a="x" * 10 * MB)))})
    yield "NUL in a name", zipped({"doc\0.kml": document})
    yield "long name", zipped({"x" * 60_000 + ".kml": document})
    yield "directory at the wrong place", good[:-6] + struct.pack("<I", 2**31) + good[-2:]
    yield "gzip around it", gzip.compress(good)
    yield from _mutations(good)


def shp_files() -> Named:
    """Make hostile shapefiles."""
    boxes = [shapely.box(n, n, n + 1, n + 1) for n in range(20)]
    columns = {"n": pa.array(range(20)), "s": pa.array([f"ä{n}" for n in range(20)])}
    good = shapefile(boxes, columns, geometry_type="Polygon")

    def changed(suffix: str, offset: int, content: bytes) -> bytes:
        return shapefile_zip(good | {suffix: _changed(good[suffix], offset, content)})

    yield "not a ZIP", good[".shp"]
    yield "bomb", shapefile_zip(good | {".dbf": bytes(2 * UPLOAD_BYTES)})
    yield "bomb beside", zipped({f"a{s}": c for s, c in good.items()} | {"a.bin": bytes(2 * UPLOAD_BYTES)})
    yield "nested", zipped({"a.shp": shapefile_zip(good)})
    yield "parent path", shapefile_zip(good, "../../a")
    yield "another driver's file", shapefile_zip(good | {".shp": b"<OGRVRTDataSource></OGRVRTDataSource>"})
    yield "absurd number of rows", changed(".dbf", 4, b"\xff\xff\xff\x7f")
    yield "absurd length of rows", changed(".dbf", 10, b"\xff\xff")
    yield "no rows in the table", changed(".dbf", 4, bytes(4))
    yield "absurd header of the table", changed(".dbf", 8, b"\x21\0")
    yield "NUL in names of columns", changed(".dbf", 32, bytes(11))
    yield "control codes in names of columns", changed(".dbf", 32, bytes(range(1, 12)))
    yield "unknown type of column", changed(".dbf", 43, b"?")
    yield "absurd width of column", changed(".dbf", 48, b"\xff")
    yield "absurd number of parts", changed(".shp", 100 + 8 + 36, b"\xff\xff\xff\x7f")
    yield "negative number of points", changed(".shp", 100 + 8 + 40, b"\xff\xff\xff\xff")
    yield "absurd start of a part", changed(".shp", 100 + 8 + 44, b"\xff\xff\xff\x7f")
    yield "absurd length of a record", changed(".shp", 100 + 4, b"\x7f\xff\xff\xff")
    yield "coordinates that are no numbers", changed(".shp", 100 + 8 + 48, b"\xff" * 64)
    yield "unknown type of shape", changed(".shp", 32, struct.pack("<i", 99))
    yield "patches", changed(".shp", 32, struct.pack("<i", 31))
    yield "absurd place in the index", changed(".shx", 100, b"\x7f\xff\xff\xff")
    yield "absurd length in the index", changed(".shx", 104, b"\x7f\xff\xff\xff")
    yield (
        "no index and a damaged record",
        shapefile_zip({".shp": _changed(good[".shp"], 104, bytes(4)), ".dbf": good[".dbf"]}),
    )
    yield "too many columns", shapefile_zip({".shp": good[".shp"], ".dbf": _table(2000, 20)})
    yield "projection of a megabyte", shapefile_zip(good | {".prj": b"GEOGCS[" * 10**5})
    yield "deep projection", shapefile_zip(good | {".prj": b"GEOGCS[" * 9000})
    yield "encoding that runs code", shapefile_zip(good | {".cpg": b"unicode_escape"})
    yield "Latin-1 that says it is UTF-8", shapefile_zip(good | {".dbf": good[".dbf"].replace("ä".encode(), b"\xe4x")})
    yield "a ring of a million points", shapefile_zip({".shp": _shp(_rings(1, 10**6))})
    yield "a ring of two million points", shapefile_zip({".shp": _shp(_rings(1, 2 * 10**6))})
    yield "many rings", shapefile_zip({".shp": _shp(_rings(2000, 5))})
    yield from ((f"{name} of .shp", content) for name, content in _part_mutations(good, ".shp"))
    yield from ((f"{name} of .dbf", content) for name, content in _part_mutations(good, ".dbf"))


FILES: dict[str, tuple[InputFormat, Callable[[], Named]]] = {
    "kml": (InputFormat.KML, kml_files),
    "kmz": (InputFormat.KML, kmz_files),
    "shp": (InputFormat.SHP, shp_files),
}


def read(input_format: InputFormat, content: bytes) -> str:
    """Read to the end, keeping nothing; return why it was refused, or how many rows were bad."""
    try:
        batches = opened(content, input_format, upload_bytes=UPLOAD_BYTES).batches()
        bad_count = sum(issue.is_error for batch in batches for issue in batch.issues)
        return f"{bad_count} bad rows"
    except LoadError as error:
        return f"refused: {error}"


def main() -> None:
    """Print what came of each file, and the most memory, in MB, that this process and the largest child had."""
    input_format, files = FILES[sys.argv[1]]
    outcomes = {name: read(input_format, content) for name, content in files()}
    json.dump({"outcomes": outcomes, "memory_mb": most_memory_bytes() // 10**6}, sys.stdout)


def _mutations(content: bytes) -> Named:
    """Cut a file at random places, and change it at random places."""
    chance = random.Random(SEED)
    for number in range(MUTATIONS):
        yield f"truncation {number}", content[: chance.randrange(1, len(content))]
        changed = bytearray(content)
        for _ in range(chance.choice((1, 5, 50))):
            changed[chance.randrange(len(content))] = chance.randrange(256)
        yield f"mutation {number}", bytes(changed)


def _part_mutations(files: dict[str, bytes], suffix: str) -> Named:
    """Do so with a part of a shapefile, which says then that it is as long as it is."""
    for name, content in list(_mutations(files[suffix]))[: MUTATIONS // 2]:
        is_shape = suffix == ".shp" and len(content) >= 100
        head = files[suffix][:24] + struct.pack(">I", len(content) // 2) if is_shape else b""
        yield name, shapefile_zip({**files, suffix: _changed(content, 0, head)})


def _changed(content: bytes, offset: int, part: bytes) -> bytes:
    return content[:offset] + part + content[offset + len(part) :]


def _packed(compression: int, content: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", compression) as archive:
        archive.writestr("doc.kml", content)
    return sink.getvalue()


def _table(column_count: int, row_count: int) -> bytes:
    """Make a .dbf file of empty numbers."""
    columns = b"".join(
        f"c{n}".encode().ljust(11, b"\0") + b"N" + bytes(4) + b"\x09" + bytes(15) for n in range(column_count)
    )
    head = struct.pack("<4BIHH20x", 3, 124, 1, 1, row_count, 32 + len(columns) + 1, 9 * column_count + 1)
    return head + columns + b"\r" + b" " * row_count * (9 * column_count + 1)


def _rings(ring_count: int, point_count: int) -> bytes:
    """Make the shape of a record with many rings, or long ones."""
    angles = np.linspace(0, -2 * np.pi, point_count)
    ring = np.column_stack((np.cos(angles), np.sin(angles)))
    ring[-1] = ring[0]
    places = np.concatenate([ring / (1 + number) for number in range(ring_count)])
    head = struct.pack("<i4dii", 5, -1, -1, 1, 1, ring_count, len(places))
    return head + (np.arange(ring_count, dtype="<i4") * point_count).tobytes() + places.astype("<f8").tobytes()


def _shp(shape: bytes) -> bytes:
    """Make a .shp file of one record."""
    size = 100 + 8 + len(shape)
    head = struct.pack(">i20xI", 9994, size // 2) + struct.pack("<ii8d", 1000, 5, -1, -1, 1, 1, 0, 0, 0, 0)
    return head + struct.pack(">ii", 1, len(shape) // 2) + shape


if __name__ == "__main__":
    main()
