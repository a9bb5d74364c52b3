"""The first look at KML: which properties its Placemarks have, and which ids (data-formats.md, section 4)."""

from __future__ import annotations

import re

from geostead.errors import LimitReached
from geostead.formats.kml.walk import Attributes, KmlWalk
from geostead.formats.rows.type_names import find_type
from geostead.model.entity_type import EdmType
from geostead.model.limits import MAX_PROPERTIES

_NUMBER = re.compile(r"[1-9][0-9]{0,39}\Z", re.ASCII)
_MAX_NAME = 1000


class KmlSurvey(KmlWalk):
    """Collects names and types; a file has few, however long it is."""

    def __init__(self) -> None:
        super().__init__()
        self.greatest_number = 0
        """Among the Placemark ids that are whole numbers; ids that are made up begin after it."""
        self._names: dict[str, None] = {}
        self._types: dict[str, EdmType] = {}
        self.starts = {"SimpleField": self._start_field, "SimpleData": self._start_data, "Data": self._start_data}

    @property
    def types(self) -> dict[str, EdmType]:
        """The types by name, in order of first appearance: that of the schema, else string."""
        return {name: self._types.get(name, EdmType.STRING) for name in self._names}

    def start_placemark(self, attributes: Attributes) -> None:
        """Look at the id."""
        given = attributes.get("id", "")
        if _NUMBER.match(given):
            self.greatest_number = max(self.greatest_number, int(given))

    def _start_field(self, attributes: Attributes) -> None:
        name = data_name(attributes)
        self._add_name(name)
        edm_type = _find_type(attributes.get("type", ""))
        if self._types.setdefault(name, edm_type) is not edm_type:
            self._types[name] = EdmType.STRING

    def _start_data(self, attributes: Attributes) -> None:
        if self.placemark_depth:
            self._add_name(data_name(attributes))

    def _add_name(self, name: str) -> None:
        if name:
            self._names[name] = None
        if len(self._names) > MAX_PROPERTIES:
            raise LimitReached("properties", len(self._names), MAX_PROPERTIES)


def data_name(attributes: Attributes) -> str:
    """Return the name of a Data, SimpleData or SimpleField element, cut to 1,000 characters; '' if it has none."""
    return attributes.get("name", "").strip()[:_MAX_NAME]


def _find_type(name: str) -> EdmType:
    """Return the type that a SimpleField declares: KML has ``uint`` and ``ushort``, too."""
    word = name.strip().rpartition(":")[2].lower()
    edm_type = find_type(word.removeprefix("u"))
    return EdmType.STRING if edm_type in (None, EdmType.GEOGRAPHY) else edm_type
