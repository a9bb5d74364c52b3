"""Publish or stage a draft: all of it together, as one load."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from geostead.errors import InvalidParameter, NotFound
from geostead.formats.base import RowIssue
from geostead.model.data_source import Version
from geostead.model.draft import Draft
from geostead.model.job import InputFormat, Job, LoadOperation
from geostead.operations.browse_entities import open_entities
from geostead.operations.draft_type import ADDED, DraftType, take_steps
from geostead.operations.draft_upload import changes_upload, find_unfit, whole_upload
from geostead.operations.find_own import find_own
from geostead.operations.open_draft import OpenDraft
from geostead.operations.start_load import LoadRequest, Upload, start_load


@dataclass(frozen=True, slots=True)
class Moved:
    """Another version has taken the place of the one that the draft began with. Nothing was sent."""

    current: Version
    conflicts: list[str]
    """Ids of entities that were changed since and that the draft changes, too."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """Values of the draft do not fit the properties that its steps make. Nothing was sent."""

    issues: list[RowIssue]


def send_draft(opened: OpenDraft, *, staged: bool, over: str = "", leave_out: bool = False) -> Job | Moved | Unfit:
    """Start the load that carries out a draft. When it is completed the draft goes; if it is aborted the draft stays.

    With steps that change properties all entities are loaded anew, else only what has changed. ``over`` is the version
    that the person has agreed to change although the draft began with another one. ``leave_out``: entities with a value
    that does not fit are left out; else the load is aborted. Raises InvalidParameter, NotFound, UploadTooLarge,
    AccountFull, Unavailable.
    """
    draft = _sendable(opened)
    operation = LoadOperation.of(is_incremental=not draft.schema_edits, is_staging=staged)
    base = opened.versions.base_of(operation)
    if base is None:
        raise NotFound(f"The data source {opened.data_source.name} has no version that the draft could change.")
    if base.job_id not in (draft.base_version_id, over):
        return Moved(base, opened.conflicts(base))
    target = take_steps(base.entity_type, draft.schema_edits)
    _check_nothing_is_lost(opened, target, base)
    issues = find_unfit(opened, target)
    if issues:
        return Unfit(issues)
    return _send(opened, draft, target, base, operation, is_strict=not leave_out)


def _sendable(opened: OpenDraft) -> Draft:
    if opened.draft is None or not (opened.changes or opened.draft.schema_edits):
        raise NotFound("The draft has nothing in it: it was published, staged or discarded, or all of it taken back.")
    if opened.is_sent:
        raise InvalidParameter("draft", "one that is being published or staged", "its load to end first")
    return opened.draft


def _check_nothing_is_lost(opened: OpenDraft, target: DraftType, base: Version) -> None:
    """Raise InvalidParameter where the draft has values of properties that the version does not have (any more)."""
    known = {*target.origins, *base.entity_type.names}
    filled = {origin for change in opened.changes.values() for origin, text in change.values.items() if text}
    lost = sorted(origin for origin in filled - known if not origin.startswith(ADDED))
    if lost:
        raise InvalidParameter("draft", ", ".join(lost), "properties that the version has; others were loaded since")


def _send(
    opened: OpenDraft, draft: Draft, target: DraftType, base: Version, operation: LoadOperation, *, is_strict: bool
) -> Job:
    services, job_id = opened.services, opened.services.new_id()
    key = find_own(services, opened.account.id, opened.data_source.name).acting_key()
    request = LoadRequest(opened.data_source.name, operation, InputFormat.CSV, strict=is_strict, base=base.job_id)
    sent = services.catalog.send_draft(draft, job_id, services.now())
    try:
        upload = Upload(_upload(opened, target, base, operation))
        return start_load(services, key, request, upload, made_by=opened.person.email, job_id=job_id)
    except Exception:
        if services.catalog.get_job(job_id) is None:
            services.catalog.send_draft(sent, None, services.now())
        raise


def _upload(opened: OpenDraft, target: DraftType, base: Version, operation: LoadOperation) -> Iterator[bytes]:
    if operation.is_incremental:
        return changes_upload(opened, target)
    return whole_upload(opened, target, open_entities(opened.services, base))
