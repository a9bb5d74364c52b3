"""Over a hundred files that were made to do harm: each is refused or read, and no process becomes large."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.formats.hostile_gis import FILES

ROOT = Path(__file__).parents[2]
MAX_MEMORY_MB = 2**30 // 1000**2

REFUSED = {
    "kml": {
        "billion laughs": "document type declaration",
        "external entity": "document type declaration",
        "external definition": "document type declaration",
        "deep folders": "nested over 100 levels",
        "deep geometries": "nested over 100 levels",
        "a comment without end": "a tag or comment is never closed",
        "a section without end": "unclosed CDATA section",
        "too many names of elements": "more than 10,000 different names",
        "too many properties": "properties is 351; the maximum is 350",
        "NUL": "expected text in UTF-8",
        "UTF-16": "UTF-16",
        "Latin-1": "expected text in UTF-8",
        "gzip bomb": "uncompressed upload bytes",
    },
    "kmz": {
        "bomb": "uncompressed upload bytes",
        "nested": "an archive within an archive",
        "gzip around it": "an archive within an archive",
        "parent path beside": "leads outside",
        "absolute path": "leads outside",
        "encrypted": "encrypted",
        "bzip2": "compressed in an unusual way",
        "many entries": "too many files",
        "definition": "document type declaration",
    },
    "shp": {
        "bomb": "uncompressed upload bytes",
        "parent path": "leads outside",
        "another driver's file": "not that of a shapefile",
        "absurd number of rows": "The .dbf file is damaged or incomplete",
        "absurd length in the index": "The shapefile cannot be opened",
        "too many columns": "properties is 2,002",
        "deep projection": "too many nesting levels",
    },
}
BAD_ROWS = {
    "kml": {"ten megabyte name": 1, "ten megabyte value": 1, "ten megabyte number": 1, "a track of too many points": 1},
    "kmz": {"ten megabyte value": 1, "bomb beside": 0},
    "shp": {
        "absurd number of parts": 1,
        "coordinates that are no numbers": 1,
        "a ring of two million points": 1,
        "Latin-1 that says it is UTF-8": 20,
        "bomb beside": 0,
    },
}


@pytest.fixture(scope="module", params=sorted(FILES))
def came_of(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What came of the files of a format, which were read in a process of their own."""
    command = [sys.executable, "-W", "error", "-m", "tests.formats.hostile_gis", request.param]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {"format": request.param, "stderr": done.stderr, **json.loads(done.stdout)}


def test_harm_is_refused_with_the_reason_or_makes_a_bad_row(came_of: dict[str, Any]) -> None:
    outcomes = came_of["outcomes"]

    assert len(outcomes) >= 40
    for name, reason in REFUSED[came_of["format"]].items():
        assert outcomes[name].startswith("refused: "), name
        assert reason in outcomes[name]
    for name, count in BAD_ROWS[came_of["format"]].items():
        assert outcomes[name] == f"{count} bad rows", name


def test_no_process_becomes_large_and_nothing_is_written_to_the_terminal(came_of: dict[str, Any]) -> None:
    assert came_of["memory_mb"] < MAX_MEMORY_MB
    assert came_of["stderr"] == ""
