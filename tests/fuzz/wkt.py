"""Well-known text for queries: good, nearly good, and made to take long or to break what reads it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from random import Random

MANY = 10_000
"""Points of the largest shapes: what an account may ask with at most, and what fits into a URL if they are short."""

Place = tuple[float, float]


def make_small_shape(random: Random) -> str:
    """Make a shape of any type that might be meant."""
    kind = random.choice(("POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON"))
    if random.random() < 0.15:
        parts = ",".join(make_small_shape(random) for _ in range(random.randint(1, 3)))
        return f"GEOMETRYCOLLECTION({parts})"
    make = {"POINT": _point, "LINESTRING": _line, "POLYGON": _polygon}[kind.removeprefix("MULTI")]
    if not kind.startswith("MULTI"):
        return kind + make(random)
    return f"{kind}({','.join(make(random) for _ in range(random.randint(1, 4)))})"


def make_hostile_shape(random: Random) -> str:
    """Make a shape that costs much, or that is none."""
    return random.choice(HOSTILE)(random)


def _point(random: Random) -> str:
    return _listed([_place(random)])


def _line(random: Random) -> str:
    return _listed(_place(random) for _ in range(random.randint(2, 6)))


def _polygon(random: Random) -> str:
    """Make a polygon around a place, sometimes with a hole, sometimes turned around, sometimes over the edge."""
    (x, y), size = _place(random), random.choice((0.01, 1, 10, 60))
    rings = [_ring(x, y, size, random.randint(3, 40))]
    if random.random() < 0.3:
        rings.append(_ring(x, y, size / 3, 5))
    return "(" + ",".join(_listed(ring[:: random.choice((1, -1))]) for ring in rings) + ")"


def _ring(x: float, y: float, size: float, count: int) -> list[Place]:
    angles = (2 * math.pi * number / count for number in range(count))
    ring = [(_wrapped(x + size * math.cos(a)), max(-90, min(90, y + size / 2 * math.sin(a)))) for a in angles]
    return [*ring, ring[0]]


def _place(random: Random) -> Place:
    return round(random.uniform(-180, 180), 3), round(random.uniform(-90, 90), 3)


def _wrapped(longitude: float) -> float:
    return (longitude + 180) % 360 - 180 if abs(longitude) > 180 else longitude


def _listed(places: Iterable[Place]) -> str:
    return "(" + ",".join(f"{x:.6g} {y:.6g}" for x, y in places) + ")"


def _star(random: Random) -> str:
    """Make a ring whose every edge crosses nearly every other."""
    count = random.choice((11, 101, 1001, MANY - 1))
    angles = (2 * math.pi * (number * (count // 2)) / count for number in range(count))
    ring = [(50 + round(49 * math.cos(angle)), 40 + round(40 * math.sin(angle))) for angle in angles]
    return f"POLYGON({_listed([*ring, ring[0]])})"


def _scribble(random: Random) -> str:
    count = random.choice((10, 300, 3000, MANY - 1))
    ring = [(random.randint(0, 99), random.randint(0, 90)) for _ in range(count)]
    return f"POLYGON({_listed([*ring, ring[0]])})"


def _local_scribble(random: Random) -> str:
    """Make a line or a ring whose every edge crosses its neighbours."""
    count, spread = random.choice((1000, 4000)), random.choice((4, 20))
    at = ((number + random.random() * spread) * 90 / count for number in range(count))
    places = [(round(x, 2), random.randint(0, 80)) for x in at]
    if random.random() < 0.5:
        return f"LINESTRING{_listed(places)}"
    return f"POLYGON({_listed([*places, (99, -1), (0, -1), places[0]])})"


def _long_line(random: Random) -> str:
    count = random.choice((1000, MANY, MANY + 1))
    return f"LINESTRING{_listed((random.randint(0, 99), random.randint(0, 90)) for _ in range(count))}"


def _track(random: Random) -> str:
    """Make a line of short steps that comes back to where it was, such as one through the streets of a city."""
    return f"LINESTRING{_listed(_steps(random, random.choice((500, 2500, 5500))))}"


def _tracks(random: Random) -> str:
    """Make a collection of lines that cross each other, here and there."""
    count, points = random.choice(((10, 500), (100, 50), (300, 10)))
    lines = (f"LINESTRING{_listed(_steps(random, points))}" for _ in range(count))
    return f"GEOMETRYCOLLECTION({','.join(lines)})"


def _steps(random: Random, count: int) -> Iterator[Place]:
    x, y, step, angle = *_place(random), random.choice((0.01, 0.1, 1)), 0.0
    for _ in range(count):
        angle += random.uniform(-1, 1)
        x, y = _wrapped(x + step * math.cos(angle)), max(-90, min(90, y + step * math.sin(angle)))
        yield round(x, 2), round(y, 2)


def _zigzag(random: Random) -> str:
    """Make a line that goes up and down through everything, side by side."""
    count, height = random.choice((300, 3000, 5500)), random.choice((1, 20, 80))
    return f"LINESTRING{_listed((round(n * 300 / count - 150, 2), (-1) ** n * height) for n in range(count))}"


def _many_points(random: Random) -> str:
    count = random.choice((1000, MANY, MANY + 1))
    return f"MULTIPOINT{_listed((random.randint(0, 99), random.randint(0, 90)) for _ in range(count))}"


def _comb(random: Random) -> str:
    """Make a polygon of long thin teeth."""
    count = random.choice((100, 1000, 4900))
    step = 300 / count
    teeth = [(round(number * step - 150, 2), (-80, 80)[number % 4 // 2]) for number in range(count)]
    return f"POLYGON({_listed([*teeth, (150, -85), (-150, -85), teeth[0]])})"


def _holes(random: Random) -> str:
    """Make a polygon with thousands of holes, beside each other, within each other or all the same."""
    count, kind = random.choice((10, 200, 1500)), random.choice(("beside", "same", "nested", "crossing"))
    rings = [_listed([(-99, -89), (99, -89), (99, 89), (-99, 89), (-99, -89)])]
    for number in range(count):
        x, y, size = _hole(number, count, kind)
        rings.append(_listed([(x, y), (x + size, y), (x, y + size), (x, y)]))
    return f"POLYGON({','.join(rings)})"


def _hole(number: int, count: int, kind: str) -> tuple[float, float, float]:
    if kind == "beside":
        return number % 90 * 2 - 90, number // 90 * 2 - 80, 1
    if kind == "same":
        return 0, 0, 10
    if kind == "nested":
        return round(number * 40 / count, 2), round(number * 40 / count, 2), round(80 - number * 80 / count, 2) + 0.01
    return round(number * 40 / count, 2), round(number * 40 / count, 2), 30


def _slivers(random: Random) -> str:
    """Make polygons side by side, each long and thin, that all touch or overlap."""
    count, width = random.choice((10, 500, 1400)), random.choice((0, 1, 50))
    parts = [
        f"({_listed([(x, -80), (x + width, 80), (x, 80), (x, -80)])})"
        for x in (round(number * 90 / count, 2) for number in range(count))
    ]
    return f"MULTIPOLYGON({','.join(parts)})"


def _spiral(random: Random) -> str:
    count = random.choice((100, 3000))
    there = [(number / count * 90, number / 7) for number in range(count)]
    back = [(radius + 0.01, angle) for radius, angle in reversed(there)]
    ring = [(round(r * math.cos(a), 1), round(r * math.sin(a) * 0.9, 1)) for r, a in there + back]
    return f"POLYGON({_listed([*ring, ring[0]])})"


def _zigzag_over_the_antimeridian(random: Random) -> str:
    count = random.choice((4, 100, 5000))
    line = [((-1) ** number * 179, round(160 * number / count - 80, 2)) for number in range(count)]
    if random.random() < 0.5:
        return f"LINESTRING{_listed(line)}"
    return f"POLYGON({_listed([*line, (-170, 85), line[0]])})"


def _nested_collections(random: Random) -> str:
    depth = random.choice((2, 31, 32, 33, 200, 2500))
    inner = random.choice(("POINT(1 2)", "GEOMETRYCOLLECTION EMPTY", "POLYGON((0 0,1 0,1 1,0 0))", ""))
    return "GEOMETRYCOLLECTION(" * depth + inner + ")" * random.choice((depth, depth - 1, 0))


def _many_parts(random: Random) -> str:
    part = random.choice(("POINT(1 2)", "POINT EMPTY", "LINESTRING(0 0,9 9)", "POLYGON((0 0,9 0,9 9,0 0))"))
    return f"GEOMETRYCOLLECTION({','.join([part] * random.choice((10, 1000, 1500)))})"


def _odd_text(random: Random) -> str:
    return random.choice(ODD_TEXTS)


def _odd_numbers(random: Random) -> str:
    number = random.choice(ODD_NUMBERS)
    other = random.choice((number, "0"))
    return random.choice(
        (f"POINT({number} {other})", f"LINESTRING(0 0,{other} {number})", f"POLYGON((0 0,{number} 0,1 1,0 0))")
    )


ODD_NUMBERS = "1e999 -1e308 1e-400 nan inf -Infinity 0x1p3 181 -180.0000001 90.1 +1 1. .5 1e5 1,5 --1 -0 1d 1_0".split()
ODD_NUMBERS += ["9" * 3000, "0." + "1" * 3000, "\u0661", "1 2", ""]
ODD_TEXTS = """
POINT EMPTY
LINESTRING EMPTY
POLYGON EMPTY
MULTIPOINT EMPTY
MULTIPOLYGON EMPTY
GEOMETRYCOLLECTION EMPTY
GEOMETRYCOLLECTION(POINT EMPTY,POLYGON EMPTY)
MULTIPOINT(EMPTY,(1 2))
MULTIPOLYGON(EMPTY)
POLYGON(())
POLYGON()
POINT
POINT()
POINT(1)
POINT(1 2
POINT 1 2)
POINT(1 2))
POINT(1 2) POINT(3 4)
POINT(1,2)
POINT(1 2 3 4 5)
POINTZ(1 2)
POINT ZM(1 2 3 4)
PO INT(1 2)
POINT[1 2]
POINT(1 2);DROP
LINESTRING(1 1)
LINESTRING(1 1,1 1)
LINEARRING(0 0,1 1,1 0,0 0)
POLYGON((0 0,1 1))
POLYGON((0 0,1 1,0 0))
POLYGON((0 0,1 0,1 1))
POLYGON((0 0,0 0,0 0,0 0))
POLYGON((0 0,1 1,2 2,0 0))
POLYGON(0 0,1 0,1 1,0 0)
POLYGON((0 0,4 4,4 0,0 4,0 0))
POLYGON((0 0,4 0,4 4,0 0),(9 9,8 9,8 8,9 9))
MULTIPOINT(1 2,(3 4))
CIRCULARSTRING(0 0,1 1,2 0)
CURVEPOLYGON((0 0,1 0,1 1,0 0))
TRIANGLE((0 0,1 0,1 1,0 0))
TIN EMPTY
SRID=4326;POINT(1 2)
SRID=x;POINT(1 2)
SRID=1;SRID=2;POINT(1 2)
0101000000000000000000F03F0000000000000040
POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))
POLYGON((-180 90,180 90,180 -90,-180 -90,-180 90))
POLYGON((170 0,-170 0,-170 9,170 9,170 0))
POLYGON((170 -9,-170 -9,-170 9,170 9,170 -9),(175 -5,-175 -5,-175 5,175 -5))
POLYGON((0 80,90 80,180 80,-90 80,0 80))
POLYGON((0 -80,-90 -80,180 -80,90 -80,0 -80))
LINESTRING(0 90,180 90)
LINESTRING(180 0,-180 0)
LINESTRING(180 0,-180 9,180 9)
POLYGON((180 0,-180 0,-180 9,180 0))
POINT(180 90)
POLYGON((0 0,180 0,-180 1,0 0))
POLYGON((0 0,179 0,-2 1,0 0))
POLYGON((-90 0,90 0,90 1,-90 0))
""".splitlines()
ODD_TEXTS += ["POINT(1 2)\0", "\ufeffPOINT(1 2)", "POINT\u00a0(1 2)", "POINT(1\n2)", "(" * 30_000]
ODD_TEXTS += ["SRID=" + "9" * 3000 + ";POINT(1 2)"]

HOSTILE: tuple[Callable[[Random], str], ...] = (
    *(
        _star,
        _scribble,
        _local_scribble,
        _long_line,
        _track,
        _tracks,
        _zigzag,
        _many_points,
        _comb,
        _holes,
        _slivers,
        _spiral,
        _zigzag_over_the_antimeridian,
    ),
    *(_nested_collections, _many_parts, _odd_text, _odd_text, _odd_numbers, _odd_numbers),
)
