"""The second look at KML: Placemarks to rows (data-formats.md, section 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from xml.parsers.expat import XMLParserType

from geostead.formats.gis.attributes import GEOMETRY
from geostead.formats.kml.coordinates import BadCoordinates
from geostead.formats.kml.shapes import KmlShape
from geostead.formats.kml.survey import data_name
from geostead.formats.kml.walk import Attributes, KmlWalk
from geostead.formats.rows.entity_batches import Fault
from geostead.model.entity_type import Property
from geostead.model.limits import MAX_STRING_LENGTH

NAME, DESCRIPTION = "Name", "Description"

_MAX_VALUE_CHARACTERS = 100 * MAX_STRING_LENGTH
"""More is not kept of a value: that it is too long is all that matters about it then."""
_MAX_COORDINATE_CHARACTERS = 2**27
"""More than the whole element may have."""


@dataclass(slots=True)
class Placemark:
    """One Placemark, read."""

    given_id: str
    """'' if it has none."""
    values: dict[str, str] = field(default_factory=dict)
    """By property, as they are written, without white space around them; never ''."""
    wkb: bytes | None = None
    polygon_count: int = 0
    fault: Fault | None = None
    """The first thing that is wrong with it."""


class KmlPlacemarks(KmlWalk):
    """Collects Placemarks while the parser runs."""

    def __init__(self, properties: Mapping[str, Property], max_points: int) -> None:
        """``properties`` are those of the extended data, by the names that the file gives.

        ``max_points``: of one Placemark; where there are more, they are not kept.
        """
        super().__init__()
        self.finished: list[Placemark] = []
        """In file order."""
        self._properties = properties
        self._max_points = max_points
        self._current = Placemark("")
        self._shape = KmlShape(max_points)
        self._has_bad_shape = False
        self._data_property: str | None = None
        self._extended_depth = 0
        self._text = _Text()
        self._take_values()
        self._take_shapes()

    def attach(self, parser: XMLParserType) -> None:
        """Let the parser call this."""
        super().attach(parser)
        parser.CharacterDataHandler = self._text.add

    def start_placemark(self, attributes: Attributes) -> None:
        """Begin a Placemark."""
        self._current = Placemark(attributes.get("id", ""))
        self._shape = KmlShape(self._max_points)
        self._has_bad_shape = False
        self._data_property = None
        self._extended_depth = 0

    def end_placemark(self) -> None:
        """Keep the Placemark."""
        if not self._has_bad_shape:
            self._current.wkb = self._shape.wkb
        self._current.polygon_count = self._shape.polygon_count
        self.finished.append(self._current)

    def take(self) -> list[Placemark]:
        """Hand over what is finished and begin anew."""
        taken, self.finished = self.finished, []
        return taken

    def _take_values(self) -> None:
        for element, name in (("name", NAME), ("description", DESCRIPTION)):
            self.starts[element] = partial(self._start_child, name)
        self.starts |= {
            "ExtendedData": self._start_extended,
            "Data": self._start_data,
            "SimpleData": self._start_simple_data,
            "value": self._start_value,
        }
        self.ends |= dict.fromkeys(("name", "description", "SimpleData", "value"), self._end_text)
        self.ends["ExtendedData"] = self._end_extended

    def _take_shapes(self) -> None:
        for element, end in (
            ("Point", KmlShape.end_point),
            ("LineString", KmlShape.end_line),
            ("LinearRing", KmlShape.end_ring),
            ("Track", KmlShape.end_track),
        ):
            self.starts[element] = self._starts_shape(KmlShape.start)
            self.ends[element] = partial(self._shape_step, end)
        self.starts["Polygon"] = self._starts_shape(KmlShape.start_polygon)
        self.ends["Polygon"] = partial(self._shape_step, KmlShape.end_polygon)
        self.starts["outerBoundaryIs"] = self._starts_shape(partial(KmlShape.start_boundary, is_inner=False))
        self.starts["innerBoundaryIs"] = self._starts_shape(partial(KmlShape.start_boundary, is_inner=True))
        for element, take in (("coordinates", KmlShape.read_coordinates), ("coord", KmlShape.read_track_place)):
            self.starts[element] = partial(self._start_coordinates, take)
            self.ends[element] = self._end_text

    def _start_child(self, name: str, _: Attributes) -> None:
        if self.placemark_depth and self.depth == self.placemark_depth + 1:
            self._collect(name)

    def _start_extended(self, _: Attributes) -> None:
        if self.placemark_depth and not self._extended_depth:
            self._extended_depth = self.depth

    def _end_extended(self) -> None:
        if self._extended_depth == self.depth:
            self._extended_depth = 0

    def _start_data(self, attributes: Attributes) -> None:
        self._data_property = self._find(attributes)

    def _start_simple_data(self, attributes: Attributes) -> None:
        self._collect(self._find(attributes))

    def _start_value(self, _: Attributes) -> None:
        self._collect(self._data_property)

    def _find(self, attributes: Attributes) -> str | None:
        found = self._properties.get(data_name(attributes))
        return found.name if found and self._extended_depth else None

    def _collect(self, name: str | None) -> None:
        if name and not self._text.is_open:
            self._text.start(self.depth, _MAX_VALUE_CHARACTERS, partial(self._add_value, name))

    def _end_text(self) -> None:
        self._text.end(self.depth)

    def _add_value(self, name: str, text: str) -> None:
        text = text.strip()
        if name in self._current.values and text:
            self._add_fault(Fault(name, "two values", "one value of this name"))
        elif text:
            self._current.values[name] = text

    def _add_fault(self, fault: Fault) -> None:
        if self._current.fault is None:
            self._current.fault = fault

    def _starts_shape(self, step: Callable[[KmlShape], None]) -> Callable[[Attributes], None]:
        return lambda _: self._shape_step(step)

    def _start_coordinates(self, take: Callable[[KmlShape, str], None], _: Attributes) -> None:
        if self._wants_shape and not self._text.is_open:
            self._text.start(
                self.depth,
                _MAX_COORDINATE_CHARACTERS,
                lambda text: self._shape_step(lambda shape: take(shape, text)),
            )

    def _shape_step(self, step: Callable[[KmlShape], None]) -> None:
        """Do something with the shape; what is wrong there makes the Placemark bad."""
        if not self._wants_shape:
            return
        try:
            step(self._shape)
        except BadCoordinates as error:
            self._add_fault(Fault(GEOMETRY, error.found, error.expected))
            self._has_bad_shape = True

    @property
    def _wants_shape(self) -> bool:
        return bool(self.placemark_depth) and not self._extended_depth and not self._has_bad_shape


class _Text:
    """Collects the text of one element, that of elements inside of it included."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._depth = 0
        self._room = 0
        self._take: Callable[[str], object] = str

    @property
    def is_open(self) -> bool:
        return self._depth > 0

    def start(self, depth: int, max_characters: int, take: Callable[[str], object]) -> None:
        """Begin with the element at ``depth``; keep some more than ``max_characters`` at most; ``take`` gets them."""
        self._depth, self._room, self._take = depth, max_characters, take
        self._pieces.clear()

    def add(self, piece: str) -> None:
        if self._depth and self._room > 0:
            self._pieces.append(piece)
            self._room -= len(piece)

    def end(self, depth: int) -> None:
        """End it, if the element at ``depth`` is the one."""
        if depth == self._depth:
            self._depth = 0
            self._take("".join(self._pieces))
            self._pieces.clear()
