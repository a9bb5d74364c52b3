"""A person's draft of a data source: what was added, changed, deleted, and steps that change its properties.

All URLs are below ``/accounts/{account}/data-sources/{name}``. Reading takes the role viewer, acting editor; actions
are POSTs of forms (urlencoded or FormData, with the token of the session). A draft begins with its first change.

============================  =========================================================================================
GET ``draft``                 ``version`` (``published`` or ``staged``: what the draft is of, if there is none yet) →
                              the draft, as below.
GET ``draft/new-id``          → ``{"id": "17"}``, an entity id that is free.
GET ``draft/one``             ``id`` → as ``entities/one``, with the draft applied, and ``kind``: ``added``,
                              ``changed``, ``deleted`` or null; ``properties`` as in the draft.
POST ``draft/add``            ``version``, ``id``, ``value.Name``, ``value.Latitude``, … → the draft.
POST ``draft/change``         ``version``, ``id``, ``value.Name``, … (what is not sent stays) → the draft.
POST ``draft/move``           ``version``, ``id``, ``latitude``, ``longitude`` → the draft. Rounded to 6 digits.
POST ``draft/delete``         ``version``, ``id`` → the draft. What the draft added is just taken back.
POST ``draft/undo``           ``id`` → the draft without what it does with this entity.
POST ``draft/schema``         ``version``, ``step`` = ``add`` (``name``, ``type``), ``rename`` (``name``, ``newName``),
                              ``remove`` (``name``) or ``retype`` (``name``, ``type``) → the draft. Types:
                              ``Edm.String`` ``Edm.Int64`` ``Edm.Double`` ``Edm.Boolean`` ``Edm.DateTime``
                              ``Edm.Geography``.
POST ``draft/schema/undo``    takes the last step back → the draft.
POST ``draft/discard``        → the draft, which is none.
POST ``draft/send``           ``target`` = ``published`` (default) or ``staged``; ``over``: the ``current`` that was
                              shown, where the draft has ``moved``; ``leaveOut=1``: entities with a value that does not
                              fit its new type are left out (else the load is aborted) → ``{"job": id, "url"}``, its
                              page.
============================  =========================================================================================

The draft::

    {"state": "none" | "open" | "sent",                    sent: its load is pending, nothing can be changed
     "job": {"id", "status", "error", "url"} | null,       its last load: pending, or aborted and why
     "version": jobId, "current": jobId,                   what it began with, and what is there now
     "moved": false,                                       whether these differ: then sending asks first (409)
     "conflicts": ["id"],                                  changed in the draft and since then
     "count": 3, "most": 10000,
     "changes": [{"id", "kind": "added" | "changed" | "deleted", "latitude", "longitude",
                  "values": {"Name": "text"},              {} where it is deleted
                  "before": {"Name": "text"} | null}],     the entity as it is now
     "properties": [{"name", "type", "isKey", "was": "OldName" | null}],    with all steps taken; was null: added
     "steps": [{"step", "name", "newName", "type"}],
     "trouble": null | "why the steps are not possible any more",
     "overlay": GeoJSON FeatureCollection}                 properties id, kind, label: the place of each entity, and its
                                                           geography; hide these ids in the tiles

Errors are JSON: ``{"message", "parameter", "found", "expected", "position"}``; with 422 also ``"errors": {"Latitude":
"what was expected"}`` by property, or of ``draft/send`` ``"entities": [{"id", "property", "expected"}]``; with 409 also
``"current"`` and ``"conflicts"``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import assert_never

from starlette.responses import Response

from geostead.console.draft_json import draft_json, drafted_entity_json
from geostead.console.json_replies import Json, as_json, reply
from geostead.console.visit import Visit
from geostead.errors import InvalidParameter
from geostead.model.draft import AddProperty, RemoveProperty, RenameProperty, RetypeProperty, SchemaEdit
from geostead.model.entity_type import EdmType
from geostead.model.job import Job
from geostead.operations.change_draft import (
    Refused,
    add_entity,
    change_entity,
    delete_entity,
    discard_draft,
    move_entity,
    propose_id,
    take_step,
    undo_change,
    undo_step,
)
from geostead.operations.open_draft import OpenDraft, open_draft
from geostead.operations.send_draft import Moved, Unfit, send_draft

_VALUE = "value."
_MOST_TOLD = 100


@as_json
def show(visit: Visit) -> Json:
    """Return the draft."""
    return draft_json(_open(visit), visit)


@as_json
def show_new_id(visit: Visit) -> Json:
    """Return an entity id that is free."""
    return {"id": propose_id(_open(visit))}


@as_json
def show_one(visit: Visit) -> Json:
    """Return one entity with the draft applied."""
    return drafted_entity_json(_open(visit), visit.query.get("id", ""))


@as_json
def add(visit: Visit) -> Json | Response:
    """Add an entity."""
    return _changed(visit, lambda opened: add_entity(opened, visit.text("id"), _values(visit)))


@as_json
def change(visit: Visit) -> Json | Response:
    """Change values of an entity."""
    return _changed(visit, lambda opened: change_entity(opened, visit.text("id"), _values(visit)))


@as_json
def move(visit: Visit) -> Json | Response:
    """Give an entity another place."""
    latitude, longitude = _degrees(visit, "latitude", 90), _degrees(visit, "longitude", 540)
    return _changed(visit, lambda opened: move_entity(opened, visit.text("id"), latitude=latitude, longitude=longitude))


@as_json
def delete(visit: Visit) -> Json | Response:
    """Delete an entity."""
    return _changed(visit, lambda opened: delete_entity(opened, visit.text("id")))


@as_json
def undo(visit: Visit) -> Json | Response:
    """Take back what the draft does with an entity."""
    return _changed(visit, lambda opened: undo_change(opened, visit.text("id")))


@as_json
def change_schema(visit: Visit) -> Json | Response:
    """Take a step that changes the properties."""
    return _changed(visit, lambda opened: take_step(opened, _step(visit)))


@as_json
def undo_schema(visit: Visit) -> Json | Response:
    """Take the last such step back."""
    return _changed(visit, undo_step)


@as_json
def discard(visit: Visit) -> Json | Response:
    """Forget the draft."""
    return _changed(visit, discard_draft)


@as_json
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


def _changed(visit: Visit, act: Callable[[OpenDraft], Refused | None]) -> Json | Response:
    """Do something with the draft; return it as it is then, or what was wrong with the values that were typed."""
    refused = act(_open(visit))
    if refused is None:
        return draft_json(_open(visit), visit)
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
    try:
        degrees = float(text)
    except ValueError:
        degrees = math.nan
    if not abs(degrees) <= most:
        raise InvalidParameter(name, text, f"a number from -{most:g} to {most:g}")
    return degrees


def _step(visit: Visit) -> SchemaEdit:
    name = visit.text("name")
    match visit.text("step"):
        case "add":
            return AddProperty(name, _type(visit))
        case "rename":
            return RenameProperty(name, visit.text("newName"))
        case "remove":
            return RemoveProperty(name)
        case "retype":
            return RetypeProperty(name, _type(visit))
        case other:
            raise InvalidParameter("step", other, "add, rename, remove or retype")


def _type(visit: Visit) -> EdmType:
    try:
        return EdmType(visit.text("type"))
    except ValueError:
        raise InvalidParameter("type", visit.text("type"), ", ".join(EdmType)) from None
