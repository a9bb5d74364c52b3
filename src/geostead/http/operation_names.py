"""What each operation is called, in metrics, traces and the access log: as in ``/openapi.json``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from geostead.http.openapi.data import data
from geostead.http.openapi.dataflows import dataflows
from geostead.http.openapi.plain import plain

OTHER = "other"
"""For URLs and methods that there are not."""
QUERY_ENTITIES = "queryEntities"
GET_ENTITY = "getEntity"


def operation_name(method: str, path: str) -> str:
    """Return the name of a method at a path as in :mod:`geostead.http.app`; ``HEAD`` counts as ``GET``."""
    described = re.sub(r"_(\w)", lambda found: found[1].upper(), path)
    return _names().get(("GET" if method == "HEAD" else method, described), OTHER)


@lru_cache(maxsize=1)
def _names() -> Mapping[tuple[str, str], str]:
    return {(operation.method, operation.path): operation.id for operation in (*plain(), *data(), *dataflows())}
