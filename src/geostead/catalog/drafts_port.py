"""The part of the catalog that keeps drafts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from geostead.model.draft import Draft, EntityChange, SchemaEdit

MAX_DRAFT_CHANGES = 10_000
"""Entities that one draft may change."""


class Drafts(Protocol):
    """Drafts and what is in them: at most one of a person for a data source."""

    def begin_draft(self, draft: Draft) -> Draft:
        """Return the draft that the person has for the data source, this one if there is none yet."""

    def find_draft(self, data_source_id: str, person_id: str) -> Draft | None:
        """Return the draft of a person for a data source."""

    def draft_changes(self, draft_id: str) -> list[EntityChange]:
        """Return the changes of a draft, by entity id."""

    def set_change(self, draft_id: str, change: EntityChange, at: datetime) -> None:
        """Record a change, in place of one of the same entity id.

        Raises NotFound if there is no such draft (any more), LimitExceeded.
        """

    def drop_change(self, draft_id: str, entity_id: str, at: datetime) -> None:
        """Take a change back; fine if there is none. Raises NotFound as above."""

    def set_schema_edits(self, draft_id: str, edits: Sequence[SchemaEdit], at: datetime) -> None:
        """Replace the steps. Raises NotFound as above."""

    def delete_draft(self, draft_id: str) -> None:
        """Forget a draft with its changes; one that is not there is fine."""
