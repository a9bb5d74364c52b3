"""Whatever stands in names, ids and literals is data for PostgreSQL, never part of a statement."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count, cycle

import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from geostead.formats.rows.text_columns import is_text
from geostead.geo.position import Position
from geostead.model.columns import arrow_schema
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.query.bound import (
    BoundQuery,
    Comparator,
    Compare,
    InBox,
    Intersects,
    IsIn,
    Nearby,
    NearRoute,
    Not,
    OrderTerm,
    TextTest,
)
from geostead.query.bound import TestText as WildcardTest
from geostead.snapshots.postgis.store import PostgisSnapshots
from geostead.wire.entities_json import render_fragments
from tests.entities import batch_of

NAME = Property("Name", EdmType.STRING)
THING = EntityType.declare(
    "Thing",
    [Property("Id", EdmType.STRING), NAME, Property("Latitude", EdmType.DOUBLE), Property("Longitude", EdmType.DOUBLE)],
    ["Id"],
)
ATTACKS = (
    "'; DROP SCHEMA geostead CASCADE; --",
    '"; DROP SCHEMA geostead CASCADE; --',
    "$1",
    "%s",
    "%(a0)s",
    "100%",
    "_",
    "\\",
    "\\.",
    "a\n\\.\nb",
    "\\N",
    '""',
    "{}",
    "',NULL,'",
    "\r\n\t",
    "\U0001f600\uffee",
)
texts = st.one_of(st.sampled_from(ATTACKS), st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
values = texts.filter(is_text)
# Words of PostgreSQL, names of what every table has, and whatever a statement of this engine calls something.
WORDS = re.findall(
    r"\w+",
    """
    select order user xmin ctid tableoid oid _ table x y z point row id place key value deletes loaded repeated numbered
    west south east north box entity change changes base source count bool coalesce dense_rank rank row_number
    st_asbinary candidates a0
    """,
)
words = st.sampled_from([*WORDS, "A" * 50, "Table", "Oid", "North"])
numbers = count()
many = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def store(postgis_url: str) -> Iterator[PostgisSnapshots]:
    store = PostgisSnapshots(postgis_url, render_fragments)
    yield store
    store.close()


MEANINGS: dict[object, Callable[[str, str], bool]] = {
    Comparator.EQ: lambda value, text: value == text,
    Comparator.NE: lambda value, text: value != text,
    Comparator.LT: lambda value, text: value < text,
    Comparator.LE: lambda value, text: value <= text,
    Comparator.GT: lambda value, text: value > text,
    Comparator.GE: lambda value, text: value >= text,
    TextTest.STARTS_WITH: str.startswith,
    TextTest.ENDS_WITH: str.endswith,
    TextTest.CONTAINS: str.__contains__,
}


@many
@given(st.lists(values, min_size=1, max_size=5, unique=True), texts)
@example(["a", "ab", ""], "a\0b")
@example(list(ATTACKS), ATTACKS[0])
def test_every_text_means_itself(store: PostgisSnapshots, named: list[str], text: str) -> None:
    entities = [{"Id": f"{i}{name[:40]}", "Name": name} for i, name in enumerate(named)]
    snapshot_id = f"t{next(numbers)}-1"
    store.write(snapshot_id, THING, [batch_of(THING, entities)])
    snapshot = store.open(snapshot_id)
    for entity in entities:
        found = snapshot.find(entity["Id"])
        assert found is not None
        assert found.rows.columns(["Id", "Name"]).to_pylist() == [entity]
    assert (snapshot.find(text) is None) is (text not in {entity["Id"] for entity in entities})

    def matching(predicate: object) -> list[str]:
        page = snapshot.search(BoundQuery(predicate=predicate, names=("Name",), top=100))  # type: ignore[arg-type]
        return sorted(page.rows.columns(["Name"]).column(0).to_pylist())

    for test, holds in MEANINGS.items():
        leaf = Compare(NAME, test, text) if isinstance(test, Comparator) else WildcardTest(NAME, test, text)
        assert matching(leaf) == sorted(name for name in named if holds(name, text))
        assert matching(Not(leaf)) == sorted(name for name in named if not holds(name, text))
    wanted = frozenset([text, named[0]])
    assert matching(IsIn(NAME, wanted)) == sorted(name for name in named if name in wanted)
    assert matching(Not(IsIn(NAME, wanted, missing=True))) == sorted(n for n in named if n not in wanted | {""})
    store.delete(snapshot_id)


@pytest.mark.parametrize("entity_id", ["a\0b", "\0", "\ud800", "x\udfff", "'; DROP SCHEMA geostead CASCADE; --", ""])
def test_an_id_that_no_entity_can_have_finds_none(store: PostgisSnapshots, entity_id: str) -> None:
    store.write("one-1", THING, [batch_of(THING, [{"Id": "a"}])])
    assert store.open("one-1").find(entity_id) is None


QUERIES = (
    BoundQuery(count=True),
    BoundQuery(spatial=Nearby(1.0, 2.0, 100.0), distance=True, count=True),
    BoundQuery(spatial=InBox(0.0, 0.0, 3.0, 3.0), count=True),
    BoundQuery(spatial=Intersects(shapely.box(0.0, 0.0, 3.0, 3.0)), count=True),
    BoundQuery(spatial=NearRoute((Position(0.0, 2.0), Position(3.0, 2.0)), 10.0), distance=True, count=True),
)


def check_names(store: PostgisSnapshots, names: list[str]) -> None:
    """Write, search, change and check a snapshot whose properties are called like that."""
    kinds = cycle([*EdmType][:5])
    named = [Property(name, edm) for name, edm in zip(names, kinds, strict=False)]
    area = Property("An_Area", EdmType.GEOGRAPHY)
    entity_type = EntityType.declare("Odd", [*THING.properties[:1], *THING.properties[2:], *named, area], ["Id"])
    base_id, snapshot_id = f"n{next(numbers)}-1", f"n{next(numbers)}-1"
    entity = {"Id": "a", "Latitude": 1.0, "Longitude": 2.0}
    store.write(base_id, entity_type, [batch_of(entity_type, [entity, entity])])
    store.write_changed(snapshot_id, base_id, [batch_of(entity_type, [entity])])
    store.check(snapshot_id)
    snapshot = store.open(snapshot_id)
    assert snapshot.search(BoundQuery()).rows.columns(entity_type.names).schema == arrow_schema(entity_type)
    orders = [(), tuple(OrderTerm(p, descending=False) for p in named)]
    for query in (replace(query, order=order) for query in QUERIES for order in orders):
        page = snapshot.search(query)
        assert (page.rows.columns(["Id"]).column(0).to_pylist(), page.total_count) == (["a"], 1)
    for one in (base_id, snapshot_id):
        store.delete(one)


def test_names_that_statements_use_themselves_are_names_of_properties_too(store: PostgisSnapshots) -> None:
    check_names(store, [word for word in WORDS if word != "id"])


@pytest.mark.parametrize("key", ["Row", "Dense_Rank", "Coalesce", "West", "Entity"])
def test_the_entity_id_may_be_called_as_statements_call_something(store: PostgisSnapshots, key: str) -> None:
    entity_type = EntityType.declare("Odd", [Property(key, EdmType.STRING), *THING.properties[1:]], [key])
    store.write("key-1", entity_type, [batch_of(entity_type, [{key: "a", "Latitude": 1.0, "Longitude": 2.0}])])
    store.check("key-1")
    for query in QUERIES:
        page = store.open("key-1").search(replace(query, order=(OrderTerm(NAME, descending=False),)))
        assert page.rows.columns([key]).column(0).to_pylist() == ["a"]
    store.delete("key-1")


@many
@given(st.lists(st.one_of(words, st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,49}", fullmatch=True)), max_size=8))
def test_every_possible_name_of_a_property_is_a_column(store: PostgisSnapshots, names: list[str]) -> None:
    taken = {"id", "latitude", "longitude", "an_area"}
    check_names(
        store, [n for n in names if not n.startswith("__") and not (n.lower() in taken or taken.add(n.lower()))]
    )


def test_an_entity_type_may_have_all_the_properties_that_the_limits_allow(store: PostgisSnapshots) -> None:
    more = [Property(f"P{number}", EdmType.STRING) for number in range(349)]
    wide = EntityType.declare("Wide", [*THING.properties[:1], *THING.properties[2:], *more], ["Id"])
    store.write("wide-1", wide, [batch_of(wide, [{"Id": "a", "P348": "last"}])])
    page = store.open("wide-1").find("a")
    assert page is not None
    assert page.rows.columns(["P348"]).column(0).to_pylist() == ["last"]
