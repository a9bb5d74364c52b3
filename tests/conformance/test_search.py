"""Every snapshot engine agrees with the oracle: the same entities, in the same order, at the same distances."""

import os
from collections.abc import Callable
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest

from geostead.model.entity import EntityPage
from geostead.model.entity_type import EntityType
from geostead.query.bound import BoundQuery
from geostead.snapshots.base import Snapshot, SnapshotStore
from geostead.snapshots.store import FolderSnapshots
from tests.entities import batch_of
from tests.oracle import Answer, disagreement
from tests.strategies import ENTITY_TYPE, make_entities, make_query

COMPARISONS = int(os.environ.get("GEOSTEAD_TEST_COMPARISONS", "1000"))
"""How many queries are compared; ``make soak`` asks for 10,000 and more."""
QUERIES_PER_SNAPSHOT = 50


def render_ids(rows: pa.RecordBatch, entity_type: EntityType) -> pa.Array:
    return rows.column(entity_type.key_name).cast(pa.large_binary())


def folder_store(folder: Path) -> SnapshotStore:
    return FolderSnapshots(folder, render_ids)


@pytest.fixture(params=[folder_store])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> SnapshotStore:
    make: Callable[[Path], SnapshotStore] = request.param
    return make(tmp_path)


def answer_of(page: EntityPage) -> Answer:
    ids = [bytes(fragment).decode() for fragment in page.rows.json_fragments()]
    return Answer(ids, page.distances_km, page.total_count)


def write_random(store: SnapshotStore, random: Random, name: str) -> tuple[Snapshot, list[dict[str, object]]]:
    entities = make_entities(random, random.choice((1, 2, 20, 200, 600)))
    half = len(entities) // 2
    batches = [batch_of(ENTITY_TYPE, entities[:half]), batch_of(ENTITY_TYPE, entities[half:], first_row=half)]
    store.write(name, ENTITY_TYPE, batches)
    return store.open(name), entities


def test_random_queries_on_random_entities_agree_with_the_oracle(store: SnapshotStore) -> None:
    for number in range(COMPARISONS // QUERIES_PER_SNAPSHOT):
        random = Random(number)
        snapshot, entities = write_random(store, random, f"s{number}-1")
        for _ in range(QUERIES_PER_SNAPSHOT):
            query = make_query(random, entities)
            found = disagreement(query, entities, ENTITY_TYPE, answer_of(snapshot.search(query)))
            assert found is None, f"seed {number}: {query}: {found}"
        store.delete(f"s{number}-1")


def test_the_pages_of_a_query_are_the_whole_without_repeats(store: SnapshotStore) -> None:
    random = Random(0)
    snapshot, entities = write_random(store, random, "pages-1")
    for _ in range(50):
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
