"""Places with and without geographies, and snapshots of them, for the tests of this folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import shapely

from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.snapshots.base import Snapshot
from geostead.snapshots.store import FolderSnapshots
from geostead.wire.entities_json import render_fragments
from tests.entities import batch_of

NAME = Property("Name", EdmType.STRING)
PLACE = EntityType.declare(
    "Place",
    [
        Property("Id", EdmType.STRING),
        NAME,
        Property("Latitude", EdmType.DOUBLE),
        Property("Longitude", EdmType.DOUBLE),
        Property("Outline", EdmType.GEOGRAPHY),
    ],
    ["Id"],
)


def point(entity_id: str, latitude: float, longitude: float, name: str = "") -> dict[str, object]:
    """A place without geography."""
    return {"Id": entity_id, "Name": name, "Latitude": latitude, "Longitude": longitude}


def outline(entity_id: str, text: str, name: str = "") -> dict[str, object]:
    """A place with a geography, and its coordinates as a load computes them."""
    shape = shapely.from_wkt(text)
    middle = shape.centroid
    return point(entity_id, middle.y, middle.x, name) | {"Outline": shapely.to_wkb(shape, byte_order=1)}


def store_in(folder: Path) -> FolderSnapshots:
    return FolderSnapshots(folder, render_fragments)


def snapshot_of(folder: Path, places: Sequence[Mapping[str, object]]) -> Snapshot:
    """Write places into ``folder`` and open them."""
    store = store_in(folder)
    store.write("one-1", PLACE, [batch_of(PLACE, places)])
    return store.open("one-1")
