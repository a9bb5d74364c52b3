"""Every snapshot engine agrees with the oracle: the same entities, in the same order, at the same distances."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from geostead.formats.base import Deletion
from geostead.model.columns import arrow_schema
from geostead.model.entity import EntityPage
from geostead.query.bound import BoundQuery, Intersects, NearRoute
from geostead.snapshots.base import Snapshot, SnapshotStore
from geostead.snapshots.node_cache import NodeCache
from geostead.snapshots.objects import ObjectSnapshots
from geostead.snapshots.postgis.snapshot import PostgisSnapshot
from geostead.snapshots.postgis.store import PostgisSnapshots
from geostead.snapshots.store import FolderSnapshots
from tests.entities import batch_of
from tests.oracle import Answer, disagreement
from tests.snapshots.stored import render_ids
from tests.strategies import ENTITY_TYPE, make_entities, make_query

COMPARISONS = os.environ.get("GEOSTEAD_TEST_COMPARISONS")
"""How many queries are compared; ``make soak`` asks for 50,000. None: a sample that takes some seconds."""
QUERIES_PER_SNAPSHOT = 50


@pytest.fixture(params=["snapshots", "objects", "postgis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SnapshotStore]:
    if request.param == "snapshots":
        yield FolderSnapshots(tmp_path, render_ids)
        return
    if request.param == "objects":
        cache = NodeCache(tmp_path, 100_000)  # far too little: so that much is fetched again
        yield ObjectSnapshots(request.getfixturevalue("objects"), cache, render_ids)
        return
    store = PostgisSnapshots(request.getfixturevalue("postgis_url"), render_ids)
    yield store
    store.close()


def sample(store: SnapshotStore, size: int) -> int:
    """Return how many queries take as long: each one to a server takes a hundred times as long as one to files."""
    return size // 5 if isinstance(store, PostgisSnapshots) else size


def answer_of(page: EntityPage) -> Answer:
    ids = [bytes(fragment).decode() for fragment in page.rows.json_fragments()]
    intersections = None if page.intersections is None else page.intersections.to_pylist()
    return Answer(ids, page.distances_km, page.total_count, intersections)


def write_whole(store: SnapshotStore, name: str, entities: list[dict[str, object]]) -> None:
    half = len(entities) // 2
    batches = [batch_of(ENTITY_TYPE, entities[:half]), batch_of(ENTITY_TYPE, entities[half:], first_row=half)]
    store.write(name, ENTITY_TYPE, batches)


def write_in_two_steps(store: SnapshotStore, name: str, entities: list[dict[str, object]]) -> None:
    """Write what is to be deleted again, and every other entity with the values of another; then mend all that."""
    wrong = [{**other, "PlaceCode": one["PlaceCode"]} for one, other in pairwise(entities)][::2]
    store.write("base-1", ENTITY_TYPE, [batch_of(ENTITY_TYPE, [*wrong, {"PlaceCode": "gone"}])])
    changes = replace(batch_of(ENTITY_TYPE, entities, first_row=1), deletions=(Deletion(0, "gone"),))
    store.write_changed(name, "base-1", [changes])
    store.delete("base-1")


def write_random(store: SnapshotStore, random: Random, name: str) -> tuple[Snapshot, list[dict[str, object]]]:
    entities = make_entities(random, random.choice((1, 2, 20, 200, 600)))
    write = random.choice((write_whole, write_in_two_steps))
    write(store, name, entities)
    return store.open(name), entities


@pytest.fixture
def empty(store: SnapshotStore) -> Snapshot:
    """A snapshot of which the last entity was deleted."""
    store.write("base-1", ENTITY_TYPE, [batch_of(ENTITY_TYPE, make_entities(Random(1), 1))])
    entity_id = next(store.open("base-1").batches()).column("PlaceCode")[0].as_py()
    deletions = (Deletion(0, entity_id),)
    store.write_changed("empty-1", "base-1", [replace(batch_of(ENTITY_TYPE, []), deletions=deletions)])
    return store.open("empty-1")


def test_random_queries_on_random_entities_agree_with_the_oracle(
    store: SnapshotStore, record_property: Callable[[str, object], None]
) -> None:
    comparisons = sample(store, 500) if COMPARISONS is None else int(COMPARISONS)
    compared = Counter[str]()
    for number in range(comparisons // QUERIES_PER_SNAPSHOT):
        random = Random(number)
        snapshot, entities = write_random(store, random, f"s{number}-1")
        for _ in range(QUERIES_PER_SNAPSHOT):
            query = make_query(random, entities)
            found = disagreement(query, entities, ENTITY_TYPE, answer_of(snapshot.search(query)))
            assert found is None, f"seed {number}: {query}: {found}"
            compared[type(query.spatial).__name__] += 1
            compared["with an intersection"] += query.intersection is not None
        store.delete(f"s{number}-1")
    record_property("comparisons_with_the_oracle", dict(compared))
    print(f"compared with the oracle: {dict(compared)}")  # noqa: T201


def test_where_nothing_is_left_every_query_finds_nothing(store: SnapshotStore, empty: Snapshot) -> None:
    random = Random(0)
    for _ in range(sample(store, 300)):
        query = make_query(random, [])
        has_shape = query.intersection is not None or isinstance(query.spatial, Intersects | NearRoute)
        is_quick = query.predicate is None and not has_shape
        assert isinstance(empty, PostgisSnapshot) or empty.search_at_once(query) is not None or not is_quick
        found = disagreement(query, [], ENTITY_TYPE, answer_of(empty.search(query)))
        assert found is None, f"{query}: {found}"


def test_where_nothing_is_left_pages_have_all_columns_all_the_same(empty: Snapshot) -> None:
    page = empty.search(BoundQuery(count=True))
    assert (empty.entity_count, page.total_count, len(page.rows)) == (0, 0, 0)
    assert page.rows.columns(ENTITY_TYPE.names).schema == arrow_schema(ENTITY_TYPE)
    assert [empty.find(entity_id) for entity_id in ("", "gone", "\U0001f600")] == [None] * 3
    assert sum(batch.num_rows for batch in empty.batches()) == 0


def test_what_was_emptied_can_be_filled_again(store: SnapshotStore, empty: Snapshot) -> None:
    entities = make_entities(Random(2), 20)
    written = store.write_changed("filled-1", "empty-1", [batch_of(ENTITY_TYPE, entities)])
    assert (empty.entity_count, written.entity_count, store.open("filled-1").entity_count) == (0, 20, 20)
    query = BoundQuery(top=20)
    assert disagreement(query, entities, ENTITY_TYPE, answer_of(store.open("filled-1").search(query))) is None


def test_the_pages_of_a_query_are_the_whole_without_repeats(store: SnapshotStore) -> None:
    random = Random(0)
    snapshot, entities = write_random(store, random, "pages-1")
    for _ in range(sample(store, 25)):
        query = make_query(random, entities)
        whole = BoundQuery(query.spatial, query.predicate, query.order, top=len(entities) + 1)
        pages = []
        for skip in range(0, len(entities) + 7, 7):
            page = snapshot.search(BoundQuery(query.spatial, query.predicate, query.order, top=7, skip=skip))
            pages += page.rows.json_fragments()
        assert pages == snapshot.search(whole).rows.json_fragments()


def test_every_entity_is_found_by_its_id_with_all_its_values(store: SnapshotStore) -> None:
    snapshot, entities = write_random(store, Random(5), "values-1")
    for entity in entities:
        page = snapshot.find(str(entity["PlaceCode"]))
        assert page is not None
        (values,) = page.rows.columns(ENTITY_TYPE.names).to_pylist()
        assert {name: value for name, value in values.items() if value not in (None, "")} == {
            name: value for name, value in entity.items() if value not in (None, "")
        }


def test_all_batches_together_are_all_entities_in_entity_id_order(store: SnapshotStore) -> None:
    snapshot, entities = write_random(store, Random(6), "batches-1")
    ids = [i for batch in snapshot.batches() for i in batch.column("PlaceCode").to_pylist()]
    assert ids == sorted(str(entity["PlaceCode"]) for entity in entities)
