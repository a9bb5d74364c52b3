"""``geostead geocode`` as somebody types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.shell import fail, run, succeed
from tests.geocoding.places_index import shared_folder


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEOSTEAD_PLACES_DIR", str(shared_folder()))
    succeed(tmp_path, "account", "create", "tests")
    return tmp_path


def test_an_address_is_shown_with_what_was_matched(installation: Path) -> None:
    shown = succeed(installation, "geocode", "12 Main St, Paris, TX").splitlines()
    assert shown == [
        "Paris, Lamar County, Texas, United States",
        "33.66094,-95.55551",
        "city; only a part of the address was used",
    ]


def test_a_position_may_be_south_and_west(installation: Path) -> None:
    assert succeed(installation, "geocode", "--reverse", "-33.45,-70.65").startswith("Santiago, ")


def test_json_is_one_document(installation: Path) -> None:
    place = json.loads(succeed(installation, "geocode", "98052", "--json"))["place"]
    assert place.keys() == {"name", "latitude", "longitude", "precision", "wholeMatch"}
    assert (place["precision"], place["wholeMatch"]) == ("postal code", True)


def test_what_is_not_known_ends_with_exit_code_1(installation: Path) -> None:
    assert "does not know this address" in fail(installation, "geocode", "Qqxzzk")
    assert "nothing near there" in fail(installation, "geocode", "--reverse", "0,-30")
    result = run(installation, "geocode", "Qqxzzk", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (1, {"place": None})


def test_no_geocoder_is_said_so(installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOSTEAD_GEOCODER", "none")
    assert "GEOSTEAD_GEOCODER is none" in fail(installation, "geocode", "Paris")


@pytest.mark.parametrize(
    "arguments", [(), ("Paris", "--reverse", "1,2"), ("--reverse", "91,0"), ("--reverse", "Paris"), ("--reverse", "1")]
)
def test_one_thing_is_asked_for_and_a_position_is_one(installation: Path, arguments: tuple[str, ...]) -> None:
    assert run(installation, "geocode", *arguments).exit_code == 2


def test_no_installation_is_made(tmp_path: Path) -> None:
    assert "no installation" in fail(tmp_path / "typo", "geocode", "Paris")
    assert not (tmp_path / "typo").exists()
