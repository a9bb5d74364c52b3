"""The outline of the world that lies beneath the places: land where there is land."""

from __future__ import annotations

import json

import pytest
from shapely import MultiPolygon, Point, STRtree
from shapely.geometry import shape

from geostead.console.static import built_files

SEAS = {"Bothnia": (62.5, 19.5), "Kara": (76.0, 70.0), "Atlantic": (45.0, -35.0), "Pacific": (10.0, 179.5)}
LANDS = {"Taymyr": (74.0, 100.0), "Chukotka": (67.0, -175.0), "Canada": (60.0, -100.0), "Antarctica": (-85.0, 0.0)}


@pytest.fixture(params=["110m", "50m"])
def land(request: pytest.FixtureRequest) -> STRtree:
    (path,) = built_files().folder.glob(f"outline-{request.param}-*.json")
    lands = [found for found in json.loads(path.read_text())["features"] if found["properties"]["kind"] == "land"]
    (outline,) = [shape(found["geometry"]) for found in lands]
    assert isinstance(outline, MultiPolygon)
    return STRtree(outline.geoms)


@pytest.mark.parametrize("name", [*SEAS, *LANDS])
def test_a_place_is_on_land_where_it_is_on_earth(land: STRtree, name: str) -> None:
    latitude, longitude = {**SEAS, **LANDS}[name]
    assert bool(len(land.query(Point(longitude, latitude), predicate="within"))) == (name in LANDS)
