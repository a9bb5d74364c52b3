"""The part of the catalog that keeps drafts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from geostead.model.draft import ChangeKind, Draft, EntityChange, SchemaEdit


class Drafts(Protocol):
    """Drafts and what is in them: at most one of a person for a data source.

    What changes a draft takes it as the caller has seen it, and raises NotFound where it is not there any more, or was
    sent with another load meanwhile; what depends on all that is in it also where anything was changed since. A draft
    goes with its data source, its person, their membership, and with the completion of the load that carries it out.
    """

    def begin_draft(self, draft: Draft) -> Draft:
        """Return the draft that the person has for the data source, this one if there is none yet.

        Raises NotFound if the data source, or the person's membership, is not there any more.
        """

    def find_draft(self, data_source_id: str, person_id: str) -> Draft | None:
        """Return the draft of a person for a data source."""

    def draft_changes(self, draft_id: str) -> list[EntityChange]:
        """Return the changes of a draft, by entity id."""

    def find_draft_change(self, draft_id: str, entity_id: str) -> EntityChange | None:
        """Return what a draft does with one entity."""

    def count_draft_changes(self, draft_id: str) -> Mapping[ChangeKind, int]:
        """Return how many changes of each kind a draft has; kinds that it has none of are missing."""

    def set_change(self, draft: Draft, change: EntityChange, at: datetime) -> None:
        """Record a change, in place of one of the same entity id. Raises NotFound, LimitExceeded."""

    def drop_change(self, draft: Draft, entity_id: str, at: datetime) -> None:
        """Take a change back; fine if there is none. Raises NotFound."""

    def set_schema_edits(self, draft: Draft, edits: Sequence[SchemaEdit], at: datetime) -> None:
        """Replace the steps. Raises NotFound, also if the draft was changed since."""

    def send_draft(self, draft: Draft, job_id: str | None, at: datetime) -> Draft:
        """Record which load, of which nothing may be recorded yet, carries out the draft; None: none does after all.

        Raises NotFound, also if the draft was changed since: what was read of it would not be all that is in it.
        """

    def delete_draft(self, draft_id: str) -> None:
        """Forget a draft with its changes; one that is not there is fine."""
