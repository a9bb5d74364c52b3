"""How the index comes to its place. What makes it is replaced: these tests are about files and locks."""

from __future__ import annotations

import fcntl
from pathlib import Path

import psutil
import pytest

from geostead.errors import Unavailable
from geostead.geocoding import index_file
from geostead.geocoding.index_file import PAUSE_S, IndexFile


@pytest.fixture
def maker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program in the place of the maker, which a test writes."""
    program = tmp_path / "maker_of_tests.py"
    program.write_text("import pathlib, sys\npathlib.Path(sys.argv[1]).write_text('index')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(index_file, "MAKER", "maker_of_tests")
    return program


def test_the_index_is_made_once_whole_or_not_at_all(tmp_path: Path, maker: Path) -> None:
    folder = tmp_path / "new" / "places"
    path = IndexFile(folder).ready()
    assert path.read_text() == "index"
    maker.write_text("raise SystemExit(1)")
    assert IndexFile(folder).ready() == path
    assert {file.name for file in folder.iterdir()} == {"lock", path.name}


def test_indexes_of_other_versions_go(tmp_path: Path, maker: Path) -> None:
    (tmp_path / "places-0123456789abcdef.sqlite3").touch()
    (tmp_path / "other").touch()
    path = IndexFile(tmp_path).ready()
    assert {file.name for file in tmp_path.glob("places-*")} == {path.name}
    assert (tmp_path / "other").exists()


def test_who_comes_second_is_not_kept_waiting(tmp_path: Path, maker: Path) -> None:
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Unavailable, match="is being made"):
            IndexFile(tmp_path).ready()
    assert IndexFile(tmp_path).ready().exists()


def test_a_maker_that_fails_leaves_nothing_and_its_words_in_the_log(
    tmp_path: Path, maker: Path, caplog: pytest.LogCaptureFixture
) -> None:
    maker.write_text("import pathlib, sys\npathlib.Path(sys.argv[1]).touch()\nsys.exit('no such data')\n")
    with pytest.raises(Unavailable, match="log says why"):
        IndexFile(tmp_path / "places").ready()
    assert [file.name for file in (tmp_path / "places").iterdir()] == ["lock"]
    assert "no such data" in str(vars(caplog.records[-1]))


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path, maker: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="log says why"):
        IndexFile(tmp_path / "file" / "places").ready()


def test_a_maker_that_fails_is_not_started_again_for_some_minutes(tmp_path: Path, maker: Path) -> None:
    now_s, starts = [1000.0], tmp_path / "starts"
    maker.write_text(f"open({str(starts)!r}, 'a').write('x')\nraise SystemExit(1)")
    index = IndexFile(tmp_path / "places", now_s=lambda: now_s[0])
    for _ in range(3):
        with pytest.raises(Unavailable, match="log says why"):
            index.ready()
    assert starts.read_text() == "x"
    now_s[0] += PAUSE_S
    with pytest.raises(Unavailable, match="log says why"):
        index.ready()
    assert starts.read_text() == "xx"


def test_an_index_that_another_process_makes_is_not_a_failure_to_remember(tmp_path: Path, maker: Path) -> None:
    index = IndexFile(tmp_path, now_s=lambda: 0.0)
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Unavailable, match="is being made"):
            index.ready()
    assert index.ready().exists()


def test_a_maker_that_does_not_end_is_killed(tmp_path: Path, maker: Path, caplog: pytest.LogCaptureFixture) -> None:
    maker.write_text("import pathlib, sys, time\npathlib.Path(sys.argv[1]).touch()\ntime.sleep(600)\n")
    with pytest.raises(Unavailable, match="log says why"):
        IndexFile(tmp_path / "places", timeout_s=0.5).ready()
    assert "more than 0.5 seconds" in str(vars(caplog.records[-1]))
    assert not [child for child in psutil.Process().children() if "maker_of_tests" in child.cmdline()]
    assert [file.name for file in (tmp_path / "places").iterdir()] == ["lock"]


def test_the_maker_holds_the_lock_lest_it_outlives_a_server_and_meets_another(tmp_path: Path, maker: Path) -> None:
    maker.write_text(
        "import os, sys\n"
        "held = [os.readlink(f'/proc/self/fd/{fd}') for fd in range(3, 100) if os.path.exists(f'/proc/self/fd/{fd}')]\n"
        "open(sys.argv[1], 'w').write('\\n'.join(held))\n"
    )
    assert str(tmp_path / "lock") in IndexFile(tmp_path).ready().read_text().splitlines()


def test_without_the_data_packages_the_log_names_the_one_that_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(index_file, "PACKAGES", ("geostead-has-no-such-data",))
    with pytest.raises(Unavailable, match="log says why"):
        IndexFile(tmp_path).ready()
    assert "geostead-has-no-such-data" in str(vars(caplog.records[-1]))
