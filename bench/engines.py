"""Both engines of entities side by side: the same places, the same queries, the same process.

``python -m bench.engines`` starts a PostgreSQL with PostGIS of its own, loads the same places into both, holds the
answers against each other and measures each: the median of one query at a time, and how many a second come out of four
threads. A query is measured from the bound query to the bytes of the JSON reply, without HTTP and catalog.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from pathlib import Path
from random import Random

from bench.places import CATEGORIES, cities, write_places
from geostead.formats.registry import open_reader
from geostead.model.entity_type import EntityType
from geostead.model.job import InputFormat
from geostead.model.limits import PROFILES
from geostead.query.bound import BoundQuery, Comparator, Compare, InBox, Nearby, OrderTerm, TestText, TextTest
from geostead.snapshots.base import Snapshot, SnapshotStore
from geostead.snapshots.postgis.store import PostgisSnapshots
from geostead.snapshots.store import FolderSnapshots
from geostead.wire.entities_json import encode_entity, encode_page, render_fragments
from tests.postgres import POSTGIS, running_postgres

THREADS = 4
URL = "http://127.0.0.1/REST/v1/data/access/places/Place"

Ask = Callable[[Snapshot, Random], bytes]


@dataclass(frozen=True)
class Kind:
    """One kind of query."""

    title: str
    make: Callable[[EntityType, Random], BoundQuery | str]
    """Makes a query, or the id of an entity."""


@dataclass(frozen=True)
class Speed:
    """How fast one engine answers one kind."""

    median_ms: float
    per_second: float


def nearby(km: float, _entity_type: EntityType, random: Random) -> BoundQuery:
    latitude, longitude = random.choice(cities().tolist())
    circle = Nearby(latitude + random.gauss(0, 0.1), longitude + random.gauss(0, 0.1), km)
    return BoundQuery(circle, distance=True)


def box(_entity_type: EntityType, random: Random) -> BoundQuery:
    latitude, longitude = random.choice(cities().tolist())
    return BoundQuery(InBox(latitude - 0.1, longitude - 0.15, latitude + 0.1, longitude + 0.15), count=True)


def equals(entity_type: EntityType, random: Random) -> BoundQuery:
    category = entity_type.find("Category")
    assert category is not None
    return BoundQuery(None, Compare(category, Comparator.EQ, str(random.choice(CATEGORIES))), count=True)


def prefix(entity_type: EntityType, random: Random) -> BoundQuery:
    name = entity_type.find("Name")
    assert name is not None
    return BoundQuery(None, TestText(name, TextTest.STARTS_WITH, random.choice(("har", "old", "mu"))), count=True)


def ordered(entity_type: EntityType, random: Random) -> BoundQuery:
    name = entity_type.find("Name")
    return BoundQuery(None, None, (OrderTerm(name, random.random() < 0.5),))


def page(_entity_type: EntityType, random: Random) -> BoundQuery:
    return BoundQuery(top=250, skip=random.randrange(0, 5000, 250))


def entity_id(entities: int, _entity_type: EntityType, random: Random) -> str:
    return f"P{random.randrange(entities)}"


def kinds(entities: int) -> list[Kind]:
    return [
        *(Kind(f"nearby {km:,} km, the nearest 25", partial(nearby, km)) for km in (10, 50, 1000)),
        Kind("in a box the size of a city, with count", box),
        Kind("equality of a string, with count", equals),
        Kind("prefix of a string, with count", prefix),
        Kind("by id", partial(entity_id, entities)),
        Kind("a page of 250", page),
        Kind("ordered by a string, the first 25", ordered),
    ]


def answer(snapshot: Snapshot, query: BoundQuery | str) -> bytes:
    if isinstance(query, str):
        found = snapshot.find(query)
        return b"" if found is None else encode_entity(found, URL)
    return encode_page(snapshot.search(query), URL)


def load_s(store: SnapshotStore, upload: Path) -> float:
    reader = open_reader(InputFormat.CSV, lambda: upload.open("rb"), PROFILES["self-hosted"], "places")
    batches = list(reader.batches())  # to read the file takes as long for either
    began = time.perf_counter()
    store.write("places-1", reader.entity_type, batches)
    return time.perf_counter() - began


def compare_answers(kind: Kind, snapshots: list[Snapshot]) -> None:
    for seed in range(5):
        query = kind.make(snapshots[0].entity_type, Random(seed))
        one, other = (answer(snapshot, query) for snapshot in snapshots)
        assert one == other, f"{kind.title}: the engines differ for {query}"


def measure(kind: Kind, snapshot: Snapshot, seconds: float) -> Speed:
    queries = [kind.make(snapshot.entity_type, Random(seed)) for seed in range(500)]
    for query in queries[:10]:
        answer(snapshot, query)
    taken_s = list(islice(_one_by_one(snapshot, queries, seconds), 2000))
    return Speed(1000 * statistics.median(taken_s), _rate(snapshot, queries, seconds))


def _one_by_one(snapshot: Snapshot, queries: list[BoundQuery | str], seconds: float) -> Iterator[float]:
    end = time.perf_counter() + seconds
    for number in count():
        began = time.perf_counter()
        answer(snapshot, queries[number % len(queries)])
        yield time.perf_counter() - began
        if time.perf_counter() > end:
            return


def _rate(snapshot: Snapshot, queries: list[BoundQuery | str], seconds: float) -> float:
    began = time.perf_counter()

    def ask(thread: int) -> int:
        own = queries[thread::THREADS]
        return sum(1 for _ in _one_by_one(snapshot, own, seconds))

    with ThreadPoolExecutor(THREADS) as threads:
        answered = sum(threads.map(ask, range(THREADS)))
    return answered / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--places", type=int, default=200_000)
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each number is measured")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_postgres() as postgres:
        upload = Path(folder) / "places.csv"
        write_places(upload, arguments.places)
        files = FolderSnapshots(Path(folder) / "snapshots", render_fragments)
        postgis = PostgisSnapshots(postgres.new_database(like=POSTGIS), render_fragments)
        print("| | snapshots | PostGIS |\n|---|--:|--:|")
        loads = [load_s(store, upload) for store in (files, postgis)]
        print("| to write, rows per second | " + " | ".join(f"{arguments.places / s:,.0f}" for s in loads) + " |")
        snapshots: list[Snapshot] = [files.open("places-1"), postgis.open("places-1")]
        for kind in kinds(arguments.places):
            compare_answers(kind, snapshots)
            speeds = [measure(kind, snapshot, arguments.seconds) for snapshot in snapshots]
            cells = [f"{s.median_ms:,.2f} ms; {s.per_second:,.0f}/s" for s in speeds]
            print(f"| {kind.title} | {' | '.join(cells)} |", flush=True)
        postgis.close()


if __name__ == "__main__":
    main()
