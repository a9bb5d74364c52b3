"""The oracle against answers worked out by hand: query-language.md, sections 2 to 4."""

import math
from random import Random

import pytest

from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.query.bound import (
    And,
    BoundQuery,
    Comparator,
    Compare,
    Constant,
    InBox,
    IsIn,
    IsMissing,
    Nearby,
    Not,
    Or,
    OrderTerm,
    Predicate,
    TextTest,
)
from geostead.query.bound import TestText as TextPredicate  # pytest takes what is called Test… for tests
from tests.oracle import Answer, centre_of, disagreement, evaluate, haversine_km
from tests.strategies import ENTITY_TYPE, make_entities, make_query

CODE, NAME, SEATS = Property("Code", EdmType.STRING), Property("Name", EdmType.STRING), Property("Seats", EdmType.INT64)
COORDINATES = Property("Latitude", EdmType.DOUBLE), Property("Longitude", EdmType.DOUBLE)
SHOPS = EntityType.declare("Shops", [CODE, NAME, SEATS, *COORDINATES], ["Code"])

ENTITIES = [
    {"Code": "d", "Name": "", "Seats": 5},
    {"Code": "a", "Name": "Alma", "Seats": 5, "Latitude": 0.0, "Longitude": 179.5},
    {"Code": "b", "Name": "alma", "Latitude": 0.0, "Longitude": -179.5},
    {"Code": "c", "Seats": 9, "Latitude": 0.0, "Longitude": 180.0},
    {"Code": "B", "Name": "\U0001f600", "Seats": -1, "Latitude": 0.0, "Longitude": 179.5},
    {"Code": "e", "Name": "\uffee", "Seats": None, "Latitude": 60.0, "Longitude": -180.0},
]


def ids_of(query: BoundQuery) -> str:
    return "".join(evaluate(query, ENTITIES, SHOPS).ids)


def ids_where(predicate: Predicate) -> str:
    return ids_of(BoundQuery(predicate=predicate))


def test_a_degree_of_the_equator_is_the_360th_part_of_the_circumference() -> None:
    assert haversine_km((0.0, 10.0), (0.0, 11.0)) == pytest.approx(2 * math.pi * 6371.0088 / 360, rel=1e-12)


def test_the_antipode_is_half_the_circumference_away() -> None:
    assert haversine_km((0.0, 0.0), (0.0, 180.0)) == pytest.approx(math.pi * 6371.0088, rel=1e-12)


def test_the_default_order_is_by_entity_id_ordinally_and_entities_without_place_are_returned() -> None:
    assert ids_of(BoundQuery()) == "Babcde"


def test_nearby_orders_by_distance_then_id_across_the_antimeridian_and_leaves_out_what_has_no_place() -> None:
    result = evaluate(BoundQuery(spatial=Nearby(0.0, -180.0, 100)), ENTITIES, SHOPS)
    assert result.ids in {("c", "B", "a", "b"), ("c", "b", "B", "a")}
    assert result.total_count == 4
    assert result.distances_km is not None
    assert result.distances_km[1:] == pytest.approx([2 * math.pi * 6371.0088 / 720] * 3, rel=1e-12)


@pytest.mark.parametrize(
    ("box", "ids"),
    [
        (InBox(-1, 179, 1, -179), "Babc"),
        (InBox(-1, 179, 1, 180), "Bac"),
        (InBox(-1, -180, 1, -179.5), "bc"),
        (InBox(0, 179.5, 0, 179.5), "Ba"),
        (InBox(0, 180, 60, -180), "ce"),
        (InBox(0, 180, 60, 180), "ce"),
        (InBox(-90, -180, 90, 180), "Babce"),
        (InBox(1, -180, 90, 180), "e"),
    ],
)
def test_a_box_has_its_edges_and_180_is_minus_180(box: InBox, ids: str) -> None:
    assert ids_of(BoundQuery(spatial=box)) == ids


@pytest.mark.parametrize(
    ("box", "centre"),
    [
        (InBox(10, 20, 30, 60), (20, 40)),
        (InBox(-10, 170, 10, -170), (0, 180)),
        (InBox(-10, 160, 10, -170), (0, 175)),
        (InBox(-10, 170, 10, -160), (0, -175)),
        (InBox(-90, -180, 90, 180), (0, 0)),
    ],
)
def test_the_centre_of_a_box_is_in_the_box(box: InBox, centre: tuple[float, float]) -> None:
    assert haversine_km(centre_of(box), centre) == pytest.approx(0, abs=1e-9)
    assert abs(centre_of(box)[1]) <= 180


