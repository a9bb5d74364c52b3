"""How the columns of formats without our header become properties (data-formats.md, sections 7 and 8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from geostead.formats.gis.attributes import ENTITY_ID, ENTITY_KEY, GEOMETRY, declare_attribute
from geostead.formats.gis.legal_names import LegalNames, make_legal
from geostead.model.entity_type import DELETE_ENTITY, LATITUDE, LONGITUDE, EdmType, EntityType, Property


class Geometries(Enum):
    """What geometries a file has beside its columns."""

    NONE = auto()
    POINTS = auto()
    """Points only, which are coordinates."""
    ANY = auto()
    """Any, which are geographies."""


_COORDINATES = (LATITUDE.lower(), LONGITUDE.lower())


@dataclass(frozen=True, slots=True)
class RowLayout:
    """How columns become properties."""

    entity_type: EntityType
    sources: Mapping[str, str]
    """Property to column, for all but those of the key and the geography."""
    key_column: str | None
    """The column that holds the entity id, where nothing better does."""
    is_numbered: bool
    """Whether the position is the entity id, where nothing better is."""

    @property
    def known_columns(self) -> frozenset[str]:
        """All columns that mean something."""
        names = (*self.sources.values(), self.key_column, self.entity_type.geography_name, DELETE_ENTITY)
        return frozenset(name for name in names if name is not None)


def declared_layout(entity_type: EntityType) -> RowLayout:
    """Return the layout of a file that carries its entity type: columns are called like properties."""
    kept = (p.name for p in entity_type.properties if p.type is not EdmType.GEOGRAPHY)
    sources = {name: name for name in kept if name != entity_type.key_name}
    return RowLayout(entity_type, sources, entity_type.key_name, is_numbered=False)


def infer_layout(
    name: str, columns: Iterable[tuple[str, EdmType]], *, has_ids: bool, geometries: Geometries
) -> RowLayout:
    """Return the layout that columns make in their order, all names made legal; ``name`` is that of the entity type.

    The key is ``EntityID``: with ``has_ids`` something that is no column, else the first column of that name in any
    case, else the position. The geography ``Geom`` stands last. Raises InvalidSchema, LimitReached.
    """
    types = dict(columns)
    key_column = None if has_ids else next((given for given in types if given.lower() == ENTITY_ID.lower()), None)
    names = LegalNames([ENTITY_ID, GEOMETRY] if geometries is Geometries.ANY else [ENTITY_ID])
    given_names = [given for given in types if given not in (key_column, DELETE_ENTITY)]
    properties = [declare_attribute(names, given, _own_type(given, types[given])) for given in given_names]
    sources = {p.name: given for p, given in zip(properties, given_names, strict=True)}
    if geometries is Geometries.ANY:
        properties.append(Property(GEOMETRY, EdmType.GEOGRAPHY))
    if geometries is Geometries.POINTS:
        lower_names = {p.lower() for p in sources}
        properties += [Property(p, EdmType.DOUBLE) for p in (LATITUDE, LONGITUDE) if p.lower() not in lower_names]
    entity_type = EntityType.declare(make_legal(name), [ENTITY_KEY, *properties], [ENTITY_ID])
    return RowLayout(entity_type, sources, key_column, is_numbered=not has_ids and key_column is None)


def _own_type(name: str, edm_type: EdmType) -> EdmType:
    return EdmType.DOUBLE if name.lower() in _COORDINATES else edm_type
