"""Open the draft that a person has of a data source, with what there is to know about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from geostead.errors import InvalidParameter, SnapshotDamaged, SnapshotMissing
from geostead.model.access import Account
from geostead.model.data_source import DataSource, DataSourceVersions, Version
from geostead.model.draft import ChangeKind, Draft, EntityChange
from geostead.model.job import Job, JobStatus
from geostead.model.person import Person
from geostead.operations.browse_entities import find_browsed, open_entities
from geostead.operations.check_values import Texts, text_rows
from geostead.operations.draft_type import DraftType, take_steps
from geostead.operations.services import Services
from geostead.query.bound import BoundQuery, IsIn
from geostead.snapshots.base import Snapshot

SENDING_TAKES = timedelta(minutes=15)
"""A draft whose load is not recorded by then will not be carried out by it: whoever sent it was stopped."""
_FEW = 50


@dataclass(frozen=True)
class OpenDraft:
    """A draft as things stand, or what there is to begin one with."""

    services: Services
    account: Account
    person: Person
    versions: DataSourceVersions
    current: Version
    """What the draft changes: the version that it began with, or what has taken its place."""
    draft: Draft | None
    job: Job | None
    """The last load that was to carry it out."""
    is_sent: bool
    """Whether that is pending: then nothing may be changed."""

    @property
    def data_source(self) -> DataSource:
        """The data source."""
        return self.versions.data_source

    @cached_property
    def changes(self) -> Mapping[str, EntityChange]:
        """What the draft does, by entity id."""
        found = [] if self.draft is None else self.services.catalog.draft_changes(self.draft.id)
        return {change.entity_id: change for change in found}

    def change_of(self, entity_id: str) -> EntityChange | None:
        """Return what the draft does with one entity."""
        return None if self.draft is None else self.services.catalog.find_draft_change(self.draft.id, entity_id)

    def count_changes(self) -> Mapping[ChangeKind, int]:
        """Return how many changes of each kind there are; kinds that there are none of are missing."""
        return {} if self.draft is None else self.services.catalog.count_draft_changes(self.draft.id)

    @cached_property
    def snapshot(self) -> Snapshot:
        """The entities of the current version. Raises Unavailable."""
        return open_entities(self.services, self.current)

    @cached_property
    def trouble(self) -> str | None:
        """Why the steps of the draft cannot be taken any more, as the current version has other properties."""
        return self._taken[1]

    @cached_property
    def draft_type(self) -> DraftType:
        """The entity type with all steps taken; without them where that is not possible any more."""
        return self._taken[0]

    @cached_property
    def _taken(self) -> tuple[DraftType, str | None]:
        steps = () if self.draft is None else self.draft.schema_edits
        try:
            return take_steps(self.current.entity_type, steps), None
        except InvalidParameter as error:
            return take_steps(self.current.entity_type, ()), str(error)

    @property
    def has_moved(self) -> bool:
        """Whether another version has taken the place of the one that the draft began with."""
        return self.draft is not None and self.draft.base_version_id != self.current.job_id

    @cached_property
    def before(self) -> Mapping[str, Texts]:
        """The entities of the current version that the draft is about, by id."""
        return texts_of(self.snapshot, self.changes)

    def before_of(self, entity_id: str) -> Texts:
        """Return one entity of the current version; nothing if it is not there."""
        return texts_of(self.snapshot, [entity_id]).get(entity_id, {})

    def values_of(self, change: EntityChange, before: Texts) -> dict[str, str]:
        """Return the values of an entity, which is ``before`` now, by the names of all steps."""
        return self.draft_type.texts_of(change.values, before)

    def conflicts(self, base: Version, among: Sequence[str] | None = None) -> list[str]:
        """Return the ids of entities that the draft changes and that are not in ``base`` what they were.

        ``among``: only these ids are looked at; None: all that the draft changes.
        """
        if self.draft is None or self.draft.base_version_id == base.job_id:
            return []
        ids = list(self.changes) if among is None else among
        began_with = self.versions.find(self.draft.base_version_id)
        then = None if began_with is None else _texts_in(self.services, began_with, ids)
        if then is None:  # gone, so nobody knows
            return list(ids)
        now = texts_of(open_entities(self.services, base), ids)
        return [entity_id for entity_id in ids if then.get(entity_id) != now.get(entity_id)]


def open_draft(services: Services, account: Account, person: Person, name: str, which: str = "") -> OpenDraft:
    """Return the draft of a person for the account's data source of that name; without one, what it would begin with.

    ``which`` is as with :func:`geostead.operations.browse_entities.find_browsed`; it matters only without a draft.
    Raises NotFound.
    """
    versions, version = find_browsed(services, account, name, which)
    draft = services.catalog.find_draft(versions.data_source.id, person.id)
    if draft is None:
        return OpenDraft(services, account, person, versions, version, None, None, is_sent=False)
    job = None if draft.job_id is None else services.catalog.get_job(draft.job_id)
    current = _current(versions, draft) or version
    return OpenDraft(services, account, person, versions, current, draft, job, _is_sent(services, draft, job))


def texts_of(snapshot: Snapshot, ids: Iterable[str]) -> dict[str, Texts]:
    """Return the values of entities as texts by property, by entity id; what there is not is missing."""
    wanted, entity_type = list(ids), snapshot.entity_type
    if len(wanted) <= _FEW:
        pages = [page for page in map(snapshot.find, wanted) if page is not None]
    else:
        key = entity_type.find(entity_type.key_name)
        assert key is not None
        pages = [snapshot.search(BoundQuery(predicate=IsIn(key, frozenset(wanted)), top=len(wanted)))]
    rows = (row for page in pages for row in text_rows(entity_type, page.rows.columns(entity_type.names)))
    return {row[entity_type.key_name]: row for row in rows}


def is_deleted(change: EntityChange | None) -> bool:
    """Tell whether a draft deletes an entity."""
    return change is not None and change.kind is ChangeKind.DELETED


def _texts_in(services: Services, version: Version, ids: Iterable[str]) -> dict[str, Texts] | None:
    """Return the same of a version whose files may be gone; None then."""
    try:
        return texts_of(services.snapshots.open(version.snapshot_id), ids)
    except (SnapshotMissing, SnapshotDamaged):
        return None


def _current(versions: DataSourceVersions, draft: Draft) -> Version | None:
    """Return the version that a draft began with while it is published or staged; else what is published, or staged."""
    places = [version for version in (versions.published, versions.staged) if version is not None]
    began_with = next((version for version in places if version.job_id == draft.base_version_id), None)
    return began_with or next(iter(places), None)


def _is_sent(services: Services, draft: Draft, job: Job | None) -> bool:
    if draft.job_id is None:
        return False
    if job is None:
        return services.now() - draft.changed_at < SENDING_TAKES
    return job.status is JobStatus.PENDING
