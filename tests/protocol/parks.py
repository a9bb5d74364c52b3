"""A data source with a geography: its coordinates are computed, and one entity has no location at all."""

from __future__ import annotations

SQUARE = "POLYGON ((10 40, 12 40, 12 42, 10 42, 10 40))"
LINE = "LINESTRING (0 0, 4 0)"
PIN = "POINT (-70.5 -33.25)"

PARKS_UPLOAD = f"""Bing Spatial Data Services, 1.0, Park
ParkId(Edm.String,primaryKey)|EntityID(Edm.String)|Area(Edm.Geography)|Note(Edm.String)
line|line|{LINE}|a line
none|none||nowhere
pin|pin|{PIN}|a point
square|square|{SQUARE}|a square
""".encode()
"""The key is not called EntityID, as queries may still say; EntityID is an ordinary property here."""

CENTROIDS = {"line": (0.0, 2.0), "none": (None, None), "pin": (-33.25, -70.5), "square": (41.0, 11.0)}
"""Latitude and longitude of the planar centroids, by id."""
