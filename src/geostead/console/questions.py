"""Questions that one may ask a data source, about entities that it really has where these are at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from geostead.console.texts import mark
from geostead.model.entity_type import EdmType, EntityType
from geostead.wire.escapes import entity_id_in_url

MAX_TEXT = 60
"""Characters of a value that makes a readable example."""

_FILTERABLE = (EdmType.STRING, EdmType.BOOLEAN, EdmType.INT64, EdmType.DOUBLE)


class Question(StrEnum):
    """What an example asks for."""

    NEARBY = "nearby"
    BY_ID = "by-id"
    FILTER = "filter"
    STAGED = "staged"

    @property
    def label(self) -> str:
        """What people call it, in English."""
        return _LABELS[self]


_LABELS = {
    Question.NEARBY: mark("Entities near a place"),
    Question.BY_ID: mark("One entity by its id"),
    Question.FILTER: mark("Entities with a certain value"),
    Question.STAGED: mark("What is staged"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, ready to be put into words of any language."""

    base_url: str
    """Where the service is; without a slash at its end."""
    data_source_name: str
    url: str
    """Of the entity set, or of the one entity."""
    entity_id: str | None = None
    spatial_filter: str | None = None
    filter: str | None = None
    staged: bool = False

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """The parameters of the URL but for the key, decoded."""
        given = (
            ("spatialFilter", self.spatial_filter),
            ("$filter", self.filter),
            ("isStaging", "1" if self.staged else None),
            ("$format", "json"),
        )
        return tuple((name, value) for name, value in given if value is not None)


@dataclass(frozen=True, slots=True)
class EntitySet:
    """Where a data source is queried, and a few of its entities, none perhaps."""

    base_url: str
    data_source_name: str
    url: str
    entity_type: EntityType
    sample: Sequence[Mapping[str, object]]

    def ask(self, question: Question) -> Asked:
        """Return the question about this data source."""
        asked = Asked(self.base_url, self.data_source_name, self.url)
        match question:
            case Question.NEARBY:
                return replace(asked, spatial_filter=self._nearby())
            case Question.BY_ID:
                entity_id = str(self.sample[0][self.entity_type.key_name]) if self.sample else "ENTITY_ID"
                return replace(asked, url=f"{self.url}('{entity_id_in_url(entity_id)}')", entity_id=entity_id)
            case Question.FILTER:
                return replace(asked, filter=self._filter())
            case Question.STAGED:
                return replace(asked, staged=True)
            case _:
                assert_never(question)

    def _nearby(self) -> str:
        names = self.entity_type.latitude_name, self.entity_type.longitude_name
        places = [[entity[name] for name in names] for entity in self.sample]
        latitude, longitude = next((place for place in places if None not in place), (47.6, -122.3))
        return f"nearby({latitude},{longitude},10)"

    def _filter(self) -> str:
        for declared in self.entity_type.properties:
            is_place = declared.name in (self.entity_type.latitude_name, self.entity_type.longitude_name)
            if declared.type not in _FILTERABLE or declared.name == self.entity_type.key_name or is_place:
                continue
            for entity in self.sample:
                written = _literal(entity[declared.name])
                if written is not None:
                    return f"{declared.name} eq {written}"
        return f"{self.entity_type.key_name} ne ''"


def _literal(value: object) -> str | None:
    """Write a value of a filterable type in the query language; None if that makes no good example."""
    match value:
        case bool():
            return "true" if value else "false"
        case str() if 0 < len(value) <= MAX_TEXT and value.isprintable():
            return "'" + value.replace("'", "''") + "'"
        case int() | float():
            return repr(value)
        case _:
            return None
