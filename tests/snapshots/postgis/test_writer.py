"""Both engines report the same about an upload: what occurs twice, what a deletion does not find."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from geostead.formats.base import Deletion, EntityBatch
from geostead.geo.wkt import read_wkt
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.snapshots.base import SnapshotStore
from geostead.snapshots.postgis.store import PostgisSnapshots
from geostead.snapshots.store import FolderSnapshots
from geostead.wire.entities_json import render_fragments
from tests.entities import batch_of

SHOP = EntityType.declare(
    "Shop",
    [Property("ShopId", EdmType.STRING), Property("Name", EdmType.STRING), Property("Area", EdmType.GEOGRAPHY)],
    ["ShopId"],
)


@pytest.fixture
def postgis(postgis_url: str) -> Iterator[PostgisSnapshots]:
    store = PostgisSnapshots(postgis_url, render_fragments)
    yield store
    store.close()


@pytest.fixture
def stores(postgis: PostgisSnapshots, tmp_path: Path) -> list[SnapshotStore]:
    return [FolderSnapshots(tmp_path / "snapshots", render_fragments), postgis]


def upload(random: Random, count: int) -> Iterator[EntityBatch]:
    """Return batches in which ids are repeated, rows are missing, and some rows ask for a deletion."""
    row = 0
    for _ in range(3):
        rows = np.cumsum([random.randint(1, 3) for _ in range(count)]) + row
        ids = [str(random.randrange(2 * count)) for _ in rows]
        deletes = [random.random() < 0.2 for _ in rows]
        kept = [i for i in range(count) if not deletes[i]]
        entities = [{"ShopId": ids[i], "Name": f"row {rows[i]}"} for i in kept]
        deletions = tuple(Deletion(int(rows[i]), ids[i]) for i in range(count) if deletes[i])
        yield replace(batch_of(SHOP, entities), rows=rows[kept], deletions=deletions)
        row = int(rows[-1])


def without_deletions(batches: Iterator[EntityBatch]) -> Iterator[EntityBatch]:
    return (replace(batch, deletions=()) for batch in batches)


def rows_of(store: SnapshotStore, snapshot_id: str) -> list[object]:
    return [row for batch in store.open(snapshot_id).batches() for row in batch.to_pylist()]


@pytest.mark.parametrize("seed", range(5))
def test_reports_and_entities_are_those_of_the_other_engine(stores: list[SnapshotStore], seed: int) -> None:
    files, postgis = stores
    loaded = [store.write("one-1", SHOP, without_deletions(upload(Random(seed), 30))) for store in stores]
    changed = [store.write_changed("two-1", "one-1", upload(Random(seed + 100), 20)) for store in stores]
    assert loaded[0] == loaded[1]
    assert changed[0] == changed[1]
    assert loaded[0].duplicate_count > 0
    for snapshot_id in ("one-1", "two-1"):
        assert rows_of(files, snapshot_id) == rows_of(postgis, snapshot_id)


@pytest.mark.parametrize(
    "text",
    [
        "POINT (1 2)",
        "POLYGON ((170 10, -170 10, -170 -10, 170 -10, 170 10))",
        "LINESTRING (179 0, -179 1, 179 2)",
        "GEOMETRYCOLLECTION (POINT (180 0), GEOMETRYCOLLECTION (LINESTRING (0 0, 1.1 0.1)))",
        "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))",
        "MULTIPOINT (0.1 0.2, -0 1e-300)",
    ],
)
def test_a_geography_comes_back_to_the_last_bit(postgis: PostgisSnapshots, text: str) -> None:
    shape = read_wkt(text)
    assert shape is not None
    wkb = shape.wkb
    postgis.write("one-1", SHOP, [batch_of(SHOP, [{"ShopId": "a", "Area": wkb}])])
    assert rows_of(postgis, "one-1")[0] == {"ShopId": "a", "Name": "", "Area": wkb, "Latitude": None, "Longitude": None}


def test_large_entities_are_read_a_few_at_a_time(postgis: PostgisSnapshots) -> None:
    ring = ", ".join(f"{i / 20_000} {(i % 7) / 1000}" for i in range(20_000))
    shape = read_wkt(f"LINESTRING ({ring})")
    assert shape is not None
    entities = [{"ShopId": f"{i:02}", "Area": shape.wkb} for i in range(60)]
    postgis.write("one-1", SHOP, [batch_of(SHOP, entities)])
    batches = list(postgis.open("one-1").batches())
    assert sum(batch.num_rows for batch in batches) == 60
    assert max(batch.nbytes for batch in batches) <= 2**24
