"""The slow, obvious evaluator of a bound query: what every engine must agree with (query-language.md).

Entities are plain dicts: a missing key and None are missing values, an Edm.DateTime is ticks. Distances are correct to
1e-12 relative, except within a metre of the antipode of the point they are measured from.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

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
    SpatialFilter,
    TestText,
    TextTest,
)

EARTH_RADIUS_KM = 6371.0088
Entity = Mapping[str, object]

COMPARE: dict[Comparator, Callable[[object, object], bool]] = {
    Comparator.EQ: lambda left, right: left == right,
    Comparator.NE: lambda left, right: left != right,
    Comparator.GT: lambda left, right: left > right,
    Comparator.GE: lambda left, right: left >= right,
    Comparator.LT: lambda left, right: left < right,
    Comparator.LE: lambda left, right: left <= right,
}
TEST_TEXT: dict[TextTest, Callable[[str, str], bool]] = {
    TextTest.STARTS_WITH: str.startswith,
    TextTest.ENDS_WITH: str.endswith,
    TextTest.CONTAINS: str.__contains__,
}


@dataclass(frozen=True)
class OracleResult:
    """What a query must return."""

    ids: tuple[str, ...]
    """Of the page, in reply order."""
    distances_km: tuple[float, ...] | None
    """Of the page, whether selected or not; None without a spatial filter."""
    total_count: int
    """Matches before paging, whether asked for or not."""


@dataclass(frozen=True)
class Match:
    """An entity that matches, with what it is ranked by."""

    id: str
    place: tuple[float, float] | None
    """Latitude and longitude, one spelling for each place."""
    distance_km: float | None
    keys: tuple[tuple[bool, object], ...]
    """For each order term whether there is a value, and the value; False for missing values: they are least."""


def evaluate(query: BoundQuery, entities: Sequence[Entity], entity_type: EntityType) -> OracleResult:
    """Evaluate a query by looking at every entity."""
    ranked = ranked_matches(query, entities, entity_type)
    page = ranked[query.skip : query.skip + query.top]
    distances = None if query.spatial is None else tuple(match.distance_km for match in page)
    return OracleResult(tuple(match.id for match in page), distances, len(ranked))


def ranked_matches(query: BoundQuery, entities: Sequence[Entity], entity_type: EntityType) -> list[Match]:
    """Return all matches in reply order."""
    order = order_of(query)
    matches = []
    for entity in entities:
        place = place_of(entity, entity_type)
        if query.spatial is not None and (place is None or not lies_within(place, query.spatial)):
            continue
        if query.predicate is not None and not holds(query.predicate, entity):
            continue
        distance = None if query.spatial is None else distance_from(query.spatial, one_spelling(place))
        keys = tuple(order_key(term, entity, distance) for term in order)
        matches.append(Match(entity[entity_type.key_name], one_spelling(place), distance, keys))
    matches.sort(key=lambda match: match.id)
    for index in reversed(range(len(order))):
        matches.sort(key=lambda match: match.keys[index], reverse=order[index].descending)
    return matches


def order_of(query: BoundQuery) -> tuple[OrderTerm, ...]:
    if not query.order and isinstance(query.spatial, Nearby):
        return (OrderTerm(None),)
    return query.order


def order_key(term: OrderTerm, entity: Entity, distance_km: float | None) -> tuple[bool, object]:
    value = distance_km if term.property is None else value_of(term.property, entity)
    return (False, 0) if value is None else (True, value)


def value_of(declared: Property, entity: Entity) -> object:
    """Return the value, None if missing; a missing string is ''."""
    value = entity.get(declared.name)
    return "" if value is None and declared.type is EdmType.STRING else value


def holds(predicate: Predicate, entity: Entity) -> bool:
    match predicate:
        case Constant(value):
            return value
        case Not(operand):
            return not holds(operand, entity)
        case And(operands):
            return all(holds(operand, entity) for operand in operands)
        case Or(operands):
            return any(holds(operand, entity) for operand in operands)
        case Compare() | IsIn() | IsMissing() | TestText():
            return value_satisfies(predicate, value_of(predicate.property, entity))


def value_satisfies(predicate: Compare | IsIn | IsMissing | TestText, value: object) -> bool:
    match predicate:
        case Compare(_, comparator, literal):
            return comparator is Comparator.NE if value is None else COMPARE[comparator](value, literal)
        case IsIn(_, values, missing):
            return value in values or (missing and is_missing(value))
        case IsMissing():
            return is_missing(value)
        case TestText(_, test, text):
            return TEST_TEXT[test](value, text)


def is_missing(value: object) -> bool:
    return value is None or value == ""


def place_of(entity: Entity, entity_type: EntityType) -> tuple[float, float] | None:
    """Return latitude and longitude, or None where one of them is missing."""
    latitude, longitude = entity.get(entity_type.latitude_name), entity.get(entity_type.longitude_name)
    return None if latitude is None or longitude is None else (latitude, longitude)


def one_spelling(place: tuple[float, float] | None) -> tuple[float, float] | None:
    """Return a place as all its spellings return it: a pole has any longitude, the antimeridian two."""
    if place is None or abs(place[0]) == 90:
        return place and (place[0], 0.0)
    return (place[0], 180.0) if place[1] == -180 else place


def lies_within(place: tuple[float, float], spatial: SpatialFilter) -> bool:
    match spatial:
        case Nearby():
            return distance_from(spatial, place) <= spatial.radius_km
        case InBox(south, _, north, _):
            latitude, longitude = place
            return south <= latitude <= north and any(spans(spatial, one) for one in names_of_meridian(longitude))


def names_of_meridian(longitude: float) -> tuple[float, ...]:
    """180 and -180 are the same meridian."""
    return (180.0, -180.0) if abs(longitude) == 180 else (longitude,)


def spans(box: InBox, longitude: float) -> bool:
    if box.west <= box.east:
        return box.west <= longitude <= box.east
    return longitude >= box.west or longitude <= box.east


def distance_from(spatial: SpatialFilter, place: tuple[float, float]) -> float:
    """Return kilometres from the point of nearby, or from the centre of the box."""
    match spatial:
        case Nearby(latitude, longitude, _):
            return haversine_km((latitude, longitude), place)
        case InBox():
            return haversine_km(centre_of(spatial), place)


def centre_of(box: InBox) -> tuple[float, float]:
    longitude = (box.west + box.east) / 2
    if box.west > box.east:
        longitude += 180 if longitude <= 0 else -180
    return (box.south + box.north) / 2, longitude


def haversine_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    lat1, lon1, lat2, lon2 = map(math.radians, (*one, *other))
    a = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, a)))


@dataclass(frozen=True)
class Answer:
    """What an engine returned for a query."""

    ids: Sequence[str]
    distances_km: Sequence[float] | None
    total_count: int | None


def disagreement(query: BoundQuery, entities: Sequence[Entity], entity_type: EntityType, answer: Answer) -> str | None:
    """Say how an engine's answer differs from the oracle's; None if it does not.

    Distances may differ by 1e-9 relative. Where distances that are no further apart rank entities, these may change
    places; entities at the same place may not, as long as no other comes near. Distances and count are compared where
    given.
    """
    ranked = ranked_matches(query, entities, entity_type)
    expected = ranked[query.skip : query.skip + query.top]
    if answer.total_count not in (None, len(ranked)):
        return f"counted {answer.total_count}, expected {len(ranked)}"
    if len(answer.ids) != len(expected) or len(set(answer.ids)) != len(expected):
        return f"returned {list(answer.ids)}, expected {[match.id for match in expected]}"
    for place, (returned_id, match) in enumerate(zip(answer.ids, expected, strict=True)):
        if returned_id != match.id and returned_id not in alternatives(order_of(query), match, ranked):
            return f"returned {returned_id!r} at {place}, expected {match}"
    by_id = {match.id: match for match in ranked}
    for returned_id, distance_km in zip(answer.ids, answer.distances_km or (), strict=answer.distances_km is not None):
        if not nearly_equal(distance_km, by_id[returned_id].distance_km):
            return f"returned {returned_id!r} at {distance_km} km, expected {by_id[returned_id]}"
    return None


def alternatives(order: Sequence[OrderTerm], match: Match, ranked: Sequence[Match]) -> set[str]:
    """Return the ids of all that rounding of distances could put in the place of a match."""
    terms = [term.property for term in order]
    if None not in terms:
        return set()
    before = match.keys[: terms.index(None)]
    near = [one for one in ranked if one.keys[: len(before)] == before]
    near = [one for one in near if nearly_equal(one.distance_km, match.distance_km)]
    return {one.id for one in near} if len({one.place for one in near}) > 1 else set()


def nearly_equal(one_km: float, other_km: float) -> bool:
    """Compare distances to 1e-9 relative or a micrometre; near the antipode, where haversine is coarse, to a metre."""
    return math.isclose(one_km, other_km, rel_tol=1e-9, abs_tol=1e-3 if one_km > 20_000 else 1e-9)
