"""Servers, workers, database and store are killed at random while clients load, publish, roll back and query.

``make chaos`` runs it for half an hour. What it did is printed at the end; the seed decides who does what and is hit
when.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import httpx

from tests.backing_servers import Backing
from tests.chaos.asking import TIMEOUT_S, Asker, Tally
from tests.chaos.monkey import Monkey
from tests.chaos.owner import Owner
from tests.chaos.reader import Reader
from tests.chaos.world import World, running_world
from tests.processes import geostead

DURATION_S = float(os.environ.get("GEOSTEAD_TEST_CHAOS_S", "12"))
"""How long it goes on; ``make chaos`` asks for 1800 seconds."""
SEED = os.environ.get("GEOSTEAD_TEST_CHAOS_SEED", "1")
PAUSE_S = float(os.environ.get("GEOSTEAD_TEST_CHAOS_PAUSE_S", "4"))
"""The mean pause between two hits."""
ENGINES = os.environ.get("GEOSTEAD_TEST_CHAOS_ENGINES", "snapshots,snapshots,postgis").split(",")
"""What keeps entities, by server and by worker, in turn."""
OWNERS = 4
READERS = 3


def test_nothing_acknowledged_is_lost_and_no_answer_is_wrong_whatever_is_killed(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with running_world(tmp_path, ENGINES) as world, httpx.Client(base_url=world.url) as client:
        client.timeout = httpx.Timeout(TIMEOUT_S)
        tally, owners = Tally(), list[Owner]()
        for number in range(OWNERS):
            key = create_account(world, f"owner-{number}")
            owners.append(Owner(f"Places{number}", Asker(client, key, tally), Random(f"{SEED} owner {number}")))
        monkey = Monkey(world, Random(f"{SEED} monkey"), PAUSE_S)
        readers = [reader_of(owners, Random(f"{SEED} reader {number}")) for number in range(READERS)]
        for owner in owners:
            owner.begin()
        play(owners, readers, monkey)
        await_ready(client)
        for owner in owners:
            owner.settle()
        told = {**summary(tally, monkey), **check_what_is_kept(world)}
        record_property("chaos", told)
        print(json.dumps(told, indent=1))  # noqa: T201
    assert tally.faults == [], f"{len(tally.faults)} faults, such as\n" + "\n".join(tally.faults[:10])
    assert tally.verified["entities"] > 0
    assert monkey.hits


def reader_of(owners: list[Owner], random: Random) -> Reader:
    return Reader({owner.name: owner.asker for owner in owners}, owners, random)


def play(owners: list[Owner], readers: list[Reader], monkey: Monkey) -> None:
    """Let everybody play at once; the first failure ends the monkey's rage, too."""
    until_s = time.monotonic() + DURATION_S
    with ThreadPoolExecutor(len(owners) + len(readers)) as pool:
        players = [pool.submit(player.play, until_s) for player in (*owners, *readers)]
        raging = threading.Thread(target=monkey.rage, args=[until_s])
        raging.start()
        raging.join()
        for player in players:
            player.result()


def await_ready(client: httpx.Client) -> None:
    deadline_s = time.monotonic() + 60
    while client.get("/readyz").status_code != 200:
        assert time.monotonic() < deadline_s, "it is not ready a minute after the last hit"
        time.sleep(0.1)


def create_account(world: World, name: str) -> str:
    """Create an account and return its master key."""
    found = json.loads(run(world, "account", "create", name, "--json"))
    return str(found["keys"][0]["key"])


def run(world: World, *arguments: str) -> str:
    """Run a command that has to succeed; return what it prints."""
    command = geostead(*arguments, "--data-dir", str(world.data_dir))
    environment = {**os.environ, **world.backing.variables}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-3000:]
    return done.stdout


def check_what_is_kept(world: World) -> dict[str, object]:
    """Hold the files against the catalog: nothing is damaged, nothing that is needed goes with what is not."""
    expired = json.loads(run(world, "expire", "--json"))
    checked = json.loads(run(world, "check", "--json"))
    assert checked["faults"] == [], checked
    backing: Backing = world.backing
    listed = [
        version["engine"]
        for number in range(OWNERS)
        for source in json.loads(run(world, "datasource", "list", f"owner-{number}", "--json"))["dataSources"]
        for version in source["versions"]
    ]
    left = {area: len(backing.names(area)) for area in ("snapshots", "blobs/uploads", "blobs/logs", "blobs/downloads")}
    return {"expired": expired, "checked": {**checked, "faults": 0}, "kept": left, "versions": dict(Counter(listed))}


def summary(tally: Tally, monkey: Monkey) -> dict[str, object]:
    """Return what can be told of a run."""
    return {
        "seconds": DURATION_S,
        "seed": SEED,
        "requests": sum(tally.answers.values()),
        "answers": nested(dict(tally.answers)),
        "answers held against the model": dict(tally.verified),
        "jobs": nested(dict(tally.jobs)),
        "hits": dict(sorted(monkey.hits.items())),
        "longest unavailability, s": rounded(tally.longest_s),
        "slowest good answer, s": rounded(tally.slowest_s),
        "faults": len(tally.faults),
    }


def nested(counts: dict[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (what, outcome), count in sorted(counts.items()):
        found.setdefault(what, {})[outcome] = count
    return found


def rounded(seconds: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 1) for name, value in sorted(seconds.items())}
