"""Traces: what comes in as ``traceparent``, and what is current where."""

from __future__ import annotations

from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.telemetry.trace import Trace, current_trace, read_trace, read_trace_parent, run_in, span, traced

ID = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"


def hex_digits(count: int) -> st.SearchStrategy[str]:
    return st.integers(1, 16**count - 1).map(lambda number: f"{number:0{count}x}")


@given(hex_digits(32), hex_digits(16), st.booleans())
def test_a_trace_is_read_as_it_was_written(id_: str, span_id: str, is_sampled: bool) -> None:
    for trace in (Trace(id_, span_id, is_sampled), Trace(id_)):
        assert read_trace(str(trace)) == trace


@pytest.mark.parametrize(("flags", "is_sampled"), [("00", False), ("01", True), ("03", True), ("02", False)])
def test_only_the_last_bit_of_the_flags_says_whether_it_is_sampled(flags: str, is_sampled: bool) -> None:
    assert read_trace_parent(f"00-{ID}-{SPAN}-{flags}") == Trace(ID, SPAN, is_sampled)


def test_a_version_to_come_is_read_as_far_as_it_is_known() -> None:
    assert read_trace_parent(f"cc-{ID}-{SPAN}-01-what-the-future-will-be-like") == Trace(ID, SPAN, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ID,
        f"00-{ID}-{SPAN}",
        f"ff-{ID}-{SPAN}-01",
        f"00-{ID}-{SPAN}-01-more",
        f"cc-{ID}-{SPAN}-01.more",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{ID}-{'0' * 16}-01",
        f"00-{ID.upper()}-{SPAN}-01",
        f"00-{ID[:-1]}g-{SPAN}-01",
        f"00-{ID}-{SPAN}-01\n",
    ],
)
def test_what_the_specification_calls_invalid_is_no_trace(text: str) -> None:
    assert read_trace_parent(text) is None


def test_a_trace_is_current_while_its_block_runs_and_in_no_thread_that_is_not_handed_it() -> None:
    seen: list[Trace | None] = []
    with traced(Trace(ID)):
        with traced(Trace("1" * 32)):
            seen.append(current_trace())
        seen.append(current_trace())
        thread = Thread(target=lambda: seen.append(current_trace()))
        thread.start()
        thread.join()
        handed = Thread(target=run_in, args=(current_trace(), lambda: seen.append(current_trace())))
        handed.start()
        handed.join()
    assert [*seen, current_trace()] == [Trace("1" * 32), Trace(ID), None, Trace(ID), None]


def test_a_span_records_nothing_where_nothing_is_recorded() -> None:
    with traced(Trace(ID)), span("work", rows=1):
        assert current_trace() == Trace(ID)
