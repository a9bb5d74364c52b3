"""Query strings of every kind, sent to a real server: each gets its entities or a clear refusal, within a second."""

from __future__ import annotations

import http.client
import os
import re
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from random import Random

import httpx
import pytest

from geostead.formats.delimited.writer import csv_chunks
from tests.entities import columns_of
from tests.fuzz.query_strings import LONGEST_TARGET, Case, Kind, make_case
from tests.fuzz.replies import Reply, fault_of
from tests.geocoding.places_index import shared_folder
from tests.servers import Server, create_account, start_server
from tests.strategies import ENTITY_TYPE, make_entities

CASES = int(os.environ.get("GEOSTEAD_TEST_FUZZ", "600"))
"""How many query strings are sent; ``make soak`` asks for 50,000."""
ENTITIES = make_entities(Random("fuzz"), 3000)
SLOWEST_S = 1.0
TIMEOUT_S = 60.0
REFUSED_BY_PROXY = b"<html><body><h1>400 Bad request</h1>\nYour browser sent an invalid request.\n</body></html>\n"
"""What HAProxy says for itself."""
NOT_HTTP = re.compile(rb"[\x00-\x20\"<>\x7f]")
"""What no HTTP server takes in a query string: the one under ours refuses it itself, without a body."""


@dataclass
class Client:
    """Sends query strings as they are, over one connection as long as it lasts."""

    address: tuple[str, int]
    path: bytes
    key: bytes
    connection: socket.socket | None = None

    def ask(self, query: bytes) -> Reply:
        if self.connection is None:
            self.connection = socket.create_connection(self.address, timeout=TIMEOUT_S)
        began_s = time.perf_counter()
        reply = http.client.HTTPResponse(self.connection, method="GET")
        try:
            self.connection.sendall(b"GET %b HTTP/1.1\r\nHost: fuzz\r\n\r\n" % self.target(query))
            reply.begin()
            body = reply.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return Reply(0, "", repr(error).encode(), time.perf_counter() - began_s)
        seconds = time.perf_counter() - began_s
        if reply.will_close:
            self.close()
        return Reply(reply.status, reply.headers.get_content_type(), body, seconds)

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def target(self, query: bytes) -> bytes:
        return b"%b?key=%b&%b" % (self.path, self.key, query)

    def is_http(self, query: bytes) -> bool:
        """Tell whether the HTTP server hands a query string on."""
        if len(self.target(query)) > LONGEST_TARGET or NOT_HTTP.search(query):
            return False
        return query.decode(errors="replace").encode() == query

    def seconds_at_best(self, case: Case, reply: Reply) -> float:
        """Return how long a reply takes; a slow one is asked for twice more, lest the machine was busy elsewhere."""
        seconds = reply.seconds
        for _ in range(2):
            if seconds > SLOWEST_S:
                seconds = min(seconds, self.ask(case.query).seconds)
        return seconds


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with ExitStack() as stack:
        places = {"GEOSTEAD_PLACES_DIR": str(shared_folder())}
        server = stack.enter_context(start_server(tmp_path_factory.mktemp("fuzz") / "data", environment=places))
        key = create_account(server.data_dir, "fuzz")["master"]
        url = httpx.URL(server.url)
        yield stack.enter_context(closing(Client((url.host, url.port or 80), _load(server, key), key.encode())))
        assert_nothing_failed(server)


def _load(server: Server, key: str) -> bytes:
    """Load the entities and return the path of their queries."""
    upload = b"".join(csv_chunks(ENTITY_TYPE, [columns_of(ENTITY_TYPE, ENTITIES)]))
    job = server.finished(key, server.load(key, "Fuzz", upload, input="csv")["id"])
    assert job["status"] == "Completed", job
    assert job["failedEntityCount"] < 5, job  # an id of nothing but spaces is none
    source = next(link["url"] for link in job["links"] if link["role"] == "dataSource")
    return httpx.URL(source).raw_path + b"/" + ENTITY_TYPE.name.encode()


def assert_nothing_failed(server: Server) -> None:
    """Nothing went wrong that the log of a server would tell the operator."""
    bad = [line for line in server.log.read_text().splitlines() if '"level":"info"' not in line or "raceback" in line]
    assert bad == [], bad[0]


def test_every_query_string_gets_entities_or_a_clear_refusal_within_a_second(
    client: Client, record_property: Callable[[str, object], None]
) -> None:
    faults, slow, outcomes, slowest = [], [], Counter[str](), (0.0, -1)
    for number in range(CASES):
        case = make_case(number, ENTITIES)
        reply = client.ask(case.query)
        outcomes[f"{case.kind}: {reply.status if client.is_http(case.query) else 'not HTTP'}"] += 1
        fault = _fault(client, case, reply)
        if fault is not None:
            faults.append(f"{number} ({case.kind}): {fault}: {case.query[:300]!r}: {reply.body[:300]!r}")
        seconds = client.seconds_at_best(case, reply)
        slowest = max(slowest, (seconds, number))
        if seconds > SLOWEST_S:
            slow.append(f"{number} ({case.kind}) took {seconds:.2f} s: {case.query[:300]!r}: {reply.body[:300]!r}")
    record_property("query_strings", CASES)
    record_property("outcomes", dict(outcomes))
    record_property("slowest_s_and_number", slowest)
    print(f"{CASES} query strings: {dict(sorted(outcomes.items()))}; the slowest took {slowest[0]:.2f} s")  # noqa: T201
    assert faults == [], f"{len(faults)} faults, such as\n" + "\n".join(faults[:10])
    assert slow == [], f"{len(slow)} slow replies, such as\n" + "\n".join(slow[:10])


def _fault(client: Client, case: Case, reply: Reply) -> str | None:
    """Say what is wrong with a reply; what is no HTTP may be refused by the HTTP server, or by the proxy before it."""
    if not client.is_http(case.query) and reply.body in (b"", REFUSED_BY_PROXY):
        return None if reply.status in (400, 414, 431) else f"status {reply.status}"
    if case.kind is Kind.VALID and reply.status != 200:
        return f"status {reply.status} for a valid query"
    try:
        return fault_of(reply, case.query)
    except (ValueError, KeyError, SyntaxError) as error:
        return f"a body that cannot be read ({error})"
