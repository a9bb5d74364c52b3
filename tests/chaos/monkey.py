"""What hits an installation at random: kills, stops and hangs, each of which is made good after a while."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.chaos.world import Part, World

LOOK_S = 0.05
LONGEST_DOWN_S = 5.0
LONGEST_HANG_S = 5.0
LONGEST_HANG_OF_WORKER_S = 25.0
"""Longer than a lease: others take the job over, and then the worker goes on as if nothing had happened."""

Heal = Callable[[], None]


@dataclass
class Monkey:
    """Hits parts of a world in an order that its seed decides; what is down or hangs is left alone."""

    world: World
    random: Random
    mean_pause_s: float
    hits: Counter[str] = field(default_factory=Counter)
    last_hits: list[tuple[float, str]] = field(default_factory=list)
    _down: dict[str, tuple[float, Heal]] = field(default_factory=dict)
    """When each part that was hit is made whole, and how."""

    def rage(self, until_s: float) -> None:
        """Hit something from time to time until then; leave everything whole."""
        next_s = time.monotonic()
        while (now_s := time.monotonic()) < until_s:
            self._heal(now_s)
            if now_s >= next_s:
                self._hit(now_s)
                next_s = now_s + self.random.expovariate(1 / self.mean_pause_s)
            time.sleep(LOOK_S)
        self._heal(float("inf"))
        for part in (*self.world.nodes, *self.world.workers):
            part.start()  # the hit may have been a stop that took its time

    def _heal(self, now_s: float) -> None:
        for name, (due_s, heal) in list(self._down.items()):
            if due_s <= now_s:
                heal()
                del self._down[name]

    def _hit(self, now_s: float) -> None:
        hits = (self._worker, self._node, self._database, self._store)
        self.random.choices(hits, weights=(4, 4, 2, 3))[0](now_s)

    def _worker(self, now_s: float) -> None:
        self._part(self.random.choice(self.world.workers), now_s, LONGEST_HANG_OF_WORKER_S, "worker")

    def _node(self, now_s: float) -> None:
        self._part(self.random.choice(self.world.nodes), now_s, LONGEST_HANG_S, "node")

    def _part(self, part: Part, now_s: float, longest_hang_s: float, kind: str) -> None:
        what = self.random.choices(("kill", "stop", "kill a child of", "suspend"), weights=(4, 3, 2, 2))[0]
        acts: dict[str, tuple[Heal, Heal, float]] = {
            "kill": (part.kill, part.start, LONGEST_DOWN_S),
            "stop": (part.terminate, part.start, LONGEST_DOWN_S),
            "kill a child of": (part.kill_a_child, part.start, LONGEST_DOWN_S),
            "suspend": (part.suspend, part.resume, longest_hang_s),
        }
        if part.name not in self._down:
            part.start()
            self._act(part.name, f"{what} {kind}", now_s, *acts[what])

    def _database(self, now_s: float) -> None:
        what = self.random.choices(("kill", "stop", "suspend"), weights=(4, 2, 2))[0]
        world = self.world
        acts: dict[str, tuple[Heal, Heal, float]] = {
            "kill": (world.database.kill, world.database.start, LONGEST_DOWN_S),
            "stop": (world.database.stop, world.database.start, LONGEST_DOWN_S),
            "suspend": (world.suspend_database, world.resume_database, LONGEST_HANG_S),
        }
        self._act("database", f"{what} database", now_s, *acts[what])

    def _store(self, now_s: float) -> None:
        what = self.random.choices(("kill", "stop", "suspend"), weights=(4, 2, 2))[0]
        store = self.world.store
        acts: dict[str, tuple[Heal, Heal, float]] = {
            "kill": (store.kill, store.start, LONGEST_DOWN_S),
            "stop": (store.stop, store.start, LONGEST_DOWN_S),
            "suspend": (store.suspend, store.resume, LONGEST_HANG_S),
        }
        self._act("store", f"{what} store", now_s, *acts[what])

    def _act(self, name: str, what: str, now_s: float, hit: Heal, heal: Heal, longest_s: float) -> None:
        if name in self._down:
            return
        hit()
        self.hits[what] += 1
        self.last_hits = [*self.last_hits[-20:], (now_s, what)]
        self._down[name] = (now_s + self.random.uniform(0.1, longest_s), heal)
