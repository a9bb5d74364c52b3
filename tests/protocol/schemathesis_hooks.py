"""What schemathesis is told about what there is to ask for, and about our tolerance. It reads this file itself.

JSON Schema cannot say that an empty parameter counts as absent, nor that of two names for one thing the first counts.
Schemathesis looks at a request once more after it was changed here, and judges it as it is then.
"""

from __future__ import annotations

import json
import os
import re
from typing import Any
from urllib.parse import unquote

import schemathesis
from schemathesis import Case, GenerationMode, HookContext
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase

PLACES: dict[str, dict[str, str]] = json.loads(os.environ["GEOSTEAD_TEST_PLACES"])
"""Parts of the paths of what there is, by operation; ``""``: of all others."""
TRAVEL = ("travelMode", "avoid", "optimize", "optmz", "distanceBeforeFirstTurn", "dbft", "heading", "hd")
ROUTE = "nearRoute('53.5434,9.9662','53.5441,9.9886')"
ENTITY_TYPE = re.compile(r"[A-Za-z0-9_.-][^('/$%]*")
GOES_BEFORE = {
    "o": "output",
    "isStaged": "isStaging",
    "optmz": "optimize",
    "dbft": "distanceBeforeFirstTurn",
    "hd": "heading",
    "jsonp": "$format",  # no callback is looked at where Atom is asked for
}


@schemathesis.hook
def filter_case(_context: HookContext, case: Case) -> bool:
    """Leave out paths that are those of another URL: an id with a quote that is not doubled, a type like ``$x``."""
    path = dict(case.path_parameters or {})
    type_, id_ = path.get("entityType", "T"), path.get("entityId", "")
    is_type = isinstance(type_, str) and ENTITY_TYPE.fullmatch(type_) is not None
    return is_type and isinstance(id_, str) and "'" not in unquote(id_).replace("''", "")


@schemathesis.hook
def before_call(_context: HookContext, case: Case, _kwargs: dict[str, Any]) -> None:
    """Let a request be about what there is, unless its path is what is wrong with it, and let its parameters count."""
    operation = case.operation.definition.raw["operationId"].removesuffix("Head")
    if case.path_parameters and not is_wrong_or_linked(case):
        known = {**PLACES[""], **PLACES.get(operation, {})}
        case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
    if case.query:
        for name in [name for name, value in case.query.items() if value in ("", [], {}, None, [""])]:
            del case.query[name]
        for name in [name for alias, name in GOES_BEFORE.items() if alias in case.query and name in case.query]:
            del case.query[name]
        if any(name in case.query for name in TRAVEL):
            case.query["spatialFilter"] = ROUTE


def is_wrong_or_linked(case: Case) -> bool:
    """Tell whether a path is wrong on purpose, or was taken from an earlier reply."""
    if case.meta is None:
        return False
    path = case.meta.components.get(ParameterLocation.PATH)
    is_linked = case.meta.phase.name is TestPhase.STATEFUL
    return is_linked or (path is not None and path.mode is GenerationMode.NEGATIVE)
