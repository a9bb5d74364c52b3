"""Every snapshot engine puts every entity with coordinates on the map, exactly once at each zoom."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
import shapely

from geostead.geo.tiles import Tile, on_map
from geostead.query.bound import BoundQuery, InBox
from geostead.snapshots.base import Snapshot, SnapshotStore
from geostead.snapshots.gathering import MOST_SINGLE, Gathered
from geostead.snapshots.postgis.store import PostgisSnapshots
from geostead.snapshots.store import FolderSnapshots
from tests.entities import batch_of
from tests.snapshots.stored import render_ids
from tests.strategies import ENTITY_TYPE, Entity, make_entities, make_query

EVERYWHERE = BoundQuery()


@pytest.fixture(params=["snapshots", "postgis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SnapshotStore]:
    if request.param == "snapshots":
        yield FolderSnapshots(tmp_path, render_ids)
        return
    store = PostgisSnapshots(request.getfixturevalue("postgis_url"), render_ids)
    yield store
    store.close()


def write(store: SnapshotStore, entities: list[Entity], name: str = "one-1") -> Snapshot:
    store.write(name, ENTITY_TYPE, [batch_of(ENTITY_TYPE, entities)])
    return store.open(name)


def tiles_of(zoom: int) -> list[Tile]:
    return [Tile(zoom, column, row) for column in range(2**zoom) for row in range(2**zoom)]


def ids_of(gathered: Gathered) -> list[str]:
    ids: list[str] = gathered.singles.columns(["PlaceCode"]).column(0).to_pylist()
    return ids


def crowd(count: int, *, latitude: float = 0.0, longitude: float = 0.0) -> list[Entity]:
    places = [(latitude + i % 30 / 10, longitude + i // 30 / 10) for i in range(count)]
    return [
        {"PlaceCode": f"{i:04}", "latitude": lat, "LONGITUDE": lon, "Seats": i % 7}
        for i, (lat, lon) in enumerate(places)
    ]


def test_what_satisfies_a_query_and_has_a_place_is_in_exactly_one_tile_of_each_zoom(store: SnapshotStore) -> None:
    is_server = isinstance(store, PostgisSnapshots)  # each tile is a statement or two
    for seed in range(2 if is_server else 5):
        random = Random(seed)
        entities = make_entities(random, 60)
        snapshot = write(store, entities, f"s{seed}-1")
        for _ in range(3):
            query = make_query(random, entities)
            page = snapshot.search(replace(query, top=1_000, skip=0, names=None, intersection=None))
            columns = page.rows.columns(["PlaceCode", "latitude"])
            expected = {i for i, lat in zip(*(c.to_pylist() for c in columns.columns), strict=True) if lat is not None}
            for zoom in range(2 if is_server else 3):
                found = Counter[str]()
                for tile in tiles_of(zoom):
                    found.update(ids_of(snapshot.gather(query, tile)))
                assert found == Counter(expected), f"seed {seed}, zoom {zoom}: {query}"


def test_many_places_are_gathered_and_none_is_lost_or_counted_twice(store: SnapshotStore) -> None:
    alone: list[Entity] = [{"PlaceCode": "pole", "latitude": -90.0, "LONGITUDE": 77.0}]
    snapshot = write(store, [*crowd(900, longitude=-2.0), *alone, {"PlaceCode": "nowhere"}])
    for zoom in range(3):
        assert sum(snapshot.gather(EVERYWHERE, tile).entity_count for tile in tiles_of(zoom)) == 901
    world = snapshot.gather(EVERYWHERE, Tile(0, 0, 0))
    assert ids_of(world) == ["pole"]
    assert world.clusters.counts.sum() == 900
    assert (world.clusters.counts > 1).all()


def test_a_cluster_lies_in_the_mean_of_its_places_and_knows_its_bounds(store: SnapshotStore) -> None:
    count = MOST_SINGLE + 1
    places = crowd(count, latitude=40.0, longitude=10.0)
    clusters = write(store, places).gather(EVERYWHERE, Tile(0, 0, 0)).clusters
    x, y = on_map(
        latitudes=np.array([place["latitude"] for place in places], float),
        longitudes=np.array([place["LONGITUDE"] for place in places], float),
    )
    assert np.average(clusters.x, weights=clusters.counts) == pytest.approx(x.mean(), abs=1e-12)
    assert np.average(clusters.y, weights=clusters.counts) == pytest.approx(y.mean(), abs=1e-12)
    assert clusters.bounds.min(axis=0)[:2].tolist() == [10.0, 40.0]
    assert clusters.bounds.max(axis=0)[2:].tolist() == pytest.approx([10.0 + (count - 1) // 30 / 10, 42.9])


def test_filters_count_before_places_are_gathered(store: SnapshotStore) -> None:
    snapshot = write(store, crowd(900))
    box = BoundQuery(InBox(-1.0, -1.0, 1.0, 1.0))
    inside = snapshot.search(replace(box, count=True)).total_count
    assert snapshot.gather(box, Tile(0, 0, 0)).entity_count == inside
    assert snapshot.gather(box, Tile(1, 1, 0)).entity_count < 900


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(90.0, 0.0), (-90.0, 180.0), (0.0, 180.0), (0.0, -180.0), (0.0, 0.0), (85.06, -180.0), (-85.06, 179.999999999999)],
)
def test_edges_of_the_earth_are_in_one_tile_each(store: SnapshotStore, latitude: float, longitude: float) -> None:
    place: Entity = {"PlaceCode": "edge", "latitude": latitude, "LONGITUDE": longitude}
    snapshot = write(store, [place])
    x, y = on_map(latitudes=np.array([latitude]), longitudes=np.array([longitude]))
    for zoom in (0, 1, 9, 22):
        tile = Tile(zoom, int(x[0] * 2**zoom), int(y[0] * 2**zoom))
        assert ids_of(snapshot.gather(EVERYWHERE, tile)) == ["edge"]
        beside = {tile._replace(column=(tile.column + 1) % 2**zoom), tile._replace(row=(tile.row + 1) % 2**zoom)}
        assert [ids_of(snapshot.gather(EVERYWHERE, other)) for other in beside - {tile}] == [[]] * len(beside - {tile})


def test_geographies_are_found_by_where_they_reach_unless_they_are_too_many(store: SnapshotStore) -> None:
    outline = shapely.to_wkb(shapely.box(170.0, 10.0, 179.0, 20.0), byte_order=1)
    across = shapely.to_wkb(shapely.Polygon([(170, -20), (-170, -20), (-170, -10), (170, -10)]), byte_order=1)
    entities: list[Entity] = [
        {"PlaceCode": "a", "latitude": 15.0, "LONGITUDE": 175.0, "Outline": outline, "Seats": 1},
        {"PlaceCode": "b", "latitude": -15.0, "LONGITUDE": 180.0, "Outline": across},
        {"PlaceCode": "c", "latitude": 15.0, "LONGITUDE": 175.0},
    ]
    snapshot = write(store, entities)

    def shapes(tile: Tile, most: int = 10) -> list[str] | None:
        found = snapshot.shapes(EVERYWHERE, tile.rectangles(0.01), most)
        return None if found is None else found.columns(["PlaceCode"]).column(0).to_pylist()

    assert shapes(Tile(0, 0, 0)) == ["a", "b"]
    assert shapes(Tile(2, 3, 1)) == ["a"]
    assert shapes(Tile(2, 0, 2)) == ["b"]
    assert shapes(Tile(2, 1, 1)) == []
    assert shapes(Tile(0, 0, 0), most=1) is None
