"""Asks a system some questions and holds its answers against those of Geostead, so that all do the same work."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import httpx

from bench.compare.questions import Circle, Question
from bench.compare.system import Found, System

_TOLERANCE_KM = 1e-5
_LEAST_ANSWERS = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply."""

    question: Question
    seconds: float
    size: int
    found: Found


class Unanswered(Exception):
    """A system answered a question with an error, or not in time."""


def ask(client: httpx.Client, system: System, questions: list[Question], *, seconds: float) -> list[Answer]:
    """Ask one question after the other: three at least, and no more once some seconds have passed."""
    answers: list[Answer] = []
    began = time.perf_counter()
    for question in questions:
        if len(answers) >= _LEAST_ANSWERS and time.perf_counter() - began > seconds:
            break
        answers.append(_ask(client, system, question))
    return answers


def _ask(client: httpx.Client, system: System, question: Question) -> Answer:
    began = time.perf_counter()
    try:
        reply = client.get(f"{system.origin}{system.path(question)}")
    except httpx.HTTPError as error:
        raise Unanswered(f"{type(error).__name__}: {error}") from error
    taken = time.perf_counter() - began
    if reply.status_code != 200:
        raise Unanswered(f"{reply.status_code}: {reply.text[:200]}")
    return Answer(question, taken, len(reply.content), system.read(reply.content))


def differences(ours: list[Answer], theirs: list[Answer]) -> list[str]:
    """Say how answers to the same questions differ; nothing where they have the same entities in the same order.

    Of a circle the distances have to be the same, because places that are equally far may change places.
    """
    found = []
    for left, right in zip(ours, theirs, strict=False):
        if not _agree(left.question, left.found, right.found):
            found.append(f"{left.question}: {_short(left.found)} and {_short(right.found)}")
    return found


def _agree(question: Question, ours: Found, theirs: Found) -> bool:
    if question.count and ours.count != theirs.count:
        return False
    if isinstance(question.where, Circle):
        left, right = _distances(question.where, ours), _distances(question.where, theirs)
        return len(left) == len(right) and all(abs(a - b) <= _TOLERANCE_KM for a, b in zip(left, right, strict=True))
    return [entity[0] for entity in ours.entities] == [entity[0] for entity in theirs.entities]


def _distances(circle: Circle, found: Found) -> list[float]:
    return [_distance_km(circle, latitude, longitude) for _, latitude, longitude in found.entities]


def _distance_km(circle: Circle, latitude: float, longitude: float) -> float:
    """Return the great-circle distance (haversine)."""
    north, south = math.radians(latitude), math.radians(circle.latitude)
    across = math.sin(math.radians(longitude - circle.longitude) / 2) ** 2 * math.cos(north) * math.cos(south)
    return 2 * 6371.0088 * math.asin(math.sqrt(math.sin((north - south) / 2) ** 2 + across))


def _short(found: Found) -> str:
    return f"{len(found.entities)} entities ({', '.join(entity[0] for entity in found.entities[:3])} …), {found.count}"
