"""Log lines."""

from __future__ import annotations

import json
import logging

import pytest

from geostead.errors import Unavailable
from geostead.log_lines import JsonLines


def _line(message: str, *arguments: object, **record: object) -> str:
    made = logging.LogRecord("geostead.jobs", logging.INFO, "file.py", 1, message, arguments, None)
    vars(made).update(record)
    return JsonLines().format(made)


def test_a_line_is_one_json_object_with_what_was_given_beside_the_message():
    line = _line("Ran a %s.", "job", job="0f", seconds=1.5)

    content = json.loads(line)
    assert "\n" not in line
    assert (content["message"], content["level"], content["job"], content["seconds"]) == (
        "Ran a job.",
        "info",
        "0f",
        1.5,
    )
    assert content["at"].endswith("+00:00")


def test_what_no_encoder_takes_costs_no_line():
    line = _line("Read %s with key=s3cret.", "a\ud800b\n", found=("\udfff", 2**70))

    content = json.loads(line.encode())
    assert "\n" not in line
    assert content["message"] == "Read a?b\n with key=[redacted]"
    assert content["found"] == ["?", 2**70]


def test_the_value_of_a_key_never_gets_into_a_line():
    line = _line("GET %s", "/REST/v1/data?$top=1&key=s3cret&o=json&queryKey=hidden&KEY=other")

    assert not any(value in line for value in ("s3cret", "hidden", "other"))
    assert "key=[redacted]&o=json" in line


def test_a_key_in_a_traceback_is_redacted_too():
    try:
        raise ValueError("cannot read ?key=s3cret")
    except ValueError as error:
        line = _line("Failed.", exc_info=(type(error), error, error.__traceback__))

    assert "ValueError" in json.loads(line)["traceback"]
    assert "s3cret" not in line


@pytest.mark.parametrize("traces_outages", [False, True])
def test_what_does_not_answer_is_a_line_with_all_reasons_and_its_traceback_is_for_debugging(
    traces_outages: bool,
) -> None:
    try:
        try:
            raise OSError("connection refused\nis it running?")
        except OSError as error:
            raise Unavailable("The database does not answer.") from error
    except Unavailable as error:
        record = logging.makeLogRecord({"exc_info": (type(error), error, error.__traceback__)})
    line = json.loads(JsonLines(traces_outages=traces_outages).format(record))
    assert ("traceback" in line) == traces_outages
    if not traces_outages:
        assert line["reason"] == "Unavailable: The database does not answer. < OSError: connection refused"
