"""What queries of one data source may have answered at which time.

A state of a data source begins at some moment between the request that asked for it and the moment at which its job was
seen to have ended. An answer has to be that of a state that may have been there between the beginning and the end of
its request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.management_model import Entities

ENTITIES = 2_000
TOP = 100
KEPT_S = 300.0
"""Longer than any query runs."""
STEP = 0.001

Answer = object
"""What a reply says: None where there is no such thing, else rows, numbers, names."""


def entity_id(number: int) -> str:
    """Return the id of an entity."""
    return f"P{number:05d}"


def place_of(id_: str) -> tuple[float, float]:
    """Return latitude and longitude of an entity: they lie in a line, in the order of their ids."""
    return 40 + int(id_[1:]) * STEP, 10.0


@dataclass(frozen=True)
class Question:
    """A query and what the answer is if a version has these entities."""

    tail: str
    """Behind the URL of the entities."""
    parameters: dict[str, str]
    expected: Callable[[Entities], Answer]


def page(skip: int) -> Question:
    """Ask for a page, and how many entities there are."""
    parameters = {"$skip": str(skip), "$top": str(TOP), "$inlinecount": "allpages", "$select": "EntityID,Name"}
    return Question(
        "", parameters, lambda entities: (len(entities), tuple(sorted(entities.items())[skip : skip + TOP]))
    )


def named(name: str) -> Question:
    """Ask how many entities have a name, which is that of the load they came with."""
    parameters = {"$filter": f"Name eq '{name}'", "$top": "1", "$inlinecount": "allpages", "$select": "EntityID,Name"}

    def expected(entities: Entities) -> Answer:
        found = sorted(item for item in entities.items() if item[1] == name)
        return len(found), tuple(found[:1])

    return Question("", parameters, expected)


def within(first: int, count: int) -> Question:
    """Ask for the entities of a stretch of the line, by a box."""
    south, north = 40 + (first - 0.5) * STEP, 40 + (first + count - 0.5) * STEP
    box = f"bbox({south:.4f},9,{north:.4f},11)"
    parameters = {"spatialFilter": box, "$top": str(TOP), "$inlinecount": "allpages", "$select": "EntityID,Name"}
    ids = [entity_id(number) for number in range(first, first + count)]

    def expected(entities: Entities) -> Answer:
        found = [(id_, entities[id_]) for id_ in ids if id_ in entities]
        return len(found), tuple(found[:TOP])

    return Question("", parameters, expected)


def one(id_: str) -> Question:
    """Ask for one entity."""
    return Question(f"('{id_}')", {"$select": "EntityID,Name"}, lambda entities: entities.get(id_))


@dataclass(frozen=True)
class State:
    """What is published, None for nothing, and when that became true."""

    entities: Entities | None
    earliest_s: float
    latest_s: float


@dataclass(frozen=True)
class Observation:
    """An answer and when it was asked for."""

    question: Question
    access_id: str
    began_s: float
    ended_s: float
    answer: Answer
    told: str


@dataclass
class Timeline:
    """The states of one data source under one access id, in their order."""

    states: list[State] = field(default_factory=lambda: [State(None, float("-inf"), float("-inf"))])

    def add(self, state: State) -> None:
        """Add what came next; forget what no query can see any more."""
        self.states.append(state)
        while self.states[1].latest_s < state.earliest_s - KEPT_S:
            del self.states[0]

    def possible(self, began_s: float, ended_s: float) -> list[State]:
        """Return the states that may have been there in between."""
        found = []
        for number, state in enumerate(self.states):
            is_over = any(later.latest_s < began_s for later in self.states[number + 1 :])
            if state.earliest_s <= ended_s and not is_over:
                found.append(state)
        return found

    def fault_of(self, observation: Observation) -> str | None:
        """Say what is wrong with an answer, if anything is."""
        question = observation.question
        possible = self.possible(observation.began_s, observation.ended_s)
        answers = [None if state.entities is None else question.expected(state.entities) for state in possible]
        if observation.answer in answers:
            return None
        older = [
            number
            for number, state in enumerate(self.states)
            if state.entities is not None and question.expected(state.entities) == observation.answer
        ]
        return (
            f"{question.tail}{question.parameters}: {str(observation.answer)[:300]} ({observation.told[:200]}); "
            f"possible were {[str(answer)[:100] for answer in answers]}; it is that of the states {older} of "
            f"{len(self.states)}"
        )
