"""Drafts: changes of a data source that a person collects before they are published or staged together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from geostead.model.entity_type import EdmType

MAX_DRAFT_CHANGES = 10_000
"""Entities that one draft may change."""
MAX_DRAFT_CHARACTERS = 64_000_000
"""Characters that all changes of entities in one draft may have, as JSON."""
MAX_DRAFT_STEPS = 350
"""Changes of properties that one draft may have."""


class ChangeKind(StrEnum):
    """What a draft does with one entity."""

    ADDED = "added"
    CHANGED = "changed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class EntityChange:
    """What a draft does with the entity of one id."""

    entity_id: str
    kind: ChangeKind
    values: Mapping[str, str]
    """Text of every property as an upload has it (data-formats.md), '' for none; empty for a deletion.

    By the name that the property has in the base of the draft, or '+' and the name that the draft added it under: so
    the change means the same whatever steps follow.
    """


@dataclass(frozen=True, slots=True)
class AddProperty:
    """A new property, empty in every entity."""

    name: str
    edm_type: EdmType


@dataclass(frozen=True, slots=True)
class RenameProperty:
    """A new name for a property."""

    name: str
    new_name: str


@dataclass(frozen=True, slots=True)
class RemoveProperty:
    """A property less."""

    name: str


@dataclass(frozen=True, slots=True)
class RetypeProperty:
    """Another type for a property; values that do not fit it are errors of their rows."""

    name: str
    edm_type: EdmType


SchemaEdit = AddProperty | RenameProperty | RemoveProperty | RetypeProperty
"""One step of a change of the entity type; steps are taken in their order."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What one person is about to change in one data source."""

    id: str
    account_id: str
    data_source_id: str
    person_id: str
    base_version_id: str
    """The version that the person was looking at when the draft began."""
    schema_edits: tuple[SchemaEdit, ...]
    created_at: datetime
    changed_at: datetime
    job_id: str | None = None
    """The last load that was to carry the draft out; it may have been aborted. When it is completed the draft goes."""
