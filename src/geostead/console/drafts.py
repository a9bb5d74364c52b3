"""A person's draft of a data source: what was added, changed, deleted, and steps that change its properties.

All URLs are below ``/accounts/{account}/data-sources/{name}``. Reading takes the role viewer, acting editor; actions
are POSTs of forms (urlencoded or FormData, with the token of the session). A draft begins with its first change.

============================  =========================================================================================
GET ``draft``                 ``version`` (``published`` or ``staged``: what the draft is of, if there is none yet) →
                              the whole draft, as below.
GET ``draft/status``          → its ``state`` and ``job``, to be asked again and again while it is being loaded.
GET ``draft/new-id``          → ``{"id": "17"}``, an entity id that is free.
GET ``draft/one``             ``id`` → as ``entities/one``, with the draft applied, and ``kind``: ``added``,
                              ``changed``, ``deleted`` or null; ``properties`` as in the draft.
POST ``draft/add``            ``version``, ``id``, ``value.Name``, ``value.Latitude``, … → what changed.
POST ``draft/change``         ``version``, ``id``, ``value.Name``, … (what is not sent stays) → what changed.
POST ``draft/move``           ``version``, ``id``, ``latitude``, ``longitude`` → what changed. Rounded to 6 digits.
POST ``draft/delete``         ``version``, ``id`` → what changed. What the draft added is just taken back.
POST ``draft/undo``           ``id`` → what changed: the draft does nothing with this entity any more. With ``kind``,
                              ``value.Name``, …, of a change as below: it does that with it again.
POST ``draft/schema``         ``version``, ``steps``: JSON, as ``steps`` below (``newName`` of ``rename``, ``type`` of
                              ``add`` and ``retype``) → the whole draft with all of them; where one is not possible
                              none is taken, and the error says which: ``"step": 0``. Types: ``Edm.String``
                              ``Edm.Int64`` ``Edm.Double`` ``Edm.Boolean`` ``Edm.DateTime`` ``Edm.Geography``.
POST ``draft/schema/undo``    takes the last step back → the whole draft.
POST ``draft/discard``        → the whole draft, which is none.
POST ``draft/send``           ``target`` = ``published`` (default) or ``staged``; ``over``: the ``current`` that was
                              shown, where the draft has ``moved``; ``leaveOut=1``: entities with a value that does not
                              fit its new type are left out (else the load is aborted) → ``{"job": id, "url"}``, its
                              page.
============================  =========================================================================================

The draft::

    {"state": "none" | "open" | "sent",                    sent: its load is pending, nothing can be changed
     "job": {"id", "status", "error", "url",               its last load: pending, or aborted and why
             "target": "published" | "staged"} | null,
     "version": jobId, "current": jobId,                   what it began with, and what is there now
     "moved": false,                                       whether these differ: then sending asks first (409)
     "conflicts": ["id"],                                  changed in the draft and since then
     "counts": {"added": 2, "changed": 1, "deleted": 0}, "most": 10000,
     "changes": [{"id", "kind": "added" | "changed" | "deleted", "label", "latitude", "longitude",
                  "geography": GeoJSON geometry | null,
                  "values": {"Name": "text"},              all where it is added, {} where it is deleted; else what
                  "before": {"Name": "text"} | null}],     differs, and what that is now
     "properties": [{"name", "type", "isKey", "was": "OldName" | null}],    with all steps taken; was null: added
     "steps": [{"step", "name", "newName", "type"}],
     "trouble": null | "why the steps are not possible any more"}

What changed: ``state`` to ``most`` as above, ``conflicts`` with at most this entity, and ``{"id": "17", "change": as in
changes | null}``.

Errors are JSON: ``{"message", "parameter", "found", "expected", "position"}``; with 422 also ``"errors": {"Latitude":
"what was expected"}`` by property, or of ``draft/send`` ``"entities": [{"id", "property", "expected"}]``; with 409 also
``"current"`` and ``"conflicts"``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import assert_never

import orjson
from starlette.responses import Response

from geostead.console.draft_json import changed_json, draft_json, drafted_entity_json, status_json
from geostead.console.json_replies import Json, JsonHandler, reply
from geostead.console.visit import Visit
from geostead.errors import InvalidParameter
from geostead.model.draft import AddProperty, ChangeKind, RemoveProperty, RenameProperty, RetypeProperty, SchemaEdit
from geostead.model.entity_type import EdmType
from geostead.model.job import Job
from geostead.operations.change_draft import (
    Refused,
    add_entity,
    change_entity,
    change_properties,
    delete_entity,
    discard_draft,
    move_entity,
    propose_id,
    put_back,
    undo_change,
    undo_step,
)
from geostead.operations.open_draft import OpenDraft, open_draft
from geostead.operations.send_draft import Moved, Unfit, send_draft

_VALUE = "value."
_MOST_TOLD = 100
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,30})?(e-[0-9]{1,3})?\Z")
"""A number as JavaScript writes it."""


@JsonHandler
def show(visit: Visit) -> Json:
    """Return the draft."""
    return draft_json(_open(visit), visit)


@JsonHandler
def show_status(visit: Visit) -> Json:
    """Return whether the draft is being loaded."""
    return status_json(_open(visit), visit)


@JsonHandler
def show_new_id(visit: Visit) -> Json:
    """Return an entity id that is free."""
    return {"id": propose_id(_open(visit))}


@JsonHandler
def show_one(visit: Visit) -> Json:
    """Return one entity with the draft applied."""
    return drafted_entity_json(_open(visit), visit.query.get("id", ""))


@JsonHandler
def add(visit: Visit) -> Json | Response:
    """Add an entity."""
    key = _open(visit).draft_type.entity_type.key_name
    entity_id = visit.text("id") or _values(visit).get(key, "")
    return _changed(visit, entity_id, lambda opened: add_entity(opened, entity_id, _values(visit)))


@JsonHandler
def change(visit: Visit) -> Json | Response:
    """Change values of an entity."""
    entity_id = visit.text("id")
    return _changed(visit, entity_id, lambda opened: change_entity(opened, entity_id, _values(visit)))


@JsonHandler
def move(visit: Visit) -> Json | Response:
    """Give an entity another place."""
    entity_id, latitude, longitude = (
        visit.text("id"),
        _degrees(visit, "latitude", 90),
        _degrees(visit, "longitude", 540),
    )
    return _changed(
        visit, entity_id, lambda opened: move_entity(opened, entity_id, latitude=latitude, longitude=longitude)
    )


@JsonHandler
def delete(visit: Visit) -> Json | Response:
    """Delete an entity."""
    return _changed(visit, visit.text("id"), lambda opened: delete_entity(opened, visit.text("id")))


@JsonHandler
def undo(visit: Visit) -> Json | Response:
    """Take back what the draft does with an entity, for what it did with it before."""
    entity_id, kind = visit.text("id"), visit.text("kind")
    if not kind:
        return _changed(visit, entity_id, lambda opened: undo_change(opened, entity_id))
    if kind not in set(ChangeKind):
        raise InvalidParameter("kind", kind, ", ".join(ChangeKind))
    return _changed(visit, entity_id, lambda opened: put_back(opened, entity_id, ChangeKind(kind), _values(visit)))


@JsonHandler
def change_schema(visit: Visit) -> Json | Response:
    """Take steps that change the properties: all of them, or none."""
    refused = change_properties(_open(visit), [_step(step) for step in _steps(visit)])
    if refused is None:
        return draft_json(_open(visit), visit)
    return reply({**_fault(refused.reason), "parameter": refused.parameter, "step": refused.index}, 400)


@JsonHandler
def undo_schema(visit: Visit) -> Json:
    """Take the last such step back."""
    undo_step(_open(visit))
    return draft_json(_open(visit), visit)


@JsonHandler
def discard(visit: Visit) -> Json:
    """Forget the draft."""
    discard_draft(_open(visit))
    return draft_json(_open(visit), visit)


@JsonHandler
def send(visit: Visit) -> Json | Response:
    """Publish or stage the draft."""
    target = visit.text("target") or "published"
    if target not in ("published", "staged"):
        raise InvalidParameter("target", target, "published or staged")
    sent = send_draft(
        _open(visit), staged=target == "staged", over=visit.text("over"), leave_out=visit.text("leaveOut") == "1"
    )
    match sent:
        case Job():
            return {"job": sent.id, "url": visit.url("/accounts/{account}/jobs/{job}", job=sent.id)}
        case Moved(current, conflicts):
            message = visit._("Another version was loaded since you began; see what would change, then confirm.")
            return reply({**_fault(message), "current": current.job_id, "conflicts": conflicts}, 409)
        case Unfit(issues):
            message = visit._("Values of the draft do not fit the properties any more.")
            told = [{"id": i.entity_id, "property": i.property, "expected": i.expected} for i in issues[:_MOST_TOLD]]
            return reply({**_fault(message), "errors": {}, "entities": told}, 422)
        case _:
            assert_never(sent)


def _open(visit: Visit) -> OpenDraft:
    which = visit.form.get("version") if visit.method == "POST" else visit.query.get("version")
    name = visit.path["name"]
    return open_draft(visit.services, visit.account, visit.person, name, which if isinstance(which, str) else "")


def _changed(visit: Visit, entity_id: str, act: Callable[[OpenDraft], Refused | None]) -> Json | Response:
    """Do something with an entity; return what it is then, or what was wrong with the values that were typed."""
    refused = act(_open(visit))
    if refused is None:
        return changed_json(_open(visit), visit, entity_id)
    message = visit._("Some values are not what they may be.")
    return reply({**_fault(message), "errors": refused.expected, "values": refused.typed}, 422)


def _fault(message: str) -> Json:
    return {"message": message, "parameter": None, "found": None, "expected": None, "position": None}


def _values(visit: Visit) -> dict[str, str]:
    """Return what was typed, by property."""
    return {
        name.removeprefix(_VALUE): text
        for name, text in visit.form.items()
        if name.startswith(_VALUE) and isinstance(text, str)
    }


def _degrees(visit: Visit, name: str, most: float) -> float:
    text = visit.text(name)
    degrees = float(text) if _DEGREES.match(text) else math.nan
    if not abs(degrees) <= most:
        raise InvalidParameter(name, text, f"a number from -{most:g} to {most:g}")
    return degrees


def _steps(visit: Visit) -> list[Json]:
    try:
        steps = orjson.loads(visit.text("steps"))
    except orjson.JSONDecodeError:
        steps = None
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise InvalidParameter("steps", visit.text("steps"), "a list of steps in JSON")
    return steps


def _step(told: Json) -> SchemaEdit:
    text = {name: value.strip() for name, value in told.items() if isinstance(value, str)}
    name = text.get("name", "")
    match text.get("step", ""):
        case "add":
            return AddProperty(name, _type(text))
        case "rename":
            return RenameProperty(name, text.get("newName", ""))
        case "remove":
            return RemoveProperty(name)
        case "retype":
            return RetypeProperty(name, _type(text))
        case other:
            raise InvalidParameter("step", other, "add, rename, remove or retype")


def _type(text: dict[str, str]) -> EdmType:
    try:
        return EdmType(text.get("type", ""))
    except ValueError:
        raise InvalidParameter("type", text.get("type", ""), ", ".join(EdmType)) from None
