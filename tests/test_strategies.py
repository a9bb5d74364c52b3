"""The makers of entities and queries: repeatable, varied and meaningful."""

from random import Random

from geostead.query.bound import BoundQuery
from tests.oracle import evaluate
from tests.strategies import ENTITY_TYPE, make_entities, make_query


def made(seed: int) -> tuple[list[dict[str, object]], list[BoundQuery]]:
    random = Random(seed)
    entities = make_entities(random, 150)
    return entities, [make_query(random, entities) for _ in range(400)]


def test_a_seed_makes_the_same_entities_and_queries_again() -> None:
    assert made(3) == made(3)


def test_entities_have_different_ids_and_every_property_is_missing_somewhere() -> None:
    entities, _ = made(4)
    assert len({entity["PlaceCode"] for entity in entities}) == len(entities)
    for name in set(ENTITY_TYPE.names) - {"PlaceCode"}:
        assert 0 < sum(entity.get(name) is None for entity in entities) < len(entities), name


def test_coordinates_are_in_range_and_some_are_on_the_edge_of_the_world_or_twice() -> None:
    entities, _ = made(5)
    places = [(e["latitude"], e["LONGITUDE"]) for e in entities if "latitude" in e]
    assert all(-90 <= latitude <= 90 and -180 <= longitude <= 180 for latitude, longitude in places)
    assert any(abs(latitude) == 90 for latitude, _ in places)
    assert any(abs(longitude) == 180 for _, longitude in places)
    assert len(set(places)) < len(places)


def test_most_queries_match_something_but_not_everything() -> None:
    entities, queries = made(6)
    counts = [evaluate(query, entities, ENTITY_TYPE).total_count for query in queries]
    assert sum(0 < count < len(entities) for count in counts) > len(queries) / 2
