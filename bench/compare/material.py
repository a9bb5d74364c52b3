"""Makes what the systems answer from: the upload, and the SQLite file. What is there already is used again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from bench.compare.postgres import postgres
from bench.compare.sql import COLUMNS, SQLITE_FILL, SQLITE_TABLES
from bench.compare.system import Material
from bench.places import write_places


@contextmanager
def prepared(folder: Path, entities: int, tools: Path, *, with_postgres: bool) -> Iterator[Material]:
    """Give the places in every form that a system wants, in a folder of their own below ``folder``."""
    own = folder / str(entities)
    own.mkdir(parents=True, exist_ok=True)
    upload = _made(own / "places.csv", lambda path: write_places(path, entities))
    sqlite_file = _made(own / "places.sqlite3", lambda path: _write_sqlite(path, upload))
    if not with_postgres:
        yield Material(own, entities, upload, sqlite_file, "", tools)
        return
    with postgres(own / "postgres", upload) as url:
        yield Material(own, entities, upload, sqlite_file, url, tools)


def _made(path: Path, make: Callable[[Path], None]) -> Path:
    """Make a file under another name first, so that half of one is never taken for the whole."""
    if not path.exists():
        print(f"making {path.name} …", flush=True)
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        make(unfinished)
        unfinished.rename(path)
    return path


def _write_sqlite(path: Path, upload: Path) -> None:
    options = pyarrow.csv.ReadOptions(skip_rows=2, column_names=list(COLUMNS))
    kinds = {name: pa.string() for name, kind in COLUMNS.items() if kind == "text"}
    convert = pyarrow.csv.ConvertOptions(column_types=kinds)
    table = pyarrow.csv.read_csv(upload, options, convert_options=convert).sort_by("EntityID")
    slots = ", ".join("?" * len(COLUMNS))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(SQLITE_TABLES)
        for batch in table.to_batches(20_000):
            rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
            connection.executemany(f"INSERT INTO places VALUES (NULL, {slots})", rows)
        connection.commit()
        connection.executescript(SQLITE_FILL)
