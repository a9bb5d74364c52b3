"""Texts of ``spatialFilter``: nearly valid ones and hostile ones of every form."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.fuzz.wkt import make_hostile_shape, make_small_shape

NUMBERS = "47.6 -122.3 0 90 -90 180 -180 179.9999 90.0001 -180.5 1000 0.16 0.1599 1000.1 1e999 -1e-999".split()
NUMBERS += "nan inf -Infinity 47,6 1.2.3 +5 1e2 1_0 '5' 0x10 --1 null".split()
NUMBERS += ["9" * 3000, "0." + "3" * 3000, "", " ", "5 km", "4\t7", "\0", "\u0661", "\xb2"]
ADDRESSES = """
Paris
1 Harbour Road, Springfield
O''Hare
98052
Seattle, WA
47.64 -122.13
47.6,-122.3
47,64,-122,13
\u0130stanbul
\u6771\u4eac
%25%32%35
../../etc/passwd
' or '1'='1
Sao Paulo, Brazil
10115 Berlin
Springfield
nowhere at all
""".splitlines()
ADDRESSES += ["\0", " ", "x\r\ny", "\ud800", "a" * 5000, "," * 5000, "\xe9" * 2000, "1," * 1000, "Saint " * 3000]
FUNCTIONS = (
    "nearby",
    "NearBy",
    "bbox",
    "intersects",
    "nearRoute",
    "NEARROUTE",
    "within",
    "",
    "nearby nearby",
    "intersection",
)


def make_place_filter(random: Random) -> str:
    """Make a nearby or nearRoute of addresses or coordinates that might be meant."""
    one, other = random.choice(ADDRESSES), random.choice(ADDRESSES)
    if random.random() < 0.5:
        return f"nearby('{one}',{random.choice(('10', '1000', *NUMBERS))})"
    return f"nearRoute('{one}','{other}')"


def make_shape_filter(random: Random) -> str:
    """Make an intersects whose shape is small and perhaps wrong."""
    return f"intersects('{make_small_shape(random)}')"


def make_hostile_spatial(random: Random) -> str:
    """Make a spatial filter that nobody means well with."""
    return random.choice(HOSTILE)(random)


def _odd_arguments(random: Random) -> str:
    count = random.choice((0, 1, 2, 3, 3, 4, 4, 5, 8))
    return f"{random.choice(FUNCTIONS)}({','.join(random.choices(NUMBERS, k=count))})"


def _odd_place(random: Random) -> str:
    arguments = [f"'{random.choice(ADDRESSES)}'" for _ in range(random.choice((0, 1, 1, 2, 2, 3)))]
    return f"{random.choice(FUNCTIONS)}({','.join([*arguments, *random.choices(NUMBERS, k=random.choice((0, 1)))])})"


def _shape(random: Random) -> str:
    quote = random.choice(("'", "'", "'", "'", "''", "", '"'))
    function = random.choice(("intersects", "intersects", "intersects", "Intersects ", *FUNCTIONS))
    return f"{function}({quote}{make_hostile_shape(random)}{quote})"


def _endless(random: Random) -> str:
    piece = random.choice(("(", ")", ",", "'", "''", "1,", "0 ", " ", "nearby(", "POLYGON((", "\t", "é", "'a',"))
    return (
        random.choice(FUNCTIONS) + random.choice(("(", "('", "")) + piece * (random.choice((100, 20_000)) // len(piece))
    )


HOSTILE: tuple[Callable[[Random], str], ...] = (_odd_arguments, _odd_place, _shape, _shape, _shape, _endless)
