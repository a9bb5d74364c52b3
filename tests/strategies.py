"""Rich entities and meaningful queries over them, made from a seed: the same :class:`random.Random` makes the same.

Most literals, centres and corners are drawn from the data, so that queries match something but rarely everything.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from random import Random

import shapely
from shapely.geometry.base import BaseGeometry

from geostead.geo.position import Position
from geostead.model.entity_type import INTERSECTED_GEOM, EdmType, EntityType, Property
from geostead.model.instant import MAX_TICKS
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
    Literal,
    Nearby,
    NearRoute,
    Not,
    Or,
    OrderTerm,
    Predicate,
    SpatialFilter,
    TestText,
    TextTest,
)
from tests.geographies import make_shape

Entity = Mapping[str, object]

ENTITY_TYPE = EntityType.declare(
    "Places",
    [
        Property("PlaceCode", EdmType.STRING),
        Property("Name", EdmType.STRING),
        Property("City", EdmType.STRING),
        Property("Kind", EdmType.STRING),
        Property("Note", EdmType.STRING),
        Property("latitude", EdmType.DOUBLE),
        Property("LONGITUDE", EdmType.DOUBLE),
        Property("Seats", EdmType.INT64),
        Property("Serial", EdmType.INT64),
        Property("Open", EdmType.BOOLEAN),
        Property("Elevation", EdmType.DOUBLE),
        Property("Rating", EdmType.DOUBLE),
        Property("Founded", EdmType.DATETIME),
        Property("Checked", EdmType.DATETIME),
        Property("Outline", EdmType.GEOGRAPHY),
    ],
    ["PlaceCode"],
)
"""Every Edm type; strings and numbers of low and high cardinality; coordinates in the middle, oddly spelled."""

ALPHABET = "aabbeeAB xyZ09_-'%\"\\/é\uffee\U0001f600"
"""U+FFEE comes before U+1F600 by code points and after it by UTF-16 units."""
KINDS = ("cafe", "Cafe", "bar", "caf\u00e9", "\uffee", "\U0001f600", "kiosk's", "")
CITIES = tuple(f"City {number}" for number in range(40))
CENTRES = ((47.6, -122.3), (51.5, 0.0), (-17.8, 179.9), (64.2, -179.6), (89.7, 30.0), (-89.9, -100.0), (0.0, 0.0))
CORNER_PLACES = ((90.0, 0.0), (90.0, -75.0), (-90.0, 180.0), (12.5, 180.0), (12.5, -180.0), (-17.8, 180.0), (0.0, 0.0))
CORNER_INTEGERS = (-(2**63), 2**63 - 1, 2**53 + 1, 0, -1)
CORNER_DOUBLES = (-0.0, 0.0, 5e-324, 1.7976931348623157e308, -1.7976931348623157e308, 0.1)
CORNER_TICKS = (0, MAX_TICKS, 621_355_968_000_000_000)

ORDERABLE = tuple(
    p
    for p in ENTITY_TYPE.properties
    if p.type is not EdmType.GEOGRAPHY and p.name.lower() not in ("latitude", "longitude")
)
FILTERABLE = tuple(p for p in ENTITY_TYPE.properties if p.name.lower() not in ("latitude", "longitude"))
STRINGS = tuple(p for p in FILTERABLE if p.type is EdmType.STRING)


def make_entities(random: Random, count: int) -> list[dict[str, object]]:
    """Make entities with different ids, in no order."""
    ids: set[str] = set()
    entities: list[dict[str, object]] = []
    for _ in range(count):
        entity_id = make_text(random, 8) or "0"
        while entity_id in ids:
            entity_id = f"{entity_id[:40]}{random.randrange(10**6)}"
        ids.add(entity_id)
        entities.append({"PlaceCode": entity_id} | make_values(random, entities))
    return entities


def make_values(random: Random, others: Sequence[Entity]) -> dict[str, object]:
    place = make_place(random, others)
    values = {
        "Name": make_text(random, 12),
        "City": random.choice(CITIES),
        "Kind": random.choice(KINDS),
        "Note": make_text(random, 3),
        "Seats": random.randint(-5, 30),
        "Serial": pick(random, CORNER_INTEGERS, lambda: random.randrange(-(2**63), 2**63)),
        "Open": random.random() < 0.4,
        "Elevation": pick(random, CORNER_DOUBLES, lambda: random.uniform(-400, 8000)),
        "Rating": random.randrange(11) / 2,
        "Founded": pick(random, CORNER_TICKS, lambda: random.randrange(MAX_TICKS)),
        "Checked": 637_000_000_000_000_000 + random.randrange(30) * 864_000_000_000,
        "Outline": make_outline(random, place, others),
    }
    kept = {name: value for name, value in values.items() if random.random() > 0.1}
    if place is not None:
        kept |= {"latitude": place[0], "LONGITUDE": place[1]}
    return kept


def make_outline(random: Random, place: tuple[float, float] | None, others: Sequence[Entity]) -> bytes | None:
    """Make a geography, mostly around the place of the entity; sometimes none, or the same as another one's."""
    if place is None or random.random() < 0.4:
        return None
    if others and random.random() < 0.1:
        return random.choice(others).get("Outline")
    latitude, longitude = place if random.random() < 0.9 else near_some_place(random, others)
    return shapely.to_wkb(make_shape(random, (longitude, latitude)), byte_order=1)


