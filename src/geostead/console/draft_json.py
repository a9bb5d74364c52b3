"""Drafts as the scripts of the explorer read them."""

from __future__ import annotations

from collections.abc import Iterator
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
    EntityChange,
    RemoveProperty,
    RenameProperty,
    RetypeProperty,
    SchemaEdit,
)
from geostead.model.job import Job
from geostead.operations.check_values import Texts
from geostead.operations.draw_tile import label_name
from geostead.operations.open_draft import OpenDraft, is_deleted, texts_of


def draft_json(opened: OpenDraft, visit: Visit) -> Json:
    """Return a draft; see :mod:`geostead.console.drafts`."""
    changes = list(opened.changes.values())
    return {
        "state": _state(opened),
        "trouble": opened.trouble,
        "job": None if opened.job is None else _job_json(opened.job, visit),
        "version": opened.draft.base_version_id if opened.draft else opened.current.job_id,
        "current": opened.current.job_id,
        "moved": opened.has_moved,
        "conflicts": opened.conflicts(opened.current),
        "count": len(changes),
        "most": MAX_DRAFT_CHANGES,
        "changes": [_change_json(opened, change) for change in changes],
        "properties": _properties_json(opened),
        "steps": [_step_json(step) for step in (opened.draft.schema_edits if opened.draft else ())],
        "overlay": {
            "type": "FeatureCollection",
            "features": [feature for change in changes for feature in _features(opened, change)],
        },
    }


def drafted_entity_json(opened: OpenDraft, entity_id: str) -> Json:
    """Return one entity as it is with the draft. Raises NotFound."""
    change = opened.changes.get(entity_id)
    if change is None or is_deleted(change):
        found = texts_of(opened.snapshot, [entity_id]).get(entity_id)
        if found is None:
            raise NotFound(f"There is no entity {entity_id[:50]}.")
        values = dict(zip(opened.draft_type.entity_type.names, _as_steps_have_it(opened, found), strict=True))
    else:
        values = opened.values_of(change)
    return {
        "id": entity_id,
        "kind": None if change is None else change.kind,
        "values": values,
        "properties": _properties_json(opened),
        **_place(opened, values),
        "geography": _geography(opened, values),
    }


def _as_steps_have_it(opened: OpenDraft, values: Texts) -> list[str]:
    return [values.get(origin, "") for origin in opened.draft_type.origins]


def _state(opened: OpenDraft) -> str:
    if opened.draft is None:
        return "none"
    return "sent" if opened.is_sent else "open"


def _job_json(job: Job, visit: Visit) -> Json:
    url = visit.url("/accounts/{account}/jobs/{job}", job=job.id)
    return {"id": job.id, "status": job.status, "error": job.error_message, "url": url}


def _change_json(opened: OpenDraft, change: EntityChange) -> Json:
    values = {} if is_deleted(change) else opened.values_of(change)
    before = opened.before.get(change.entity_id)
    return {
        "id": change.entity_id,
        "kind": change.kind,
        "values": values,
        "before": before,
        **_place(opened, values or _renamed(opened, before or {})),
    }


def _renamed(opened: OpenDraft, before: Texts) -> dict[str, str]:
    """Return values of the current version by the names that properties have after all steps."""
    return dict(zip(opened.draft_type.entity_type.names, _as_steps_have_it(opened, before), strict=True))


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


def _features(opened: OpenDraft, change: EntityChange) -> Iterator[Json]:
    """Return the place of an entity and its geography, each if there is one."""
    values = opened.values_of(change)
    place, label = _place(opened, values), values.get(label_name(opened.draft_type.entity_type), "")
    told = {"id": change.entity_id, "kind": change.kind, "label": label}
    if place["longitude"] is not None and place["latitude"] is not None:
        point = {"type": "Point", "coordinates": [place["longitude"], place["latitude"]]}
        yield {"type": "Feature", "geometry": point, "properties": told}
    geography = _geography(opened, values)
    if geography is not None:
        yield {"type": "Feature", "geometry": geography, "properties": told}


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
