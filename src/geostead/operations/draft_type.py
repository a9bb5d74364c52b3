"""What the steps of a draft make of the properties of a data source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import assert_never

from geostead.errors import InvalidParameter, InvalidSchema, LimitReached
from geostead.model.draft import AddProperty, RemoveProperty, RenameProperty, RetypeProperty, SchemaEdit
from geostead.model.entity_type import DELETE_ENTITY, EdmType, EntityType, Property

ADDED = "+"
"""Before the name that a property was added under; no property has a name that begins like that."""
_WITH_STEPS = "a property that can be changed: neither Latitude nor Longitude, which every entity has"


@dataclass(frozen=True, slots=True)
class DraftType:
    """An entity type, and where each of its properties comes from."""

    entity_type: EntityType
    origins: tuple[str, ...]
    """Of each property: its name in the base, or '+' and the name that it was added under. Unique, ignoring case."""

    def origin_of(self, name: str) -> str | None:
        """Return where the property of that name, in any case, comes from; None if there is none."""
        declared = self.entity_type.find(name)
        return None if declared is None else self.origins[self.entity_type.properties.index(declared)]

    def texts_of(self, *sources: Mapping[str, str]) -> dict[str, str]:
        """Return the text of each property in schema order, from the first source that has its origin; '' if none."""
        pairs = zip(self.entity_type.names, self.origins, strict=True)
        return {name: next((held[origin] for held in sources if origin in held), "") for name, origin in pairs}

    def was(self, name: str) -> str | None:
        """Return the name that a property had in the base, None for one that was added."""
        origin = self.origin_of(name)
        return None if origin is None or origin.startswith(ADDED) else origin


def take_steps(base: EntityType, steps: Iterable[SchemaEdit]) -> DraftType:
    """Return the entity type after all steps.

    Raises InvalidParameter (``name``, ``newName``, ``type``) for a step that is not possible.
    """
    return reduce(take_step, steps, DraftType(base, base.names))


def take_step(before: DraftType, step: SchemaEdit) -> DraftType:
    """Return the entity type after one step more. Raises InvalidParameter as above."""
    match step:
        case AddProperty(name, edm_type):
            return _declared(before, *_added(before, name, edm_type), "name", name)
        case RenameProperty(name, new_name):
            changed = Property(new_name, _editable(before, name).type)
            return _replaced(before, name, changed, "newName", new_name)
        case RemoveProperty(name):
            gone = _editable(before, name, is_key_fine=False)
            pairs = [pair for pair in _pairs(before) if pair[0] != gone]
            return _declared(before, [p for p, _ in pairs], [origin for _, origin in pairs], "name", name)
        case RetypeProperty(name, edm_type):
            changed = Property(_editable(before, name, is_key_fine=False).name, edm_type)
            return _replaced(before, name, changed, "type", edm_type)
        case _:
            assert_never(step)


def _added(before: DraftType, name: str, edm_type: EdmType) -> tuple[list[Property], list[str]]:
    origin = ADDED + name
    taken = {known.lower() for known in before.origins}
    while origin.lower() in taken:
        origin = ADDED + origin
    return [*before.entity_type.properties, Property(name, edm_type)], [*before.origins, origin]


def _replaced(before: DraftType, name: str, changed: Property, parameter: str, found: str) -> DraftType:
    old = before.entity_type.find(name)
    properties = [changed if declared == old else declared for declared in before.entity_type.properties]
    key = changed.name if old is not None and old.name == before.entity_type.key_name else None
    return _declared(before, properties, list(before.origins), parameter, found, key)


def _declared(
    before: DraftType,
    properties: list[Property],
    origins: list[str],
    parameter: str,
    found: str,
    key: str | None = None,
) -> DraftType:
    if any(p.name.lower() == DELETE_ENTITY.lower() for p in properties):
        raise InvalidParameter(parameter, found, f"another name: {DELETE_ENTITY} is what deletes entities in uploads")
    try:
        declared = EntityType.declare(before.entity_type.name, properties, [key or before.entity_type.key_name])
    except (InvalidSchema, LimitReached) as error:
        raise InvalidParameter(parameter, found, str(error).rstrip(".")) from error
    return DraftType(declared, tuple(origins))


def _editable(before: DraftType, name: str, *, is_key_fine: bool = True) -> Property:
    """Return a property that steps may change. Raises InvalidParameter (``name``)."""
    declared = next((p for p in before.entity_type.properties if p.name.lower() == name.lower()), None)
    if declared is None:
        raise InvalidParameter("name", name, "the name of a property")
    if declared.name in (before.entity_type.latitude_name, before.entity_type.longitude_name):
        raise InvalidParameter("name", name, _WITH_STEPS)
    if declared.name == before.entity_type.key_name and not is_key_fine:
        raise InvalidParameter("name", name, "a property other than the primary key, which can only be renamed")
    return declared


def _pairs(before: DraftType) -> list[tuple[Property, str]]:
    return list(zip(before.entity_type.properties, before.origins, strict=True))