def make_place(random: Random, others: Sequence[Entity]) -> tuple[float, float] | None:
    """Make a latitude and longitude: mostly in clusters, sometimes anywhere, a duplicate, a pole, a meridian, none."""
    chance = random.random()
    if chance < 0.05:
        return None
    if chance < 0.1:
        return random.choice(CORNER_PLACES)
    if chance < 0.15:
        return math.degrees(math.asin(random.uniform(-1, 1))), random.uniform(-180, 180)
    if chance < 0.25 and others:
        return place_of(random.choice(others))
    latitude, longitude = random.choice(CENTRES)
    spread = random.choice((0.01, 0.2, 3.0))
    return clamp_latitude(random.gauss(latitude, spread)), wrap_longitude(random.gauss(longitude, spread))


def make_query(random: Random, entities: Sequence[Entity]) -> BoundQuery:
    """Make a query over entities of :data:`ENTITY_TYPE`."""
    spatial = make_spatial(random, entities) if random.random() < 0.7 else None
    names = tuple(random.sample(ENTITY_TYPE.names, random.randint(1, 4))) if chance(random) else None
    intersection = None
    if random.random() < 0.2:
        intersection = make_query_shape(random, entities)
        listed = list(names or ENTITY_TYPE.names)
        listed.insert(random.randint(0, len(listed)) if names else len(listed), INTERSECTED_GEOM)
        names = tuple(listed)
    return BoundQuery(
        spatial=spatial,
        predicate=make_predicate(random, entities, depth=random.choice((0, 0, 1, 2, 3))) if chance(random) else None,
        order=make_order(random, spatial),
        top=random.choice((1, 5, 25, 25, 100, 250)),
        skip=random.choice((0, 0, 0, 0, 0, 0, 1, 10, 100, len(entities), 10**18)),
        count=chance(random),
        names=names,
        distance=spatial is not None and chance(random),
        intersection=intersection,
    )


def make_spatial(random: Random, entities: Sequence[Entity]) -> SpatialFilter:
    return random.choice((make_circle, make_some_box, make_some_box, make_intersects, make_intersects, make_route))(
        random, entities
    )


def make_circle(random: Random, entities: Sequence[Entity]) -> Nearby:
    latitude, longitude = near_some_place(random, entities)
    return Nearby(latitude, longitude, min(1000.0, 0.16 * 10 ** random.uniform(0.5, 4)))


def make_some_box(random: Random, entities: Sequence[Entity]) -> InBox:
    return random.choice((make_box_around, make_box_between, make_world_box))(random, entities)


def make_intersects(random: Random, entities: Sequence[Entity]) -> Intersects:
    return Intersects(make_query_shape(random, entities))


def make_query_shape(random: Random, entities: Sequence[Entity]) -> BaseGeometry:
    """Make a shape near the data; sometimes one of the data, which touches and covers its neighbours exactly."""
    outline = random.choice(entities).get("Outline") if entities and random.random() < 0.2 else None
    if outline is not None:
        return shapely.from_wkb(outline)
    if random.random() < 0.02:
        return random.choice((shapely.Point, shapely.Polygon, shapely.GeometryCollection))()
    latitude, longitude = near_some_place(random, entities)
    return make_shape(random, (longitude, latitude))


def make_route(random: Random, entities: Sequence[Entity]) -> NearRoute:
    """Make a route through places near the data: one or many, near or far, doubling back, over poles and ±180°."""
    line = [Position(*near_some_place(random, entities)) for _ in range(random.choice((1, 2, 2, 2, 3, 5, 30)))]
    if random.random() < 0.3:
        line += line[::-1]
    if random.random() < 0.3:
        line.insert(random.randrange(len(line)), Position(*random.choice(CORNER_PLACES)))
    if random.random() < 0.2:
        line.insert(random.randrange(len(line)), random.choice(line))
    return NearRoute(tuple(line), random.choice((1.6, 1.6, 0.2, 25.0, 300.0)))


def make_box_around(random: Random, entities: Sequence[Entity]) -> InBox:
    """Make a box with a place in its middle; across the antimeridian if the place is near it."""
    latitude, longitude = near_some_place(random, entities)
    height, width = random.choice((0.0, 0.1, 2.0, 20.0)), random.choice((0.0, 0.1, 2.0, 60.0))
    return InBox(
        south=clamp_latitude(latitude - height),
        west=wrap_longitude(longitude - width),
        north=clamp_latitude(latitude + height),
        east=wrap_longitude(longitude + width),
    )


