"""Follows an XML parser through KML: which elements count, and where Placemarks begin and end.

Names are compared without namespace: files of every version of KML, and files that declare none, are read alike. So
the parser is to leave prefixes as they are written; many files use some that they never declare.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from xml.parsers.expat import XMLParserType

from geostead.errors import UnreadableUpload
from geostead.formats.xml.stream import MAX_DEPTH, refuse_depth

EXPECTED = "KML, whose root element is <kml>"
_IGNORED = frozenset(("NetworkLinkControl", "Update"))
"""What changes other files, or Placemarks that stand elsewhere."""

Attributes = Mapping[str, str]


class KmlWalk:
    """Knows the place in the file; what is found there is for subclasses."""

    def __init__(self) -> None:
        self.placemark_count = 0
        """Placemarks begun so far."""
        self.depth = 0
        """Of the current element; 1 is the root."""
        self.placemark_depth = 0
        """Of the current Placemark; 0 outside of all."""
        self._ignored_depth = 0
        self.starts: dict[str, Callable[[Attributes], None]] = {}
        """By local name what is called at the start of an element."""
        self.ends: dict[str, Callable[[], None]] = {}
        """By local name what is called at the end of an element, while ``depth`` still is its depth."""

    def attach(self, parser: XMLParserType) -> None:
        """Let the parser call this."""
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end

    @property
    def place(self) -> str:
        """Say for people where in the file this is."""
        return place_of(self.placemark_count - 1).capitalize() if self.placemark_count else ""

    def start_placemark(self, attributes: Attributes) -> None:
        """Begin a Placemark."""

    def end_placemark(self) -> None:
        """End a Placemark."""

    def _start(self, given: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            refuse_depth()
        name = given.rpartition(":")[2]
        if self.depth == 1:
            _check_root(name)
        elif self._ignored_depth:
            return
        elif name in _IGNORED:
            self._ignored_depth = self.depth
        elif name == "Placemark" and not self.placemark_depth:
            self.placemark_depth = self.depth
            self.placemark_count += 1
            self.start_placemark(attributes)
        elif name in self.starts:
            self.starts[name](attributes)

    def _end(self, given: str) -> None:
        if self._ignored_depth:
            if self._ignored_depth == self.depth:
                self._ignored_depth = 0
        elif self.placemark_depth == self.depth:
            self.end_placemark()
            self.placemark_depth = 0
        else:
            name = given.rpartition(":")[2]
            if name in self.ends:
                self.ends[name]()
        self.depth -= 1


def place_of(row: int) -> str:
    """Say for people where a row is."""
    return f"placemark {row + 1}"


def _check_root(name: str) -> None:
    if name.lower() != "kml":
        raise UnreadableUpload(f"The root element is <{name[:60]}>; expected {EXPECTED}. Is input= right?")
