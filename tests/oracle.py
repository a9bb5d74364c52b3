"""The slow, obvious evaluator of a bound query: what every engine must agree with (query-language.md).

Entities are plain dicts: a missing key and None are missing values, an Edm.DateTime is ticks. Distances are correct to
1e-12 relative, except within a metre of the antipode of the point they are measured from.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import shapely
from shapely.geometry.base import BaseGeometry

from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.query.bound import (
    And,
    BoundQuery,
    Comparator,
    Compare,
    Constant,
    InBox,
    Intersects,
    IsIn,
    IsMissing,
    Nearby,
    NearRoute,
    Not,
    Or,
    Predicate,
    SpatialFilter,
    TestText,
    TextTest,
)
from tests.oracle_routes import OnRoute, Place, haversine_km, nearest_on_route
from tests.oracle_shapes import centroid, have_common_point, wrong_intersection

MAX_RANKINGS = 1024
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
class Key:
    """What an entity is ranked by."""

    value: tuple[bool, object]
    """Whether there is a value, and the value; False for missing values: they are least."""
    spot: object = None
    """Where a value that was measured belongs to: what has the same spot has exactly the same value. None: exact."""


@dataclass(frozen=True)
class Match:
    """An entity that matches, with what it is ranked by."""

    id: str
    distance_km: float | None
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class Reach:
    """How the spatial filter reaches an entity."""

    place: Place | None
    distance_km: float | None
    on_route: OnRoute | None = None


def evaluate(query: BoundQuery, entities: Sequence[Entity], entity_type: EntityType) -> OracleResult:
    """Evaluate a query by looking at every entity."""
    ranked = next(rankings(query, entities, entity_type))
    page = ranked[query.skip : query.skip + query.top]
    distances = None if query.spatial is None else tuple(match.distance_km for match in page)
    return OracleResult(tuple(match.id for match in page), distances, len(ranked))


def rankings(query: BoundQuery, entities: Sequence[Entity], entity_type: EntityType) -> Iterator[list[Match]]:
    """Return all matches in reply order; once more for each other way in which rounding may decide."""
    found = [matches_of(query, entity, entity_type) for entity in entities]
    found = [matches for matches in found if matches != [None]]
    assert math.prod(map(len, found)) <= MAX_RANKINGS, f"rounding decides about too many entities: {query}"
    descending = [term.descending for term in query.order] or [False, False]
    for chosen in product(*found):
        ranked = sorted((match for match in chosen if match is not None), key=lambda match: match.id)
        for index in reversed(range(len(ranked[0].keys) if ranked else 0)):
            ranked.sort(key=lambda match: match.keys[index].value, reverse=descending[index])
        yield ranked


def matches_of(query: BoundQuery, entity: Entity, entity_type: EntityType) -> list[Match | None]:
    """Return how an entity matches, None if it does not; several where rounding decides."""
    if query.predicate is not None and not holds(query.predicate, entity):
        return [None]
    entity_id = entity[entity_type.key_name]
    return [
        reach and Match(entity_id, reach.distance_km, keys_of(query, entity, reach))
        for reach in reaches(query.spatial, entity, entity_type)
    ]


def keys_of(query: BoundQuery, entity: Entity, reach: Reach) -> tuple[Key, ...]:
    distance = Key((reach.distance_km is not None, reach.distance_km or 0.0), reach.place)
    if query.order:
        return tuple(
            distance if term.property is None else Key(order_value(value_of(term.property, entity)))
            for term in query.order
        )
    if reach.on_route is not None:
        along, corner = reach.on_route.along_km, reach.on_route.corner
        return Key((True, along), reach.place if corner is None else corner), distance
    return (distance,) if isinstance(query.spatial, Nearby) else ()


def order_value(value: object) -> tuple[bool, object]:
    return (False, 0) if value is None else (True, value)


def reaches(spatial: SpatialFilter | None, entity: Entity, entity_type: EntityType) -> list[Reach | None]:
    """Return how a spatial filter reaches an entity, None if it does not; several where rounding decides."""
    place = place_of(entity, entity_type)
    match spatial:
        case None:
            return [Reach(one_spelling(place), None)]
        case Intersects(shape):
            return reaches_of_shape(shape, shape_of(entity, entity_type), one_spelling(place))
        case _ if place is None:
            return [None]
        case NearRoute(line, width_km):
            return reaches_of_route(line, width_km, one_spelling(place))
        case Nearby() | InBox() if lies_within(place, spatial):
            return [Reach(one_spelling(place), distance_from(spatial, one_spelling(place)))]
        case _:
            return [None]


def reaches_of_shape(shape: BaseGeometry, other: BaseGeometry | None, place: Place | None) -> list[Reach | None]:
    meet = False if other is None or shape.is_empty else have_common_point(shape, other)
    if meet is False:
        return [None]
    longitude, latitude = centroid(shape)
    reach = Reach(place, None if place is None else haversine_km((latitude, longitude), place))
    return [reach] if meet else [reach, None]


def reaches_of_route(line: Sequence[Place], width_km: float, place: Place) -> list[Reach | None]:
    found = nearest_on_route(place, line)
    distance_km = found[0].distance_km
    if nearly_equal(distance_km, width_km):
        return [*(Reach(place, distance_km, one) for one in found), None]
    return [Reach(place, distance_km, one) for one in found] if distance_km < width_km else [None]


def shape_of(entity: Entity, entity_type: EntityType) -> BaseGeometry | None:
    """Return the geography of an entity or, without one, its point; None if it has neither."""
    wkb = None if entity_type.geography_name is None else entity.get(entity_type.geography_name)
    place = place_of(entity, entity_type)
    if wkb is None:
        return None if place is None else shapely.Point(place[1], place[0])
    return shape_of_wkb(wkb)


@lru_cache(maxsize=4096)
def shape_of_wkb(wkb: bytes) -> BaseGeometry:
    return shapely.from_wkb(wkb)


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


def place_of(entity: Entity, entity_type: EntityType) -> Place | None:
    """Return latitude and longitude, or None where one of them is missing."""
    latitude, longitude = entity.get(entity_type.latitude_name), entity.get(entity_type.longitude_name)
    return None if latitude is None or longitude is None else (latitude, longitude)


def one_spelling(place: Place | None) -> Place | None:
    """Return a place as all its spellings return it: a pole has any longitude, the antimeridian two."""
    if place is None or abs(place[0]) == 90:
        return place and (place[0], 0.0)
    return (place[0], 180.0) if place[1] == -180 else place


def lies_within(place: Place, spatial: Nearby | InBox) -> bool:
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


def distance_from(spatial: Nearby | InBox, place: Place) -> float:
    """Return kilometres from the point of nearby, or from the centre of the box."""
    match spatial:
        case Nearby(latitude, longitude, _):
            return haversine_km((latitude, longitude), place)
        case InBox():
            return haversine_km(centre_of(spatial), place)


def centre_of(box: InBox) -> Place:
    longitude = (box.west + box.east) / 2
    if box.west > box.east:
        longitude += 180 if longitude <= 0 else -180
    return (box.south + box.north) / 2, longitude


@dataclass(frozen=True)
class Answer:
    """What an engine returned for a query."""

    ids: Sequence[str]
    distances_km: Sequence[float] | None
    total_count: int | None
    intersections: Sequence[bytes | None] | None = None
    """As WKB."""


def disagreement(query: BoundQuery, entities: Sequence[Entity], entity_type: EntityType, answer: Answer) -> str | None:
    """Say how an engine's answer differs from the oracle's; None if it does not.

    Distances may differ by 1e-9 relative. Where distances that are no further apart rank entities, these may change
    places; entities at the same place may not, as long as no other comes near. Distances, count and intersections are
    compared where given.
    """
    complaints = []
    for ranked in rankings(query, entities, entity_type):
        complaints.append(disagreement_with(ranked, query, answer))
        if complaints[-1] is None:
            return wrong_intersections(query, entities, entity_type, answer)
    return complaints[0]


def disagreement_with(ranked: Sequence[Match], query: BoundQuery, answer: Answer) -> str | None:
    expected = ranked[query.skip : query.skip + query.top]
    if answer.total_count not in (None, len(ranked)):
        return f"counted {answer.total_count}, expected {len(ranked)}"
    if len(answer.ids) != len(expected) or len(set(answer.ids)) != len(expected):
        return f"returned {list(answer.ids)}, expected {[match.id for match in expected]}"
    for place, (returned_id, match) in enumerate(zip(answer.ids, expected, strict=True)):
        if returned_id != match.id and returned_id not in alternatives(match, ranked):
            return f"returned {returned_id!r} at {place}, expected {match}"
    by_id = {match.id: match for match in ranked}
    for returned_id, distance_km in zip(answer.ids, answer.distances_km or (), strict=answer.distances_km is not None):
        if not nearly_equal(distance_km, by_id[returned_id].distance_km):
            return f"returned {returned_id!r} at {distance_km} km, expected {by_id[returned_id]}"
    return None


def wrong_intersections(
    query: BoundQuery, entities: Sequence[Entity], entity_type: EntityType, answer: Answer
) -> str | None:
    """Say which intersection is wrong; None if none is, or there are none."""
    if answer.intersections is None or query.intersection is None:
        return None
    by_id = {entity[entity_type.key_name]: shape_of(entity, entity_type) for entity in entities}
    for returned_id, wkb in zip(answer.ids, answer.intersections, strict=True):
        shape, found = by_id[returned_id], None if wkb is None else shapely.from_wkb(wkb)
        wrong = found if shape is None else wrong_intersection(query.intersection, shape, found)
        if wrong is not None:
            return f"intersection of {returned_id!r}, which is {shape}, with {query.intersection}: {wrong}"
    return None


def alternatives(match: Match, ranked: Sequence[Match]) -> set[str]:
    """Return the ids of all that rounding of what was measured could put in the place of a match."""
    near = list(ranked)
    for index, key in enumerate(match.keys):
        near = [one for one in near if may_be_equal(one.keys[index], key)]
        if len({one.keys[index].spot for one in near}) > 1:
            return {one.id for one in near}
    return set()


def may_be_equal(one: Key, other: Key) -> bool:
    if one.spot is None or other.spot is None:
        return one == other
    return nearly_equal(one.value[1], other.value[1])


def nearly_equal(one_km: float, other_km: float) -> bool:
    """Compare distances to 1e-9 relative or a micrometre; near the antipode, where haversine is coarse, to a metre."""
    return math.isclose(one_km, other_km, rel_tol=1e-9, abs_tol=1e-3 if one_km > 20_000 else 1e-9)
