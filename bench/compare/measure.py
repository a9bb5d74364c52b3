"""Measures one kind of work on every system, one after the other, so that a noisy machine disturbs all."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass, replace

import httpx

from bench.compare.answers import Answer, Unanswered, ask, differences
from bench.compare.questions import Question, Work
from bench.compare.results import Cell
from bench.compare.system import System
from bench.wrk import measure

CONNECTIONS = 8
_SAMPLE = 8
_SAMPLE_S = 0.5
REPEATED = " (the same query again and again)"
"""After the name of a kind of work: what a cache of replies would do."""


@dataclass(frozen=True, slots=True)
class Round:
    """What every cell of a round has in common."""

    client: httpx.Client
    entities: int
    workers: int
    seconds: int


def measure_work(round_: Round, work: Work, systems: list[System], ceiling: str) -> Iterator[Cell]:
    """Give a cell for each system. The first is the one with which the others are compared; the ceiling comes last."""
    questions = work.questions(round_.entities)
    ours: list[Answer] | None = None
    for system in systems:
        empty = Cell(round_.entities, round_.workers, work.slug, system.name)
        if system.path(questions[0]) is None:
            yield replace(empty, problem="cannot be asked")
            continue
        try:
            answers = ask(round_.client, system, questions[:_SAMPLE], seconds=_SAMPLE_S)
        except Unanswered as error:
            yield replace(empty, problem=f"did not answer: {error}")
            continue
        if ours is None:
            ours = answers
        yield _measured(
            round_, replace(empty, problem=_problem(system, work, ours, answers)), system, questions, answers
        )
    if ours is not None:
        size = round(statistics.mean(answer.size for answer in ours))
        yield _measured_ceiling(round_, work, ceiling, size)


def measure_repeated(round_: Round, work: Work, system: System) -> Cell:
    """Measure one question that is asked again and again."""
    question = work.questions(round_.entities)[0]
    found = measure(system.origin, [_path(system, question)], seconds=round_.seconds, connections=CONNECTIONS)
    cell = Cell(round_.entities, round_.workers, work.slug + REPEATED, system.name)
    return replace(cell, requests_per_s=found.requests_per_s, p50_ms=found.p50_ms, p99_ms=found.p99_ms)


def _problem(system: System, work: Work, ours: list[Answer], answers: list[Answer]) -> str | None:
    if work.slug in system.approximated:
        return "approximated"
    found = differences(ours, answers)
    return f"answers differ: {len(found)} of {len(answers)}, like {found[0]}" if found else None


def _measured(round_: Round, cell: Cell, system: System, questions: list[Question], answers: list[Answer]) -> Cell:
    cell = replace(cell, size=round(statistics.mean(answer.size for answer in answers)))
    usual = statistics.median(answer.seconds for answer in answers)
    if usual * CONNECTIONS > round_.seconds:
        return _of_few(cell, answers)
    most = int(2 * CONNECTIONS * round_.seconds / usual)  # twice what it can answer
    paths = [_path(system, question) for question in questions[:most]]
    found = measure(system.origin, paths, seconds=round_.seconds, connections=CONNECTIONS)
    figures = replace(cell, requests_per_s=found.requests_per_s, p50_ms=found.p50_ms, p99_ms=found.p99_ms)
    return replace(figures, errors=found.errors)


def _of_few(cell: Cell, answers: list[Answer]) -> Cell:
    """Take what the sample says, where a run of many would have hardly one answer for each connection."""
    taken = [answer.seconds for answer in answers]
    figures = replace(cell, requests_per_s=len(taken) / sum(taken), few=len(taken))
    return replace(figures, p50_ms=1000 * statistics.median(taken), p99_ms=1000 * max(taken))


def _measured_ceiling(round_: Round, work: Work, ceiling: str, size: int) -> Cell:
    found = measure(ceiling, [f"/{size}"], seconds=round_.seconds, connections=CONNECTIONS)
    cell = Cell(round_.entities, round_.workers, work.slug, "canned", size=size, errors=found.errors)
    return replace(cell, requests_per_s=found.requests_per_s, p50_ms=found.p50_ms, p99_ms=found.p99_ms)


def _path(system: System, question: Question) -> str:
    path = system.path(question)
    assert path is not None  # the caller has asked before whether it can be asked
    return path
