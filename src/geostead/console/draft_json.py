"""Drafts as the scripts of the explorer read them."""

from __future__ import annotations

from typing import Any

import orjson
import shapely

from geostead.console.entity_json import as_number, columns_json
from geostead.console.json_replies import Json
from geostead.console.visit import Visit
from geostead.errors import NotFound
from geostead.geo.wkt import read_wkt
from geostead.model.draft import (
    MAX_DRAFT_CHANGES,
    AddProperty,
    ChangeKind,
    EntityChange,
    RemoveProperty,
    RenameProperty,
    RetypeProperty,
    SchemaEdit,
)
from geostead.model.job import Job, LoadOrder
from geostead.operations.check_values import Texts
from geostead.operations.draw_tile import label_name
from geostead.operations.open_draft import OpenDraft, is_deleted


def draft_json(opened: OpenDraft, visit: Visit) -> Json:
    """Return a whole draft; see :mod:`geostead.console.drafts`."""
    changes = opened.changes.values()
    return {
        **_as_things_stand(opened, visit),
        "trouble": opened.trouble,
        "conflicts": opened.conflicts(opened.current),
        "changes": [_change_json(opened, change, opened.before.get(change.entity_id, {})) for change in changes],
        "properties": _properties_json(opened),
        "steps": [_step_json(step) for step in (opened.draft.schema_edits if opened.draft else ())],
    }


def changed_json(opened: OpenDraft, visit: Visit, entity_id: str) -> Json:
    """Return what has become of a draft and of one entity in it, however many others there are."""
    change = opened.change_of(entity_id)
    return {
        **_as_things_stand(opened, visit),
        "id": entity_id,
        "change": None if change is None else _change_json(opened, change, opened.before_of(entity_id)),
        "conflicts": [] if change is None else opened.conflicts(opened.current, among=[entity_id]),
    }


def status_json(opened: OpenDraft, visit: Visit) -> Json:
    """Return whether a draft is being loaded."""
    return {"state": _state(opened), "job": None if opened.job is None else _job_json(opened.job, visit)}


def drafted_entity_json(opened: OpenDraft, entity_id: str) -> Json:
    """Return one entity as it is with the draft. Raises NotFound."""
    change, before = opened.change_of(entity_id), opened.before_of(entity_id)
    if not before and (change is None or is_deleted(change)):
        raise NotFound(f"There is no entity {entity_id[:50]}.")
    values = _with_draft(opened, change, before)
    return {
        "id": entity_id,
        "kind": None if change is None else change.kind,
        "values": values,
        "properties": _properties_json(opened),
        **_place(opened, values),
        "geography": _geography(opened, values),
    }


def _as_things_stand(opened: OpenDraft, visit: Visit) -> Json:
    counts = opened.count_changes()
    return {
        **status_json(opened, visit),
        "version": opened.draft.base_version_id if opened.draft else opened.current.job_id,
        "current": opened.current.job_id,
        "moved": opened.has_moved,
        "counts": {kind.value: counts.get(kind, 0) for kind in ChangeKind},
        "most": MAX_DRAFT_CHANGES,
    }


def _with_draft(opened: OpenDraft, change: EntityChange | None, before: Texts) -> Texts:
    """Return the values of an entity by the names after all steps; of one that is deleted those it has now."""
    if change is None or is_deleted(change):
        return opened.draft_type.texts_of(before)
    return opened.values_of(change, before)


def _state(opened: OpenDraft) -> str:
    if opened.draft is None:
        return "none"
    return "sent" if opened.is_sent else "open"


def _job_json(job: Job, visit: Visit) -> Json:
    url = visit.url("/accounts/{account}/jobs/{job}", job=job.id)
    is_staged = isinstance(job.order, LoadOrder) and job.order.operation.is_staging
    target = "staged" if is_staged else "published"
    return {"id": job.id, "status": job.status, "error": job.error_message, "url": url, "target": target}


def _change_json(opened: OpenDraft, change: EntityChange, before: Texts) -> Json:
    values, was = _with_draft(opened, change, before), opened.draft_type.texts_of(before)
    if change.kind is ChangeKind.ADDED:
        told: Json = {"values": values, "before": None}
    elif is_deleted(change):
        told = {"values": {}, "before": None}
    else:
        other = [name for name, text in values.items() if text != was[name]]
        told = {key: {name: texts[name] for name in other} for key, texts in (("values", values), ("before", was))}
    return {
        "id": change.entity_id,
        "kind": change.kind,
        "label": values.get(label_name(opened.draft_type.entity_type), ""),
        **told,
        **_place(opened, values),
        "geography": _geography(opened, values),
    }


def _place(opened: OpenDraft, values: Texts) -> Json:
    entity_type = opened.draft_type.entity_type
    return {
        "latitude": as_number(values.get(entity_type.latitude_name, "")),
        "longitude": as_number(values.get(entity_type.longitude_name, "")),
    }


def _geography(opened: OpenDraft, values: Texts) -> Any:
    name = opened.draft_type.entity_type.geography_name
    shape = read_wkt(values[name]) if name is not None and values.get(name) else None
    return None if shape is None else orjson.Fragment(shapely.to_geojson(shape))


def _properties_json(opened: OpenDraft) -> list[Json]:
    draft_type = opened.draft_type
    return [{**column, "was": draft_type.was(column["name"])} for column in columns_json(draft_type.entity_type)]


def _step_json(step: SchemaEdit) -> Json:
    described = dict.fromkeys(("newName", "type")) | {"name": step.name}
    match step:
        case AddProperty(_, edm_type):
            return described | {"step": "add", "type": edm_type}
        case RenameProperty(_, new_name):
            return described | {"step": "rename", "newName": new_name}
        case RemoveProperty():
            return described | {"step": "remove"}
        case RetypeProperty(_, edm_type):
            return described | {"step": "retype", "type": edm_type}
