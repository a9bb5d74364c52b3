"""The chart of usage: bars of days, stacked, as numbers that a template draws."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import cycle

from geostead.operations.describe_usage import AccountUsage, UsageBy

WIDTH, HEIGHT = 720, 220
LEFT, TOP, BOTTOM = 56, 8, 24
"""Room for the words beside the bars, in units of the drawing."""
SHOWN = 6
"""How many kinds have a colour of their own; the others share the last one."""


_Series = tuple[str | None, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Piece:
    """One coloured part of a bar."""

    kind: int
    """Which colour, from 0 on."""
    x: float
    y: float
    width: float
    height: float
    name: str | None
    """As in :attr:`Chart.names`."""
    requests: int
    day: date


@dataclass(frozen=True, slots=True)
class Mark:
    """A word on an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """All that is drawn."""

    pieces: tuple[Piece, ...]
    names: tuple[str | None, ...]
    """What the colours stand for; '' for no data source, None for all others together."""
    lines: tuple[Mark, ...]
    """Numbers of requests, from the bottom up."""
    days: tuple[Mark, ...]
    width: int = WIDTH
    height: int = HEIGHT


def chart_of(usage: AccountUsage, by: UsageBy) -> Chart:
    """Lay out the requests of each day, those used most at the bottom."""
    series: list[_Series] = list(usage.by(by))
    if len(series) > SHOWN:
        rest = tuple(map(sum, zip(*(counts for _, counts in series[SHOWN - 1 :]), strict=True)))
        series = [*series[: SHOWN - 1], (None, rest)]
    top = _round_up(max((sum(counts[i] for _, counts in series) for i in range(len(usage.days))), default=0))
    return Chart(
        tuple(_pieces(usage.days, series, top)),
        tuple(name for name, _ in series),
        tuple(Mark(_y(top * part // 4, top), f"{top * part // 4:,}") for part in range(5)),
        tuple(_day_marks(usage.days)),
    )


def _pieces(days: tuple[date, ...], series: Sequence[_Series], top: int) -> Iterator[Piece]:
    step = (WIDTH - LEFT) / len(days)
    for i, day in enumerate(days):
        x, below = round(LEFT + (i + 0.1) * step, 2), 0
        for kind, (name, counts) in enumerate(series):
            above = below + counts[i]
            if counts[i]:
                y = _y(above, top)
                yield Piece(kind, x, y, round(step * 0.8, 2), round(_y(below, top) - y, 2), name, counts[i], day)
            below = above


def _y(requests: int, top: int) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - requests / top), 2)


def _day_marks(days: tuple[date, ...]) -> list[Mark]:
    step = (WIDTH - LEFT) / len(days)
    every = math.ceil(len(days) / 7)
    return [Mark(round(LEFT + (i + 0.5) * step, 2), f"{days[i]:%m-%d}") for i in range(0, len(days), every)]


def _round_up(number: int) -> int:
    """Return a round number that is not less and that four lines divide: 4, 8, 20, 40, 80, 200, 400 and so on."""
    size = 4
    for factor in cycle((2, 2.5, 2)):
        if size >= number:
            break
        size = int(size * factor)
    return size
