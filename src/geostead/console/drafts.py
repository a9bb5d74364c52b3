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
     "overlay": GeoJSON FeatureCollection}                 properties id, kind, label; hide these ids in the tiles

Errors are JSON: ``{"message", "parameter", "found", "expected", "position"}``; with 422 also ``"errors": {"Latitude":
"what was expected"}`` by property; with 409 also ``"current"`` and ``"conflicts"``.
"""
