"""The data source that most protocol tests query: few entities, each awkward in a way of its own."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

TYPES = {
    "EntityID": "Edm.String,primaryKey",
    "Name": "Edm.String",
    "City": "Edm.String",
    "Code": "Edm.String",
    "Seats": "Edm.Int64",
    "Rating": "Edm.Double",
    "Open": "Edm.Boolean",
    "Since": "Edm.DateTime",
    "Elevation": "Edm.Double",
    "Latitude": "Edm.Double",
    "Longitude": "Edm.Double",
}

_ROWS: list[tuple[Any, ...]] = [
    ("A1", "Ada's Corner", "Bern", "5800", 40, 4.5, True, "2015-10-29T21:25:09Z", 540.0, 46.948, 7.4474),
    ("A2", "Al Fresco", "Zürich", "5800.0", 0, 1e-05, False, "1969-12-31T23:59:59.9999999Z", 408.0, 47.3769, 8.5417),
    ("B1", "al dente/bar", "Bern", "abc", 9007199254740993, 0.1, True, "0001-01-01T00:00:00Z", None, 46.95, 7.45),
    ("B2", "", "", "", None, None, None, None, None, None, None),
    (
        "C1",
        '漢字 & <tag> "quoted" \\ back',
        "東京",
        "true",
        -12,
        -0.5,
        False,
        "2020-02-29T12:00:00.125Z",
        40.0,
        35.68,
        139.76,
    ),
    ("C2", "Emoji 😀 bar", "Suva", "12", 5, 5.5, True, "9999-12-31T23:59:59.9999999Z", 3.25, -18.1416, 178.4419),
    ("C3", "Dateline", "Apia", "x|y", 6, 1.7976931348623157e308, True, None, 2.0, -13.8333, -171.7667),
    ("D1", "Pole", "", "0", 5, 5e-324, None, "2015-10-29T21:25:09.0000001Z", -1.5, 90.0, 0.0),
    (
        "a1",
        "Corner",
        "bern",
        "5801",
        5801,
        123456789.123456789,
        False,
        "2015-10-29T23:25:09+02:00",
        540.0,
        46.9481,
        7.4475,
    ),
    ("it's/50% & é?", "Al", "Bern", "NULL", 7, 2.0, True, "2000-01-01", 541.0, 46.9, 7.4),
]

CAFES: list[dict[str, Any]] = [dict(zip(TYPES, row, strict=True)) for row in _ROWS]
"""In entity id order (code points); None where a value is missing, "" for a string without one."""


def make_upload(rows: list[dict[str, Any]], types: dict[str, str] = TYPES, *, entity_type: str = "Cafe") -> bytes:
    """Write a pipe file as spreadsheets do, quoting where needed, rows in reverse order."""
    text = io.StringIO()
    text.write(f"Bing Spatial Data Services, 1.0, {entity_type}\n")
    text.write("|".join(f"{name}({type_})" for name, type_ in types.items()) + "\n")
    writer = csv.writer(text, delimiter="|", lineterminator="\n")
    writer.writerows([["" if row[name] is None else _text(row[name]) for name in types] for row in reversed(rows)])
    return text.getvalue().encode()


def distance_km(latitude: float, longitude: float, cafe: dict[str, Any]) -> float:
    """The haversine of query-language.md section 4."""
    lat_1, lat_2 = math.radians(latitude), math.radians(cafe["Latitude"])
    half_lat = (lat_2 - lat_1) / 2
    half_lon = math.radians(cafe["Longitude"] - longitude) / 2
    h = math.sin(half_lat) ** 2 + math.cos(lat_1) * math.cos(lat_2) * math.sin(half_lon) ** 2
    return 2 * 6371.0088 * math.asin(min(1.0, math.sqrt(h)))


def near(latitude: float, longitude: float, radius_km: float) -> list[str]:
    """The ids of the cafes around a point, nearest first."""
    placed = [cafe for cafe in CAFES if cafe["Latitude"] is not None]
    ranked = sorted((distance_km(latitude, longitude, cafe), cafe["EntityID"]) for cafe in placed)
    return [entity_id for distance, entity_id in ranked if distance <= radius_km]


def _text(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)


CAFES_UPLOAD = make_upload(CAFES)
