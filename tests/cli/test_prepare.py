"""Waiting for a database that comes up late."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from geostead.cli.prepare import PAUSE_S, until_answered
from geostead.errors import Unavailable, Unfit
from tests.servers import run_cli


class Database:
    """Answers after so many seconds; time passes when somebody pauses."""

    def __init__(self, up_at_s: float, refusal: Exception | None = None) -> None:
        self._refusal = refusal or Unavailable("Connection refused.")
        self.now_s = 0.0
        self._up_at_s = up_at_s

    def ask(self) -> None:
        if self.now_s < self._up_at_s:
            raise self._refusal

    def monotonic_s(self) -> float:
        return self.now_s

    def pause(self, seconds: float) -> None:
        self.now_s += seconds


def wait_for(database: Database, patience_s: float) -> None:
    until_answered(database.ask, patience_s, monotonic_s=database.monotonic_s, pause=database.pause)


def test_a_database_that_answers_is_not_waited_for() -> None:
    database = Database(up_at_s=0)
    wait_for(database, 60)
    assert database.now_s == 0


def test_a_database_that_comes_up_is_waited_for_and_each_look_is_logged_with_its_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    database = Database(up_at_s=3 * PAUSE_S)
    with caplog.at_level(logging.WARNING):
        wait_for(database, 60)
    assert [record.__dict__["reason"] for record in caplog.records] == ["Connection refused."] * 3


def test_a_database_that_does_not_come_up_is_an_error_when_the_time_is_over() -> None:
    database = Database(up_at_s=1e9)
    with pytest.raises(Unavailable, match="refused"):
        wait_for(database, 10 * PAUSE_S)
    assert database.now_s == 10 * PAUSE_S


def test_what_its_operator_has_to_mend_is_not_waited_for() -> None:
    database = Database(up_at_s=1e9, refusal=Unfit("The password is wrong."))
    with pytest.raises(Unfit, match="password"):
        wait_for(database, 60)
    assert database.now_s == 0


def test_a_catalog_in_a_file_is_not_waited_for(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "catalog.sqlite3").write_text("this is no database " * 100)
    done = run_cli(data, "serve", "--port", "0")
    assert done.returncode == 1
    assert "Waiting" not in done.stderr
