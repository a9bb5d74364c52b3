"""Texts of ``$filter``: nearly valid ones, and ones made to take long or to break what reads them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

WORDS = "Name Seats open RATING Outline latitude Nothing entityId eq Ne gt ge lt le in and OR not true False".split()
WORDS += (
    "null startswith endsWith( contains(Name, '' ( ) , ' 'x' 5 -5.5 1e999 5L datetime' datetime'2015-10-29'".split()
)
WORDS += "2015-10-29T21:25:09Z 2015-13-99 0x10 NaN INF 1,5 ;-- /* %00 * = == < && || ` $filter=".split()
WORDS += ["\\", '"', "9" * 400, "\0", "\t", "\r\n", "\x1f", "\xe9", "\ufeff", "\U0001f600", "\ud800"]
LONGEST = 60_000


def mutated(random: Random, text: str) -> str:
    """Leave out, repeat, exchange or insert something, once or a few times."""
    for _ in range(random.choice((1, 1, 2, 4))):
        start = random.randint(0, len(text))
        end = min(len(text), start + random.choice((1, 1, 3, 20)))
        piece = random.choice(
            ("", "", text[start:end] * 2, random.choice(WORDS), f" {random.choice(WORDS)} ", "'", "(")
        )
        text = text[:start] + piece + text[end:]
    return text


def make_hostile_filter(random: Random) -> str:
    """Make a filter that nobody means well with."""
    return random.choice(HOSTILE)(random)


def _rubbish(random: Random) -> str:
    return random.choice(("", " ")).join(random.choices(WORDS, k=random.randint(1, 60)))


def _deep(random: Random) -> str:
    depth = random.choice((50, 99, 100, 101, 1000, 20_000))
    opening = random.choice(("(", "not ", "not(", "(not "))
    closing = ")" * (depth if "(" in opening else 0)
    return opening * depth + random.choice(("Seats eq 1", "", "'", "1")) + random.choice((closing, closing[1:], ""))


def _wide(random: Random) -> str:
    predicate = random.choice(
        ("Seats eq 1", "Name ne 'x'", "startswith(Name,'a')", "contains(Note,'')", "not Open eq 1")
    )
    word = random.choice((" and ", " or "))
    count = random.choice((10, 999, 1000, 1001, LONGEST // (len(predicate) + len(word))))
    return word.join([predicate] * count)


def _long_list(random: Random) -> str:
    name, value = random.choice((("Name", "'x'"), ("Seats", "5"), ("Serial", "null"), ("Founded", "'2015-10-29'")))
    return f"{name} in ({','.join([value] * random.choice((1, 50, 1000, 50_000 // len(value))))})"


def _long_literal(random: Random) -> str:
    count = random.choice((2560, 2561, LONGEST))
    literal = random.choice(
        ("'" + "x" * count + "'", "'" * count, "9" * count, "0." + "1" * count, "1e" + "9" * count, "-" * count)
    )
    name = random.choice(("Name", "Seats", "Rating", "Open", "Founded"))
    return f"{name} {random.choice(('eq', 'gt', 'in'))} {literal}"


def _long_call(random: Random) -> str:
    count = random.choice((100, 2560, LONGEST))
    argument = random.choice(("''" + "x" * count, "''" * count, "''" + ")" * count, "'" + "a" * count + "'"))
    return f"startswith(Name,{argument}" + random.choice((")", "'')", "", ",'x')"))


def _long_word(random: Random) -> str:
    count = random.choice((51, 5000, LONGEST))
    return random.choice(("x", "_", "not", "eq ", "é", " ", "\t", ",", ")", "-", ".", "Name eq ")) * (count // 8)


def _odd_number(random: Random) -> str:
    number = random.choice(ODD_NUMBERS)
    name = random.choice(("Seats", "Serial", "Rating", "Elevation", "Name", "Open", "Founded"))
    return f"{name} {random.choice(('eq', 'ne', 'gt', 'ge', 'lt', 'le'))} {random.choice((number, _quoted(number)))}"


def _quoted(text: str) -> str:
    return f"'{text}'"


def _odd_instant(random: Random) -> str:
    instant = random.choice(ODD_INSTANTS)
    return f"Founded {random.choice(('eq', 'gt', 'le'))} " + random.choice(
        (f"datetime'{instant}'", f"'{instant}'", instant)
    )


ODD_NUMBERS = "1e400000 -1e400000 1e-400000 -1e999999999999999999 5e-324 1.7976931348623159e308 -0.0 5LL".split()
ODD_NUMBERS += "-9223372036854775809 9223372036854775808.5 0x1F 1_0 +5 --5 5. .5 .".split()
ODD_NUMBERS += ["9" * 4301, "\u0661\u0662"]
ODD_INSTANTS = "99999-99-99T99:99:99Z 0001-01-01T00:00:00+14:00 9999-12-31T23:59:60Z 2015-02-29 0000-00-00".split()
ODD_INSTANTS += "9999-12-31T23:59:59.9999999-14:00 2015-10-29T24:00:00 2015-10-29T21:25 -0001-01-01 T now".split()
ODD_INSTANTS += ["2015-10-29T21:25:09 02:00", "2015-10-29T21:25:09.12345678901234567890Z", "\u0662015-10-29", ""]

HOSTILE: tuple[Callable[[Random], str], ...] = (
    *(_rubbish, _rubbish, _deep, _wide, _long_list, _long_literal, _long_call, _long_word, _odd_number, _odd_instant),
)
