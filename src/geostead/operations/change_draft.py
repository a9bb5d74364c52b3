"""Change the draft that a person has of a data source: add, change, move and delete entities, take steps, undo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geostead.errors import InvalidParameter, LimitExceeded, NotFound
from geostead.model.draft import MAX_DRAFT_STEPS, ChangeKind, Draft, EntityChange, SchemaEdit
from geostead.operations.check_values import Texts, check_values
from geostead.operations.draft_type import take_step, take_steps
from geostead.operations.open_draft import OpenDraft, is_deleted, texts_of

PLACE_DIGITS = 6
"""Digits of a latitude or longitude that somebody dragged: a tenth of a metre."""
_MOST_TRIED = 1_000


@dataclass(frozen=True, slots=True)
class Refused:
    """Values that are not what they may be. Nothing was changed."""

    typed: Texts
    expected: Texts
    """What was expected, by property."""


@dataclass(frozen=True, slots=True)
class RefusedStep:
    """The first step that is not possible. None was taken."""

    index: int
    """From 0."""
    parameter: str
    """``name``, ``newName`` or ``type``."""
    reason: str
    """A sentence."""


def add_entity(opened: OpenDraft, entity_id: str, typed: Texts) -> Refused | None:
    """Add an entity. Its id must be new. Raises NotFound, LimitExceeded, InvalidParameter where the draft is sent."""
    key = opened.draft_type.entity_type.key_name
    entity_id = entity_id or typed.get(key, "")
    change = opened.change_of(entity_id)
    if change is not None or texts_of(opened.snapshot, [entity_id] if entity_id else []):
        is_gone = is_deleted(change)
        expected = "an id that no other entity has" + (" (the draft deletes it: take that back)" if is_gone else "")
        return Refused(typed, {key: expected})
    return _record(opened, entity_id, ChangeKind.ADDED, {**typed, key: entity_id})


def change_entity(opened: OpenDraft, entity_id: str, typed: Texts) -> Refused | None:
    """Change values of an entity; those that are not typed stay. Its id stays.

    What comes to nothing leaves no change in the draft. Raises NotFound if there is no such entity or the draft deletes
    it; LimitExceeded, InvalidParameter as above.
    """
    values, kind = _as_drafted(opened, entity_id)
    key = opened.draft_type.entity_type.key_name
    if typed.get(key, entity_id) != entity_id:
        return Refused(typed, {key: "the id that the entity has; one with another id is another entity"})
    return _record(opened, entity_id, kind, {**values, **typed, key: entity_id})


def move_entity(opened: OpenDraft, entity_id: str, *, latitude: float, longitude: float) -> Refused | None:
    """Give an entity another place. Raises what :func:`change_entity` raises."""
    entity_type = opened.draft_type.entity_type
    east = (longitude + 180.0) % 360.0 - 180.0 if abs(longitude) > 180.0 else longitude
    place = {entity_type.latitude_name: latitude, entity_type.longitude_name: east}
    return change_entity(opened, entity_id, {name: _written(degrees) for name, degrees in place.items()})


def delete_entity(opened: OpenDraft, entity_id: str) -> None:
    """Delete an entity; one that the draft added is just taken back.

    Raises NotFound if there is no such entity; LimitExceeded, InvalidParameter as above.
    """
    _, kind = _as_drafted(opened, entity_id)
    if kind is ChangeKind.ADDED:
        undo_change(opened, entity_id)
    else:
        _set(opened, EntityChange(entity_id, ChangeKind.DELETED, {}))


def undo_change(opened: OpenDraft, entity_id: str) -> None:
    """Take back what the draft does with an entity. Raises NotFound, InvalidParameter as above."""
    if opened.draft is not None:
        opened.services.catalog.drop_change(_begin(opened), entity_id, opened.services.now())


def put_back(opened: OpenDraft, entity_id: str, kind: ChangeKind, typed: Texts) -> Refused | None:
    """Let the draft do again with an entity what it did before; of one that is changed, other values are those of now.

    Raises NotFound if there is no such entity, or for one that is added, if there is one now; LimitExceeded,
    InvalidParameter as above.
    """
    before = opened.before_of(entity_id)
    if bool(before) == (kind is ChangeKind.ADDED):
        raise NotFound(f"Entity {entity_id[:50]} is not what it was any more.")
    if kind is ChangeKind.DELETED:
        _set(opened, EntityChange(entity_id, kind, {}))
        return None
    values = opened.draft_type.texts_of(before)
    return _record(opened, entity_id, kind, {**values, **typed, opened.draft_type.entity_type.key_name: entity_id})


def change_properties(opened: OpenDraft, steps: Sequence[SchemaEdit]) -> RefusedStep | None:
    """Take all steps, or none where one is refused. Raises NotFound, LimitExceeded, InvalidParameter as above."""
    taken = opened.draft.schema_edits if opened.draft else ()
    if len(taken) + len(steps) > MAX_DRAFT_STEPS:
        raise LimitExceeded("changes of properties in one draft", len(taken) + len(steps), MAX_DRAFT_STEPS)
    draft_type = take_steps(opened.current.entity_type, taken)
    for index, step in enumerate(steps):
        try:
            draft_type = take_step(draft_type, step)
        except InvalidParameter as error:
            return RefusedStep(index, error.parameter, str(error.__cause__ or error))
    opened.services.catalog.set_schema_edits(_begin(opened), (*taken, *steps), opened.services.now())
    return None


def undo_step(opened: OpenDraft) -> None:
    """Take the last step back; fine if there is none. Raises NotFound, InvalidParameter as above."""
    if opened.draft is not None and opened.draft.schema_edits:
        draft = _begin(opened)
        opened.services.catalog.set_schema_edits(draft, draft.schema_edits[:-1], opened.services.now())


def discard_draft(opened: OpenDraft) -> None:
    """Forget the draft. Raises InvalidParameter while it is sent."""
    if opened.draft is not None:
        opened.services.catalog.delete_draft(_begin(opened).id)


def propose_id(opened: OpenDraft) -> str:
    """Return an entity id that is free: a number, the next one where ids are numbers from 1."""
    number = opened.current.entity_count
    for _ in range(_MOST_TRIED):
        number += 1
        if opened.change_of(str(number)) is None and opened.snapshot.find(str(number)) is None:
            return str(number)
    return opened.services.new_id()


def _as_drafted(opened: OpenDraft, entity_id: str) -> tuple[Mapping[str, str], ChangeKind]:
    """Return the values that an entity has with the draft, and what changing it comes to. Raises NotFound."""
    change, before = opened.change_of(entity_id), opened.before_of(entity_id)
    if change is None:
        change = EntityChange(entity_id, ChangeKind.CHANGED, before) if before else None
    if change is None or change.kind is ChangeKind.DELETED:
        raise NotFound(f"There is no entity {entity_id[:50]}, or the draft deletes it.")
    return opened.values_of(change, before), change.kind


def _record(opened: OpenDraft, entity_id: str, kind: ChangeKind, values: Texts) -> Refused | None:
    draft_type = opened.draft_type
    texts, faults = check_values(draft_type.entity_type, values, opened.account.limits.points_per_shape)
    if faults:
        return Refused(texts, faults)
    origins = dict(zip(draft_type.entity_type.names, draft_type.origins, strict=True))
    kept = {origins[name]: text for name, text in texts.items()}
    before = opened.before_of(entity_id)
    if kind is ChangeKind.CHANGED and all(text == before.get(origin, "") for origin, text in kept.items()):
        undo_change(opened, entity_id)
        return None
    _set(opened, EntityChange(entity_id, kind, kept))
    return None


def _set(opened: OpenDraft, change: EntityChange) -> None:
    opened.services.catalog.set_change(_begin(opened), change, opened.services.now())


def _begin(opened: OpenDraft) -> Draft:
    """Return the draft, begun if there is none yet, to be changed. Raises InvalidParameter while it is sent."""
    if opened.is_sent:
        raise InvalidParameter("draft", "one that is being published or staged", "its load to end first")
    if opened.draft is not None:
        return opened.draft
    if opened.current not in (opened.versions.published, opened.versions.staged):
        raise InvalidParameter("version", opened.current.job_id, "the published or the staged version")
    now = opened.services.now()
    draft = Draft(
        id=opened.services.new_id(),
        account_id=opened.account.id,
        data_source_id=opened.data_source.id,
        person_id=opened.person.id,
        base_version_id=opened.current.job_id,
        schema_edits=(),
        created_at=now,
        changed_at=now,
    )
    return opened.services.catalog.begin_draft(draft)


def _written(degrees: float) -> str:
    text = f"{degrees:.{PLACE_DIGITS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
