"""Connections by a deadline."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpcore
import pytest

from geostead.deadline import MAX_ATTEMPTED_ADDRESSES, Deadline, TimedConnections
from tests.remote_hosts import file, running_host

TOTAL_S = 0.4


class Clock:
    """Stands still until it is told how late it is."""

    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def full_host() -> Iterator[tuple[str, int]]:
    """Address and port of a host that lets every further connection wait: its queue is full."""
    with ExitStack() as stack:
        host = stack.enter_context(socket.create_server(("127.0.0.2", 0), backlog=0))
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(host.getsockname())
        yield host.getsockname()


def test_each_address_has_its_share_of_the_time_that_is_left() -> None:
    now_s = Clock()
    deadline = Deadline(now_s, 12)

    assert deadline.cut(None, httpcore.ConnectTimeout, shares=3) == 4
    now_s.s = 6
    assert deadline.cut(None, httpcore.ConnectTimeout, shares=2) == 3
    assert deadline.cut(2.5, httpcore.ConnectTimeout, shares=2) == 2.5
    assert deadline.cut(10, httpcore.ConnectTimeout) == 6
    now_s.s = 12
    with pytest.raises(httpcore.ConnectTimeout):
        deadline.cut(10, httpcore.ConnectTimeout, shares=2)


def test_an_address_that_is_silent_leaves_time_for_the_next_one(full_host: tuple[str, int]) -> None:
    silent, port = full_host
    with socket.create_server(("127.0.0.3", port)) as other:
        connections = TimedConnections(Deadline(Clock(), TOTAL_S), lambda _: [silent, "127.0.0.3"])
        stream = connections.connect_tcp("engine.example", port)
        accepted, _ = other.accept()
        accepted.close()
        stream.close()


def test_where_every_address_is_silent_the_last_time_out_counts(full_host: tuple[str, int]) -> None:
    silent, port = full_host

    with pytest.raises(httpcore.ConnectTimeout):
        TimedConnections(Deadline(Clock(), TOTAL_S), lambda _: [silent] * 2).connect_tcp("engine.example", port)


def test_no_more_than_a_few_addresses_are_tried() -> None:
    with running_host(file(b"")) as host:
        addresses = ["127.0.0.9"] * MAX_ATTEMPTED_ADDRESSES + ["127.0.0.1"]
        with pytest.raises(httpcore.ConnectError):
            TimedConnections(Deadline(Clock(), TOTAL_S), lambda _: addresses).connect_tcp("engine.example", host.port)


def test_what_the_look_up_of_the_name_takes_counts() -> None:
    now_s = Clock()

    def slowly(_: str) -> list[str]:
        now_s.s = TOTAL_S
        return ["127.0.0.1"]

    with pytest.raises(httpcore.ConnectTimeout):
        TimedConnections(Deadline(now_s, TOTAL_S), slowly).connect_tcp("engine.example", 80)


def _unknown(_: str) -> list[str]:
    raise socket.gaierror("Name or service not known")


def _no_name(_: str) -> list[str]:
    raise UnicodeError("label too long")


@pytest.mark.parametrize("resolve", [_unknown, _no_name, lambda _: []], ids=["unknown", "no name", "no address"])
def test_a_host_without_an_address_cannot_be_connected_to(resolve: Callable[[str], list[str]]) -> None:
    with pytest.raises(httpcore.ConnectError):
        TimedConnections(Deadline(Clock(), TOTAL_S), resolve).connect_tcp("engine.example", 80)
