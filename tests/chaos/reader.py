"""A client that only queries, whatever data source there is, and notes what it was answered."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import httpx

from tests.chaos.asking import Asker
from tests.chaos.owner import Owner
from tests.chaos.truth import ENTITIES, Answer, Observation, Question, entity_id, named, one, page, within


@dataclass
class Reader:
    """Asks for the data sources of owners; they check what it was answered."""

    askers: dict[str, Asker]
    """By the name of the owner."""
    owners: Sequence[Owner]
    random: Random

    def play(self, until_s: float) -> None:
        """Query until then."""
        while time.monotonic() < until_s:
            owner = self.random.choice(self.owners)
            access_id = owner.access_id
            if access_id is None:
                time.sleep(0.02)
            else:
                self._query(owner, access_id)

    def _query(self, owner: Owner, access_id: str) -> None:
        question = self._question()
        path = f"/data/{access_id}/{owner.name}/Place{question.tail}"
        began_s = time.monotonic()
        reply = self.askers[owner.name].ask("query", "GET", path, {**question.parameters, "$format": "json"})
        if reply is not None:
            told = f"{reply.status_code} {reply.text}"
            answer = _answer(reply)
            owner.observed.append(Observation(question, access_id, began_s, time.monotonic(), answer, told[:300]))

    def _question(self) -> Question:
        random = self.random
        match random.randrange(4):
            case 0:
                return page(random.choice((0, 0, random.randrange(ENTITIES))))
            case 1:
                return named(f"v{random.randrange(1, 30)}")
            case 2:
                return within(random.randrange(ENTITIES), random.randrange(1, 200))
            case _:
                return one(entity_id(random.randrange(ENTITIES)))


def _answer(reply: httpx.Response) -> Answer:
    """Return what a reply says; any that is neither entities nor that there is nothing is no possible answer."""
    if reply.status_code == 404:
        return None
    if reply.status_code != 200:
        return f"status {reply.status_code}"
    found = reply.json()["d"]
    if "results" not in found:
        return found["Name"]
    return int(found["__count"]), tuple((entity["EntityID"], entity["Name"]) for entity in found["results"])
