"""Uploads for tests that are not about formats."""

from __future__ import annotations

HEADER = (
    "Bing Spatial Data Services, 1.0, Place\n"
    "EntityID(Edm.String,primaryKey)|Name(Edm.String)|Size(Edm.Int64)|Latitude(Edm.Double)|Longitude(Edm.Double)\n"
)


def pipe_upload(count: int, *, name: str = "Place", bad_rows: int = 0) -> bytes:
    """Make a pipe upload: ``count`` good entities on a grid, then rows whose latitude is not a number."""
    good = [f"P{i:07d}|{name} {i}|{i}|{i % 180 - 89.5}|{i // 180 % 360 - 179.5}" for i in range(count)]
    bad = [f"B{i:07d}|{name}|{i}|north|0" for i in range(bad_rows)]
    return (HEADER + "\n".join(good + bad) + "\n").encode()


CHANGES_HEADER = HEADER.rstrip("\n") + "|__deleteEntity(Edm.Boolean)\n"


def changes_upload(*rows: str) -> bytes:
    """Make a pipe upload for an incremental load: rows as in :data:`HEADER`, and a last cell that may delete."""
    return (CHANGES_HEADER + "".join(f"{row}\n" for row in rows)).encode()
