"""datasette on SQLite with an R*Tree: a canned query for each kind of work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from bench.compare.bare import is_used
from bench.compare.environments import environment
from bench.compare.questions import Question
from bench.compare.sql import ALL, sqlite_statements
from bench.compare.system import Material, System, read_rows
from bench.servers import free_port, running

_STATEMENTS = sqlite_statements(ALL, "places")


@contextmanager
def start_datasette(material: Material, workers: int) -> Iterator[System]:
    """Run datasette with an immutable file, on uvicorn, because its own command runs one process only."""
    port = free_port()
    settings = material.folder / "datasette.json"
    settings.write_text(json.dumps(_STATEMENTS))
    variables = {"BENCH_SQLITE": str(material.sqlite_file), "BENCH_QUERIES": str(settings)}
    command = [str(environment("datasette", material.tools) / "uvicorn"), "bench.compare.datasette_app:create_app"]
    options = ["--factory", "--port", str(port), "--workers", str(workers), "--log-level", "warning", "--no-access-log"]
    with running([*command, *options], port, "/-/versions.json", variables):
        yield System("datasette", f"http://127.0.0.1:{port}", _path, read_rows)


def _path(question: Question) -> str | None:
    statement = _STATEMENTS.get(question.work)
    if statement is None:
        return None
    used = {name: value for name, value in question.parameters().items() if is_used(name, statement)}
    return f"/places/{question.work}.json?{urlencode(used | {'_shape': 'array'})}"