def make_box_between(random: Random, entities: Sequence[Entity]) -> InBox:
    """Make a box whose corners are places of the data, so that points lie on its edges."""
    one, other = near_some_place(random, entities), near_some_place(random, entities)
    south, north = sorted((one[0], other[0]))
    return InBox(south=south, west=one[1], north=north, east=other[1])


def make_world_box(random: Random, entities: Sequence[Entity]) -> InBox:
    """Make a box with edges at the ends of the world."""
    west, east = random.choice(((-180.0, 180.0), (180.0, -180.0), (180.0, 180.0), (-180.0, -180.0), (170.0, -180.0)))
    return InBox(south=random.choice((-90.0, 0.0)), west=west, north=random.choice((90.0, 12.5)), east=east)


def make_predicate(random: Random, entities: Sequence[Entity], *, depth: int) -> Predicate:
    if depth > 0:
        operands = tuple(make_predicate(random, entities, depth=depth - 1) for _ in range(random.randint(2, 3)))
        return random.choice((And(operands[:2]), Or(operands), Or(operands), Not(operands[0])))
    chance = random.random()
    if chance < 0.15:
        return make_text_test(random, entities)
    if chance < 0.25:
        return IsMissing(random.choice(FILTERABLE))
    if chance < 0.27:
        return Constant(random.random() < 0.5)
    declared = random.choice([p for p in FILTERABLE if p.type is not EdmType.GEOGRAPHY])
    if chance < 0.45:
        values = frozenset(make_literal(random, declared, entities) for _ in range(random.choice((2, 3, 50))))
        return IsIn(declared, values, random.random() < 0.3)
    return Compare(declared, random.choice(list(Comparator)), make_literal(random, declared, entities))


def make_text_test(random: Random, entities: Sequence[Entity]) -> TestText:
    declared, test = random.choice(STRINGS), random.choice(list(TextTest))
    text = str(make_literal(random, declared, entities))
    start, length = random.randrange(len(text) + 1), random.randint(0, 3)
    piece = {
        TextTest.STARTS_WITH: text[:length],
        TextTest.ENDS_WITH: text[-length:] if length else "",
        TextTest.CONTAINS: text[start : start + length],
    }
    return TestText(declared, test, piece[test])


def make_literal(random: Random, declared: Property, entities: Sequence[Entity]) -> Literal:
    """Make a literal of a property: mostly a value of the data, sometimes any; integers also beyond 64 bits."""
    value = random.choice(entities).get(declared.name) if entities and random.random() < 0.8 else None
    if value is not None:
        return value
    match declared.type:
        case EdmType.STRING:
            return make_text(random, 3)
        case EdmType.INT64:
            return random.choice((random.randint(-6, 31), 2**63, -(2**63) - 1, 10**30, *CORNER_INTEGERS))
        case EdmType.DATETIME:
            return random.choice((random.randrange(MAX_TICKS), -1, MAX_TICKS + 1, *CORNER_TICKS))
        case EdmType.BOOLEAN:
            return random.random() < 0.5
        case _:
            return random.choice((random.uniform(-400, 8000), 2.5, *CORNER_DOUBLES))


def make_order(random: Random, spatial: SpatialFilter | None) -> tuple[OrderTerm, ...]:
    choices: list[Property | None] = list(ORDERABLE)
    if spatial is not None:
        choices += [None] * 4
    return tuple(OrderTerm(random.choice(choices), chance(random)) for _ in range(random.choice((0, 0, 1, 2, 3))))


def make_text(random: Random, longest: int) -> str:
    return "".join(random.choices(ALPHABET, k=random.randint(0, longest)))


def near_some_place(random: Random, entities: Sequence[Entity]) -> tuple[float, float]:
    """Return the place of an entity, moved by some degrees half of the time."""
    place = place_of(random.choice(entities)) if entities else None
    latitude, longitude = place or random.choice(CENTRES)
    if chance(random):
        return latitude, longitude
    return clamp_latitude(random.gauss(latitude, 0.1)), wrap_longitude(random.gauss(longitude, 0.1))


def place_of(entity: Entity) -> tuple[float, float] | None:
    return (entity["latitude"], entity["LONGITUDE"]) if "latitude" in entity else None


def pick(random: Random, corners: Sequence[object], otherwise: Callable[[], object]) -> object:
    return random.choice(corners) if random.random() < 0.1 else otherwise()


def chance(random: Random) -> bool:
    return random.random() < 0.5


def clamp_latitude(latitude: float) -> float:
    return max(-90.0, min(90.0, latitude))


def wrap_longitude(longitude: float) -> float:
    return (longitude + 180) % 360 - 180 if abs(longitude) > 180 else longitude
