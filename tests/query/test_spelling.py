"""Queries in every spelling that is allowed read back as what was meant (query-language.md, sections 1 to 3)."""

from random import Random

import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from geostead.query.bind import bind_filter
from geostead.query.bound import Intersects, NearRoute, Predicate
from geostead.query.options import bind_order
from geostead.query.parser import parse_filter
from geostead.query.select import bind_select
from geostead.query.spatial import parse_spatial
from geostead.query.written import AlongRoute
from tests.oracle import Entity, holds
from tests.query.shops import PLENTY
from tests.spelling import can_be_written, spell_filter, spell_order, spell_select, spell_spatial
from tests.strategies import ENTITY_TYPE, make_entities, make_predicate, make_query, make_spatial

ENTITIES = make_entities(Random(1), 60)
seeds = st.integers(0, 2**64).map(Random)


def held(predicate: Predicate) -> list[Entity]:
    return [entity for entity in ENTITIES if holds(predicate, entity)]


@given(seeds, st.integers(0, 3))
@settings(max_examples=600)
def test_a_filter_means_the_same_however_it_is_spelled(random: Random, depth: int) -> None:
    predicate = make_predicate(random, ENTITIES, depth=depth)
    assume(can_be_written(predicate))
    text = spell_filter(random, predicate)
    assert held(bind_filter(parse_filter(text), ENTITY_TYPE)) == held(predicate), text


def is_same(one: BaseGeometry | None, other: BaseGeometry | None) -> bool:
    """Tell whether two shapes are the same bit for bit, but for where their rings begin and which way they turn."""
    if one is None or other is None:
        return one is other
    return shapely.normalize(one) in (shapely.normalize(other), shapely.normalize(other.reverse()))


@given(seeds)
@settings(max_examples=500)
def test_a_spatial_filter_means_the_same_however_it_is_spelled(random: Random) -> None:
    spatial = make_spatial(random, ENTITIES)
    text = spell_spatial(random, spatial)
    match spatial, parse_spatial(text, PLENTY):
        case Intersects(shape), Intersects(read):
            assert is_same(read, shape), text
        case NearRoute(line), read:
            assert read == AlongRoute(line[0], line[-1]), text
        case _, read:
            assert read == spatial, text


@given(seeds)
@settings(max_examples=300)
def test_order_and_selection_mean_the_same_however_they_are_spelled(random: Random) -> None:
    query = make_query(random, ENTITIES)
    order = spell_order(random, query.order)
    assert query.order == (() if order is None else bind_order(order, ENTITY_TYPE, distance_defined=True))
    select = spell_select(random, query)
    if select is not None:
        read = bind_select(select, ENTITY_TYPE, PLENTY)
        assert (read.names, read.distance) == (query.names, query.distance), select
        assert is_same(read.intersection, query.intersection), select
