"""The corpus: query strings by number, each of a kind that tells what must come of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from tests.fuzz.encoding import Pairs, mangled, miswritten, written
from tests.fuzz.filters import WORDS, make_hostile_filter, mutated
from tests.fuzz.spatial_filters import make_hostile_spatial, make_place_filter, make_shape_filter
from tests.fuzz.wkt import make_hostile_shape, make_small_shape
from tests.spelling import can_be_written, spell_filter, spell_order, spell_select, spell_spatial
from tests.strategies import Entity, make_query

LONGEST_TARGET = 65_534
"""Bytes of path and query string that the HTTP server takes."""


class Kind(StrEnum):
    """How well a query string is meant."""

    VALID = "valid"
    NEARLY_VALID = "nearly valid"
    HOSTILE = "hostile"
    MANGLED = "mangled"


@dataclass(frozen=True)
class Case:
    """A query string, without the key."""

    number: int
    kind: Kind
    query: bytes


def make_case(number: int, entities: Sequence[Entity]) -> Case:
    """Make the case of a number; the same number makes the same case."""
    random = Random(f"query string {number}")
    kind = random.choice((Kind.VALID, Kind.NEARLY_VALID, Kind.HOSTILE, Kind.HOSTILE, Kind.MANGLED))
    pairs = _valid(random, entities)
    if kind is Kind.VALID:
        return Case(number, kind, written(random, _with_bystanders(random, pairs)))
    if kind is Kind.MANGLED:
        write = random.choice((miswritten, lambda r, p: mangled(r, written(r, p))))
        return Case(number, kind, write(random, pairs))
    change = _one_wrong if kind is Kind.NEARLY_VALID else _one_hostile
    return Case(number, kind, _short_enough(written(random, change(random, pairs))))


def _short_enough(query: bytes) -> bytes:
    """Cut what the server would not even read, but now and then leave it."""
    return query[: LONGEST_TARGET - 300]


def _valid(random: Random, entities: Sequence[Entity]) -> list[tuple[str, str]]:
    """Spell a whole query out, with the parameters in any order."""
    query = make_query(random, entities)
    texts = {
        "spatialFilter": None if query.spatial is None else spell_spatial(random, query.spatial),
        "$filter": None,
        "$select": spell_select(random, query),
        "$orderby": spell_order(random, query.order),
        "$top": str(query.top) if random.random() < 0.5 else None,
        "$skip": str(query.skip) if query.skip else None,
        "$inlinecount": random.choice(("allpages", "AllPages")) if query.count else None,
        "$format": random.choice(("json", "JSON", "json", "atom", None)),
        "jsonp": random.choice((None, None, None, "cb", "a.b[0].$c")),
        "jsonso": random.choice((None, None, None, "state", "\"</script>'é")),
    }
    if query.predicate is not None and can_be_written(query.predicate):
        texts["$filter"] = spell_filter(random, query.predicate)
    pairs = [(name, text) for name, text in texts.items() if text is not None]
    random.shuffle(pairs)
    return pairs


def _with_bystanders(random: Random, pairs: Pairs) -> Pairs:
    """Add parameters that change nothing: unknown, empty or repeated ones."""
    more = random.choices(BYSTANDERS, k=random.choice((0, 0, 1, 4)))
    return [*random.sample(more, len(more)), *pairs, *([random.choice(pairs)] if pairs else [])]


def _one_wrong(random: Random, pairs: Pairs) -> Pairs:
    """Change something about one parameter."""
    if not pairs or random.random() < 0.4:
        return [*pairs, _nearly(random)] if random.random() < 0.3 else [_nearly(random), *pairs]
    at = random.randrange(len(pairs))
    name, text = pairs[at]
    return [
        *pairs[:at],
        random.choice(((name, mutated(random, text)), (mutated(random, name), text))),
        *pairs[at + 1 :],
    ]


def _nearly(random: Random) -> tuple[str, str]:
    """Make one parameter that might be meant."""
    return random.choice(
        (
            ("spatialFilter", make_place_filter(random)),
            ("spatialFilter", make_shape_filter(random)),
            ("$select", f"*,intersection('{make_small_shape(random)}')"),
            ("$select", f"Name,intersection({make_small_shape(random)}),__Distance"),
            random.choice(ODD_OPTIONS),
        )
    )


def _one_hostile(random: Random, pairs: Pairs) -> Pairs:
    """Put one or two hostile parameters before all others; some ask it of as many entities as a page holds."""
    hostile = [_hostile(random) for _ in range(random.choice((1, 1, 2)))]
    return [*hostile, *random.choice(([], [("$top", "250")])), *pairs]


def _hostile(random: Random) -> tuple[str, str]:
    return random.choice(
        (
            ("$filter", make_hostile_filter(random)),
            ("$filter", make_hostile_filter(random)),
            ("spatialFilter", make_hostile_spatial(random)),
            ("spatialFilter", make_hostile_spatial(random)),
            ("$select", _hostile_selection(random)),
            _hostile_option(random),
        )
    )


def _hostile_selection(random: Random) -> str:
    names = random.choice(("a,", ",", "*,", "Name,", "__Distance,", "intersection(", "intersection('),", "é,", "\0,"))
    quote = random.choice(("'", "", "''", '"'))
    selection = random.choice(
        (names * random.choice((1, 250, 10_000)), f"intersection({quote}{make_hostile_shape(random)}{quote})")
    )
    return random.choice(("", "*,", "Name,", "__IntersectedGeom,")) + selection


def _hostile_option(random: Random) -> tuple[str, str]:
    name = random.choice((*OPTIONS, "$filter", "spatialFilter", "é", "\0", "a" * 5000, ""))
    value = random.choice(
        (*WORDS, "9" * 5000, "-1", "1.5", "\u0661", "1_0", ",", "Name," * 2000, "x" * 30_000, "%00", "a\r\nb: c")
    )
    return name, value


OPTIONS = "$top $skip $pageSize $inlinecount $orderby $select $format jsonp jsonso isStaging isStaged".split()
OPTIONS += "travelMode avoid optimize optmz distanceBeforeFirstTurn dbft heading hd key".split()
BYSTANDERS = [
    ("clientApi", "x"),
    ("_", "1"),
    ("s", "1"),
    ("callback", "x"),
    ("$callback", "f"),
    ("$*", "1"),
    ("orderBy", "x"),
]
BYSTANDERS += [
    ("format", "x"),
    ("$filter", ""),
    ("$skip", ""),
    ("jsonp", ""),
    ("isStaging", "0"),
    ("a" * 300, "é" * 300),
]
ODD_OPTIONS = [
    ("$top", "0"),
    ("$top", "-1"),
    ("$top", "251"),
    ("$top", "1.0"),
    ("$top", " 5 "),
    ("$skip", "-1"),
    ("$skip", "x"),
]
ODD_OPTIONS += [
    ("$pageSize", "100000"),
    ("$pageSize", "0"),
    ("$inlinecount", "all"),
    ("$format", "xml"),
    ("$format", " Json "),
]
ODD_OPTIONS += [
    ("jsonp", "a b"),
    ("jsonp", "</script>"),
    ("jsonp", "é"),
    ("$orderby", "Name,City,Kind,Note"),
    ("$orderby", "Outline"),
]
ODD_OPTIONS += [
    ("$orderby", "__Distance"),
    ("$select", "Nothing"),
    ("$select", "__Distance"),
    ("isStaging", "1"),
    ("isStaging", "2"),
]
ODD_OPTIONS += [
    ("travelMode", "Walking"),
    ("travelMode", "swimming"),
    ("avoid", "tolls,highways"),
    ("avoid", "rain"),
    ("hd", "360"),
]
ODD_OPTIONS += [
    ("optimize", "timeWithTraffic"),
    ("optmz", "money"),
    ("dbft", "-5"),
    ("dbft", "500"),
    ("heading", "359"),
    ("hd", "1e2"),
]
