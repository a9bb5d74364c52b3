"""How the index comes to its place. What makes it is replaced: these tests are about files and locks."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from geostead.errors import Unavailable
from geostead.geocoding import index_file
from geostead.geocoding.index_file import ready_index


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
    path = ready_index(folder)
    assert path.read_text() == "index"
    maker.write_text("raise SystemExit(1)")
    assert ready_index(folder) == path
    assert {file.name for file in folder.iterdir()} == {"lock", path.name}


def test_indexes_of_other_versions_go(tmp_path: Path, maker: Path) -> None:
    (tmp_path / "places-0123456789abcdef.sqlite3").touch()
    (tmp_path / "other").touch()
    path = ready_index(tmp_path)
    assert {file.name for file in tmp_path.glob("places-*")} == {path.name}
    assert (tmp_path / "other").exists()


def test_who_comes_second_is_not_kept_waiting(tmp_path: Path, maker: Path) -> None:
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Unavailable, match="is being made"):
            ready_index(tmp_path)
    assert ready_index(tmp_path).exists()


def test_a_maker_that_fails_leaves_nothing_and_its_words_in_the_log(
    tmp_path: Path, maker: Path, caplog: pytest.LogCaptureFixture
) -> None:
    maker.write_text("import pathlib, sys\npathlib.Path(sys.argv[1]).touch()\nsys.exit('no such data')\n")
    with pytest.raises(Unavailable, match="log says why"):
        ready_index(tmp_path / "places")
    assert [file.name for file in (tmp_path / "places").iterdir()] == ["lock"]
    assert "no such data" in str(vars(caplog.records[-1]))


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path, maker: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="log says why"):
        ready_index(tmp_path / "file" / "places")