@pytest.mark.parametrize(
    ("predicate", "ids"),
    [
        (Compare(SEATS, Comparator.EQ, 5), "ad"),
        (Compare(SEATS, Comparator.NE, 5), "Bbce"),
        (Compare(SEATS, Comparator.LT, 5), "B"),
        (Compare(SEATS, Comparator.LE, 5), "Bad"),
        (Compare(SEATS, Comparator.GT, 5), "c"),
        (Compare(SEATS, Comparator.GE, 5), "acd"),
        (Compare(NAME, Comparator.LT, "a"), "acd"),
        (Compare(NAME, Comparator.NE, "alma"), "Bacde"),
        (Compare(NAME, Comparator.GT, "\uffee"), "B"),
        (IsMissing(SEATS), "be"),
        (IsMissing(NAME), "cd"),
        (IsIn(SEATS, frozenset({9, 5})), "acd"),
        (IsIn(SEATS, frozenset({9}), missing=True), "bce"),
        (IsIn(NAME, frozenset({"Alma"}), missing=True), "acd"),
        (IsIn(NAME, frozenset({"Alma", ""})), "acd"),
        (TextPredicate(NAME, TextTest.STARTS_WITH, "al"), "b"),
        (TextPredicate(NAME, TextTest.STARTS_WITH, ""), "Babcde"),
        (TextPredicate(NAME, TextTest.ENDS_WITH, "lma"), "ab"),
        (TextPredicate(NAME, TextTest.CONTAINS, "l"), "ab"),
        (Not(Compare(SEATS, Comparator.GT, 5)), "Babde"),
        (And((Compare(SEATS, Comparator.EQ, 5), IsMissing(NAME))), "d"),
        (Or((Compare(SEATS, Comparator.EQ, 9), IsMissing(SEATS))), "bce"),
        (Constant(False), ""),
        (Constant(True), "Babcde"),
    ],
)
def test_a_predicate_holds_for_these(predicate: Predicate, ids: str) -> None:
    assert ids_where(predicate) == ids


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        ((OrderTerm(SEATS),), "beBadc"),
        ((OrderTerm(SEATS, descending=True),), "cadBbe"),
        ((OrderTerm(NAME),), "cdabeB"),
        ((OrderTerm(NAME, descending=True),), "Bebacd"),
        ((OrderTerm(SEATS), OrderTerm(NAME)), "beBdac"),
        ((OrderTerm(SEATS), OrderTerm(CODE, descending=True)), "ebBdac"),
    ],
)
def test_missing_values_come_first_and_last_under_desc_and_ties_are_by_id(
    order: tuple[OrderTerm, ...], ids: str
) -> None:
    assert ids_of(BoundQuery(order=order)) == ids


def test_pages_are_cut_after_ordering_and_the_count_is_taken_before() -> None:
    result = evaluate(BoundQuery(top=2, skip=3), ENTITIES, SHOPS)
    assert (result.ids, result.total_count, result.distances_km) == (("c", "d"), 6, None)


def test_boxes_can_be_ordered_by_the_distance_from_their_centre() -> None:
    assert ids_of(BoundQuery(spatial=InBox(-1, 178, 1, -178), order=(OrderTerm(None, descending=True),)))[-1] == "c"


def test_an_answer_that_is_the_oracles_own_agrees() -> None:
    random = Random(7)
    entities = make_entities(random, 120)
    for _ in range(100):
        query = make_query(random, entities)
        result = evaluate(query, entities, ENTITY_TYPE)
        answer = Answer(result.ids, result.distances_km, result.total_count)
        assert disagreement(query, entities, ENTITY_TYPE, answer) is None


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (Answer(["c", "a"], None, None), "returned 'c' at 0"),
        (Answer(["a"], None, None), "returned ['a']"),
        (Answer(["a", "a"], None, None), "returned ['a', 'a']"),
        (Answer(["a", "c"], None, 3), "counted 3"),
        (Answer(["a", "c"], [1.0, 2.0], 2), "returned 'a' at 1.0 km"),
    ],
)
def test_an_answer_that_differs_is_told_apart(answer: Answer, complaint: str) -> None:
    query = BoundQuery(spatial=InBox(-1, 170, 1, 180), predicate=Not(Compare(NAME, Comparator.GT, "b")))
    assert (disagreement(query, ENTITIES, SHOPS, answer) or "").startswith(complaint)


def test_entities_at_nearly_one_distance_may_change_places_but_not_those_at_exactly_one() -> None:
    twins = [{"Code": code, "Latitude": 1.0, "Longitude": 1.0} for code in "ba"]
    query = BoundQuery(spatial=Nearby(1.0, 0.9, 100))
    assert disagreement(query, twins, SHOPS, Answer(["b", "a"], None, None)) is not None
    near = [*twins, {"Code": "c", "Latitude": 1.0, "Longitude": 1.0 + 1e-13}]
    assert disagreement(query, near, SHOPS, Answer(["c", "a", "b"], None, None)) is None
