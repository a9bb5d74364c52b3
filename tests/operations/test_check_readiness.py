"""Ready is an installation whose catalog answers and whose store keeps what it is given."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from geostead.errors import Unavailable
from geostead.operations.check_readiness import check_readiness
from tests.installations import Installation


def test_a_whole_installation_is_ready_and_nothing_is_left_behind(installation: Installation) -> None:
    check_readiness(installation.services)
    assert list(installation.services.blobs.unused()) == []


def test_a_catalog_that_is_none_any_more_is_not_ready(installation: Installation, tmp_path: Path) -> None:
    installation.services.catalog.close()
    for file in tmp_path.glob("catalog.sqlite3*"):
        file.unlink()
    (tmp_path / "catalog.sqlite3").write_bytes(b"no database" * 1000)
    with pytest.raises(Unavailable, match="damaged"):
        check_readiness(installation.services)


def test_a_store_that_takes_nothing_is_not_ready(installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("in the way")
    with pytest.raises(Unavailable, match="takes nothing"):
        check_readiness(installation.services)


@pytest.mark.parametrize("given_back", [b"", b"something else"])
def test_a_store_that_gives_back_something_else_is_not_ready(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, given_back: bytes
) -> None:
    monkeypatch.setattr(installation.services.blobs, "open", lambda _name: io.BytesIO(given_back))
    with pytest.raises(Unavailable, match="something else than what was written"):
        check_readiness(installation.services)
    assert list(installation.services.blobs.unused()) == []


def test_a_store_that_gives_nothing_back_is_not_ready(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(name: str) -> io.BytesIO:
        raise OSError(5, "Input/output error", name)

    monkeypatch.setattr(installation.services.blobs, "open", fail)
    with pytest.raises(Unavailable, match="does not give back what was written: Input/output error"):
        check_readiness(installation.services)
