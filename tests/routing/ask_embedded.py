"""Answers questions about routes with OSRM in process, a line each: the part of the tests that needs Python 3.12.

It runs where nothing but osrm-bindings is installed.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from geostead.geo.position import Position
from geostead.model.travel import Avoidance, Optimization, TravelMode, TravelOptions
from geostead.routing.base import Route
from geostead.routing.osrm_embedded import EmbeddedOsrm


def _answer(router: EmbeddedOsrm, question: dict[str, Any]) -> Any:
    ends = Position(*question["start"]), Position(*question["end"])
    options = _options(question["options"])
    thread_count = question.get("threads", 1)
    with ThreadPoolExecutor(thread_count) as threads:
        (found,) = set(threads.map(lambda _: router.route(*ends, options), range(thread_count)))
    return _plain(found)


def _options(plain: dict[str, Any]) -> TravelOptions:
    return TravelOptions(
        mode=TravelMode(plain["mode"]),
        avoid=frozenset(map(Avoidance, plain["avoid"])),
        optimize=Optimization(plain["optimize"]),
        heading_degrees=plain["heading"],
    )


def _plain(route: Route | None) -> Any:
    return None if route is None else {"line": route.line, "remarks": route.remarks}


if __name__ == "__main__":
    engine = EmbeddedOsrm(Path(sys.argv[1]))
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_answer(engine, json.loads(line))) + "\n")
        sys.stdout.flush()
