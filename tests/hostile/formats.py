"""Every input format with its good file and its hostile ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from tests.hostile import geojson, geoparquet, kml, shp, xml
from tests.hostile.delimited import Delimited
from tests.hostile.packing import Files, Make


@dataclass(frozen=True)
class Format:
    """One format."""

    input: str
    """The parameter of the load."""
    good: Make
    groups: Sequence[Files]
    """The hostile files."""

    def files(self, count: int | None = None) -> Files:
        """Return all hostile files, or ``count`` of them: the first ones of every group."""
        rounds = zip_longest(*(group.items() for group in self.groups))
        every = [item for one_of_each in rounds for item in one_of_each if item is not None]
        files = dict(every)
        assert len(files) == len(every), "two files have one name"
        return dict(every[:count])


_CSV, _TAB, _PIPE = Delimited(","), Delimited("\t"), Delimited("|")

FORMATS = {
    "csv": Format("csv", lambda: _CSV.good, [*_CSV.groups(), *_CSV.packed_groups()]),
    "tab": Format("tab", lambda: _TAB.good, _TAB.groups()),
    "pipe": Format("pipe", lambda: _PIPE.good, _PIPE.groups()),
    "xml": Format("xml", lambda: xml.GOOD, xml.groups()),
    "kml": Format("kml", lambda: kml.GOOD, kml.groups()),
    "kmz": Format("kml", lambda: kml.GOOD_KMZ, kml.kmz_groups()),
    "shp": Format("shp", shp.good, shp.groups()),
    "geojson": Format("geojson", lambda: geojson.GOOD, geojson.groups()),
    "geoparquet": Format("geoparquet", geoparquet.good, geoparquet.groups()),
}
