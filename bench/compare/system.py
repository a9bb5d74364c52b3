"""What the benchmark knows of a system that it compares: how it is asked, and how its replies are read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bench.compare.questions import Question


@dataclass(frozen=True, slots=True)
class Found:
    """What a reply says."""

    entities: list[tuple[str, float, float]]
    """(id, latitude, longitude) each, in order."""
    count: int | None = None
    """How many matches there are in all; None where the reply does not tell."""


@dataclass(frozen=True, slots=True)
class Material:
    """What systems answer from, ready to be used."""

    folder: Path
    """For what a system makes for itself."""
    entities: int
    upload: Path
    """The places as a csv upload of Geostead."""
    sqlite_file: Path
    postgres_url: str
    tools: Path
    """Folder of the environments of other systems."""


@dataclass(frozen=True, slots=True)
class System:
    """A system while it runs."""

    name: str
    origin: str
    path: Callable[[Question], str | None]
    """The path with query that asks a question; None for a question that the system cannot be asked."""
    read: Callable[[bytes], Found]
    approximated: frozenset[str] = frozenset()
    """Work that only resembles what was asked: its replies are not compared."""
    process_id: int | None = None
    """Of what can be profiled."""


Start = Callable[[Material, int], AbstractContextManager[System]]
"""Starts a system on the material with as many worker processes; stops it at the end."""


def read_entities(entities: list[dict[str, Any]], count: int | None = None) -> Found:
    """Read entities that are plain objects of properties."""
    return Found([(entity["EntityID"], entity["Latitude"], entity["Longitude"]) for entity in entities], count)


def read_features(body: bytes) -> Found:
    """Read GeoJSON: a feature, or a collection of features."""
    document = orjson.loads(body)
    features = document.get("features", [document])
    return read_entities([feature["properties"] for feature in features], document.get("numberMatched"))


def read_rows(body: bytes) -> Found:
    """Read an array of objects, or an object with one and the number of matches."""
    document = orjson.loads(body)
    if isinstance(document, dict):
        return read_entities(document["results"], document["count"])
    return read_entities(document, document[0].get("matches") if document else None)
