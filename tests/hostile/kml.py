"""Hostile KML, and the same in KMZ."""

from __future__ import annotations

from tests.formats.gis_files import data, kml, line, placemark, point, polygon, zipped
from tests.hostile.packing import MEGABYTE, Entry, Files, gzip_bomb, gzips_of, zip_bomb, zip_of, zips_of
from tests.hostile.xml_text import XmlText

_TEN_MEGABYTES = 10 * MEGABYTE
_PLACEMARKS = "".join(
    placemark(f"<name>Hut {n}</name>{data(Size=str(n), Owner='Club')}{point(f'{n},{n / 2},100')}", f"H{n}")
    for n in range(30)
)
GOOD = kml(_PLACEMARKS)
GOOD_KMZ = zipped({"doc.kml": GOOD})
_TEXT = XmlText(GOOD, b"Hut 5")
_OPEN = GOOD.removesuffix(b"</Document></kml>")


def _with(inside: str) -> bytes:
    """Return the file with one more Placemark."""
    return kml(_PLACEMARKS + placemark(inside, "hostile"))


def groups() -> list[Files]:
    """Return what makes each file."""
    return [*_TEXT.groups(), _places(), _elements(), gzips_of(GOOD), _bombs()]


def kmz_groups() -> list[Files]:
    """Return what makes each KMZ."""
    return [zips_of("doc.kml", GOOD), _packed(_TEXT.entities()), _packed(_places()), _documents()]


def _bombs() -> Files:
    return {
        "gzip bomb of open elements": lambda: gzip_bomb(b"<kml>", b"<Folder>"),
        "gzip bomb of coordinates": lambda: gzip_bomb(_OPEN + b"<Placemark><LineString><coordinates>", b"1,1 "),
        "gzip bomb of names": lambda: gzip_bomb(_OPEN + b"<Placemark><name>", b"x"),
        "gzip bomb of one Placemark": lambda: gzip_bomb(_OPEN, b"<Placemark/>"),
        "gzip bomb of points": lambda: gzip_bomb(_OPEN + b"<Placemark>", point("1,1").encode()),
        "gzip bomb of values": lambda: gzip_bomb(_OPEN + b"<Placemark>", data(Size="1").encode()),
    }


def _packed(files: Files) -> Files:
    return {name: lambda make=make: zipped({"doc.kml": make()}) for name, make in files.items()}


def _documents() -> Files:
    doc = Entry.of("doc.kml", GOOD)
    return {
        "without KML": lambda: zipped({"readme.txt": b"hello"}),
        "a KML that is a KMZ": lambda: zipped({"doc.kml": GOOD_KMZ}),
        "two documents": lambda: zip_of(doc, Entry.of("other.kml", kml(placemark(point("1,1"))))),
        "a good document beside a bomb": lambda: zip_of(doc, Entry.of_many("a.png", b"", bytes(MEGABYTE), 300)),
        "a document in folders 1,000 deep": lambda: zipped({"a/" * 1000 + "doc.kml": GOOD}),
        "a folder named as a document": lambda: zipped({"doc.kml/": b"", "doc.kml/doc.kml": GOOD}),
        "links to other files": lambda: zipped(
            {"doc.kml": kml("<NetworkLink><Link><href>../../etc/passwd</href></Link></NetworkLink>" + _PLACEMARKS)}
        ),
        "a bomb of Placemarks": lambda: zip_bomb("doc.kml", _OPEN, placemark(point("1,1")).encode()),
        "a bomb of one long word": lambda: zip_bomb("doc.kml", b"", b"x"),
    }


def _places() -> Files:
    star = " ".join(f"{n * 7919 % 1000 / 10},{n * 104729 % 997 / 20}" for n in range(3000))
    circle = " ".join(f"{n / 1000},{n % 2}" for n in range(100_001))
    squares = [" ".join(f"{x + n / 1000},{y}" for x, y in ((0, 0), (1, 0), (1, 1), (0, 0))) for n in range(2000)]
    return {
        "coordinates of 10 MB": lambda: _with(line("1" * _TEN_MEGABYTES)),
        "a line of too many points": lambda: _with(line(circle)),
        "numbers that are none": lambda: _with(line("nan,inf 1e999,-1e999 0x1,1_0 1,2,3,4")),
        "a polygon that crosses itself everywhere": lambda: _with(polygon(star)),
        "coordinates of 10 MB of commas": lambda: _with(line("," * _TEN_MEGABYTES)),
        "coordinates of 10 MB of blanks": lambda: _with(line(" ," * (_TEN_MEGABYTES // 2))),
        "a line of points in many pieces": lambda: _with(f"<LineString>{line('1,1 2,2') * 100_000}</LineString>"),
        "a polygon with 2,000 holes on each other": lambda: _with(polygon("0,0 9,0 9,9 0,0", *squares)),
        "a ring of two points": lambda: _with(polygon("0,0 1,1")),
        "places off the world": lambda: _with(line("1e300,1e300 -1e300,0")),
        "geometries 90 deep": lambda: _with("<MultiGeometry>" * 90 + point("1,1") + "</MultiGeometry>" * 90),
        "100,000 points in one": lambda: _with(f"<MultiGeometry>{point('1,1') * 100_000}</MultiGeometry>"),
        "a point in a point": lambda: _with(f"<Point>{point('1,1')}</Point>"),
        "coordinates outside of geometries": lambda: _with("<coordinates>1,1</coordinates>"),
    }


def _elements() -> Files:
    fields = "".join(f'<SimpleField name="P{n}" type="int"/>' for n in range(400))
    names = {"__proto__": "1", "EntityID": "2", "Latitude": "x", "../../a": "3", "": "4", "é" * 60: "5"}
    return {
        "names that mean something elsewhere": lambda: _with(data(**names)),
        "100,000 properties": lambda: _with("".join(data(**{f"P{n}": "1"}) for n in range(100_000))),
        "a link to a file": lambda: kml("<NetworkLink><Link><href>file:///etc/passwd</href></Link></NetworkLink>"),
        "an id of 500 KB": lambda: _with("").replace(b"hostile", b"x" * 500_000),
        "no Placemark": lambda: kml(""),
        "another root": lambda: GOOD.replace(b"kml", b"html"),
        "Placemarks 90 deep": lambda: kml("<Placemark>" * 90 + "</Placemark>" * 90),
        "a schema of 400 properties": lambda: kml(f"<Schema>{fields}</Schema>{_PLACEMARKS}"),
        "a property 100,000 times": lambda: _with(data(Size="1") * 100_000),
        "one id many times": lambda: kml(placemark(point("1,1"), "a") * 100_000),
        "an update of itself": lambda: kml(f"<NetworkLinkControl><Update>{_PLACEMARKS}</Update></NetworkLinkControl>"),
        "a description of markup": lambda: _with("<description><![CDATA[<script>alert(1)</script>]]></description>"),
    }
