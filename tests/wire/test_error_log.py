"""The error log of a load."""

import csv
import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.formats.base import RowIssue
from geostead.wire.error_log import encode_error_log

ISSUES = [
    ("line 3", RowIssue(0, "-22067", "Latitude", "=91,5", "a number from -90 to 90")),
    ("line 4", RowIssue(1, "Ä\n1", "", "", "a place", is_error=False)),
]


def rows_of(log: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(log.decode(), newline="")))


def test_golden_error_logs(golden: Callable[[str, bytes], None]) -> None:
    golden("error-log.csv", encode_error_log(None, ISSUES, 1234))
    golden(
        "error-log-aborted.csv", encode_error_log("Line 2 has no primary key, like A(Edm.String,primaryKey).", [], 0)
    )


def test_every_issue_is_a_line_with_its_place_and_what_was_expected() -> None:
    header, first, second = rows_of(encode_error_log(None, ISSUES, 0))
    assert header == ["severity", "location", "entityId", "property", "found", "expected"]
    assert first == ["error", "line 3", "'-22067", "Latitude", "'=91,5", "a number from -90 to 90"]
    assert second == ["note", "line 4", "Ä\n1", "", "", "a place"]


def test_the_reason_of_an_aborted_job_comes_first() -> None:
    log = encode_error_log("A bad row, and the load was strict.", ISSUES, 0)
    assert rows_of(log)[1] == ["aborted", "", "", "", "A bad row, and the load was strict.", ""]


def test_the_last_line_says_how_many_issues_are_not_listed() -> None:
    assert rows_of(encode_error_log(None, ISSUES, 1234))[-1][4] == "1,234 more issues are not listed"
    assert len(rows_of(encode_error_log(None, ISSUES, 0))) == 3


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start: str) -> None:
    text = f"{start}1+1"
    issue = RowIssue(0, text, text, text, text)
    for cell in rows_of(encode_error_log(text, [(text, issue)], 0))[2][1:]:
        assert cell == f"'{text}"


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="=+-@\t\r"), max_size=20))
def test_what_was_found_reads_back(found: str) -> None:
    log = encode_error_log(None, [("line 1", RowIssue(0, "1", "Name", found, "something else"))], 0)
    assert rows_of(log)[1][4] == found


def test_text_that_is_not_unicode_does_not_stop_the_log() -> None:
    log = encode_error_log(None, [("line 1", RowIssue(0, "1", "Name", "a\udcff", "UTF-8"))], 0)
    assert rows_of(log)[1][4] == "a?"
