"""The application that runs in datasette's own environment; see :mod:`bench.compare.datasette_system`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def create_app() -> Any:
    """Return datasette with the places as an immutable file and a canned query for each kind of work."""
    from datasette.app import Datasette  # here, because only its own environment has it

    queries = json.loads(Path(os.environ["BENCH_QUERIES"]).read_text())
    metadata = {"databases": {"places": {"queries": {name: {"sql": sql} for name, sql in queries.items()}}}}
    counts = {"places": {"tables": {}, "hash": "", "size": 0, "file": os.environ["BENCH_SQLITE"]}}
    return Datasette(
        [],
        immutables=[os.environ["BENCH_SQLITE"]],
        inspect_data=counts,
        metadata=metadata,
        settings={"sql_time_limit_ms": 60_000, "default_cache_ttl": 0},
    ).app()
