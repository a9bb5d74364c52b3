"""Hostile csv, tab and pipe files."""

from __future__ import annotations

import gzip
from random import Random

from tests.hostile.packing import MEGABYTE, Files, gzip_bomb, gzip_of_many, gzips_of, zips_of

PROPERTIES = (
    "EntityID(Edm.String,primaryKey)",
    "Name(Edm.String)",
    "Size(Edm.Int64)",
    "Open(Edm.Boolean)",
    "Since(Edm.DateTime)",
    "Latitude(Edm.Double)",
    "Longitude(Edm.Double)",
    "Area(Edm.Geography)",
)
LINE_1 = b"Bing Spatial Data Services, 1.0, Huts\n"
TEN_MEGABYTES = 10 * MEGABYTE


class Delimited:
    """Files with one delimiter."""

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter
        self._head = LINE_1 + self._line(*PROPERTIES)
        self.good = self._head + b"".join(
            self._line(f"H{n}", f"Hütte {n} 山", n, "yes", "2020-02-29T12:00:00Z", n, n / 2, "") for n in range(30)
        )

    def groups(self) -> list[Files]:
        """Return what makes each file."""
        return [self._cells(), self._encodings(), self._masses(), self._geographies(), self._headers()]

    def packed_groups(self) -> list[Files]:
        """Return archives, which are the same whatever the delimiter is."""
        return [gzips_of(self.good), zips_of("huts.csv", self.good), self._bombs()]

    def _bombs(self) -> Files:
        head = self._head
        return {
            "gzip bomb of one line": lambda: gzip_bomb(b"", b"x"),
            "gzip bomb of NULs": lambda: gzip_bomb(head, b"\0"),
            "gzip bomb of delimiters": lambda: gzip_bomb(head, self._delimiter.encode()),
            "gzip bomb of blank lines": lambda: gzip_bomb(head, b"\n"),
            "gzip bomb of quotes": lambda: gzip_bomb(head, b'"'),
            "20 MB of quotes and line ends": lambda: gzip_of_many(head, b'"\n', TEN_MEGABYTES),
            "gzip bomb of bad rows": lambda: gzip_bomb(head, self._line("H1", "a", "many", "", "", 1, 1)),
        }

    def _line(self, *cells: object) -> bytes:
        return self._delimiter.join(map(str, cells)).encode() + b"\n"

    def _row(self, **cells: str) -> bytes:
        """Return the file with one more row, some cells of which are given."""
        given = {"EntityID": "hostile", "Latitude": "1", "Longitude": "2", **cells}
        names = [declared.partition("(")[0] for declared in PROPERTIES]
        return self.good + self._line(*(given.get(name, "") for name in names))

    def _encodings(self) -> Files:
        good, text = self.good, self.good.decode()
        return {
            "UTF-16": lambda: text.encode("utf-16"),
            "NULs in cells": lambda: good.replace(b"H", b"H\0"),
            "Latin-1": lambda: text.replace("山", "").encode("latin-1"),
            "cut within a character": lambda: good[: good.rindex("山".encode()) + 1],
            "bytes at random after the header": lambda: self._head + Random(2).randbytes(MEGABYTE),
            "nothing": lambda: b"",
            "a byte order mark and nothing else": lambda: b"\xef\xbb\xbf",
            "UTF-16 without byte order mark": lambda: text.encode("utf-16-le"),
            "UTF-32": lambda: text.encode("utf-32"),
            "Shift JIS": lambda: text.replace("ü", "").encode("shift-jis"),
            "cut within a row": lambda: good[:-7],
            "overlong UTF-8": lambda: good.replace(b"H5", b"\xc0\xaf\xe0\x80\xaf"),
            "surrogates in UTF-8": lambda: good.replace(b"H5", b"\xed\xa0\x80\xed\xb0\x80"),
            "a byte order mark in the middle": lambda: good.replace(b"H5", b"\xef\xbb\xbf"),
            "NULs after the header": lambda: self._head + bytes(TEN_MEGABYTES),
            "control characters": lambda: good.replace(b"H5", bytes(range(1, 9))),
            "bytes at random": lambda: Random(1).randbytes(MEGABYTE),
            "a picture": lambda: b"\x89PNG\r\n\x1a\n" + Random(3).randbytes(1000),
        }

    def _headers(self) -> Files:
        good, rows = self.good, self.good.removeprefix(self._head)
        many = (f"P{n}(Edm.Int64)" for n in range(100_000))
        named = ("__proto__", "../../etc/passwd", "Name'; DROP TABLE jobs; --", "<script>", "x" * 51, "")
        return {
            "a header of 100,000 properties": lambda: LINE_1 + self._line(*many) + rows,
            "names that mean something elsewhere": lambda: (
                LINE_1 + self._line(*(f"{name}(Edm.String)" for name in named)) + rows
            ),
            "line 1 alone": lambda: LINE_1,
            "without header": lambda: rows,
            "both lines of the header alone": lambda: self._head,
            "a header of 10 MB": lambda: LINE_1 + b"A" * TEN_MEGABYTES + b"\n" + rows,
            "a header of parentheses": lambda: LINE_1 + b"(" * MEGABYTE + b"\n" + rows,
            "an entity type that leads elsewhere": lambda: good.replace(b"Huts", b"../../Huts", 1),
            "two keys": lambda: good.replace(b"Name(Edm.String)", b"Name(Edm.String,primaryKey)", 1),
            "another version": lambda: good.replace(b"1.0", b"999999999999", 1),
        }

    def _cells(self) -> Files:
        return {
            "a string of 10 MB": lambda: self._row(Name="x" * TEN_MEGABYTES),
            "a number of 10 MB": lambda: self._row(Size="1" * TEN_MEGABYTES),
            "a quote that is never closed": lambda: self._row(Name='"') + b"x\n" * MEGABYTE,
            "numbers that are none": lambda: b"".join(
                [
                    self.good,
                    *(self._line(f"N{n}", "", n, "", "", n, n) for n in ("NaN", "-inf", "1e999", "0x10", "1_0")),
                ]
            ),
            "formulas and markup": lambda: self._row(Name="=cmd|' /C calc'!A0<script>alert(1)</script>]]>&lt;"),
            "a string of 10 MB in quotes": lambda: self._row(Name='"' + 'x""\n' * (TEN_MEGABYTES // 4) + '"'),
            "a string of 30 MB": lambda: self._row(Name="x" * 3 * TEN_MEGABYTES),
            "an id of 10 MB": lambda: self._row(EntityID="x" * TEN_MEGABYTES),
            "a date of 10 MB": lambda: self._row(Since="2020-01-01T00:00:00." + "0" * TEN_MEGABYTES),
            "a latitude of 10 MB": lambda: self._row(Latitude="0." + "1" * TEN_MEGABYTES),
            "white space of 10 MB": lambda: self._row(Open=" " * TEN_MEGABYTES),
            "quotes within cells": lambda: self._row(Name='x"y"z') + b'"a"b"\n""""\n"""\n' * 1000,
        }

    def _geographies(self) -> Files:
        star = ", ".join(f"{n * 7919 % 1000 / 10} {n * 104729 % 997 / 20}" for n in range(3000))
        circle = ", ".join(f"{n / 1000} {n % 2}" for n in range(100_001))
        return {
            "collections 100,000 deep": lambda: self._row(Area="GEOMETRYCOLLECTION (" * 100_000 + "POINT (1 1)"),
            "a line of too many points": lambda: self._row(Area=f'"LINESTRING ({circle})"'),
            "a polygon that crosses itself everywhere": lambda: self._row(Area=f'"POLYGON (({star}, 0 0))"'),
            "a place off the world": lambda: self._row(Area="POINT (1e300 -1e300)"),
            "parentheses of 10 MB": lambda: self._row(Area="POLYGON " + "(" * TEN_MEGABYTES),
            "a polygon that is not closed": lambda: self._row(Area='"POLYGON ((0 0, 1 1, 1 0))"'),
            "a place that is none": lambda: self._row(Area="POINT (NaN Infinity)"),
        }

    def _masses(self) -> Files:
        head = self._head
        line = '"LINESTRING (' + "1 1,2 2," * 45_000 + '3 3)"'
        wide = LINE_1 + self._line(*PROPERTIES, *(f"P{n}(Edm.String)" for n in range(340)))
        return {
            "a row of a million cells": lambda: self.good + self._delimiter.encode() * MEGABYTE + b"\n",
            "compressed with gzip and cut off": lambda: gzip.compress(self.good)[:-20],
            "a bomb of rows": lambda: gzip_bomb(head, self._line("H1", "a", 1, "no", "", 1, 1, "")),
            "one row many times": lambda: head + self._line("H1", "", "", "", "", 1, 1, "") * 300_000,
            "blank lines": lambda: head + b"\r" * TEN_MEGABYTES,
            "many rows of too many cells": lambda: head + (self._delimiter.encode() * 100 + b"\n") * 50_000,
            "many bad rows": lambda: head + self._line("H1", "", "many") * 300_000,
            "a wide header and as many short rows as may be": lambda: (
                wide + b"".join(b"%d\n" % n for n in range(200_000))
            ),
            "a bomb of points": lambda: gzip_of_many(head, self._line("H1", "", 1, "", "", 1, 1, line), 550),
        }
