"""Bare applications that do none of the contract's work: the same server, a statement, and rows as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from bench.compare import sql
from bench.compare.questions import Question
from bench.compare.system import Material, System, read_rows
from bench.servers import free_port, run_granian


@contextmanager
def start_psycopg(material: Material, workers: int) -> Iterator[System]:
    """Run the application that sends the statements straight to PostGIS."""
    port = free_port()
    with run_granian("bench.compare.psycopg_app:app", port, "/", workers, {"BENCH_POSTGRES": material.postgres_url}):
        yield System("psycopg", f"http://127.0.0.1:{port}", lambda question: _path(question, sql.POSTGIS), read_rows)


@contextmanager
def start_sqlite(material: Material, workers: int) -> Iterator[System]:
    """Run the application over SQLite with an R*Tree and rows that are JSON already."""
    port = free_port()
    statements = sql.sqlite_statements("body", "bodies")
    with run_granian("bench.compare.sqlite_app:app", port, "/", workers, {"BENCH_SQLITE": str(material.sqlite_file)}):
        yield System("sqlite", f"http://127.0.0.1:{port}", lambda question: _path(question, statements), read_rows)


def _path(question: Question, statements: dict[str, str]) -> str | None:
    """Return the name of the work as path, with the parameters of its statement."""
    statement = statements.get(question.work)
    if statement is None:
        return None
    used = {name: value for name, value in question.parameters().items() if is_used(name, statement)}
    return f"/{question.work}?{urlencode(used)}"


def is_used(name: str, statement: str) -> bool:
    """Tell whether a statement has a parameter of this name, as SQLite or as psycopg spells it."""
    return f":{name}" in statement or f"%({name})s" in statement
