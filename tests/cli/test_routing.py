"""``geostead routing``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.cli.shell import fail, run, succeed
from tests.routing_engines import needs_engines, osrm_packages, the_map


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    succeed(tmp_path / "data", "account", "create", "Ann")
    return tmp_path / "data"


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, str(osrm_packages())])


def shown(data_dir: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(succeed(data_dir, "routing", "show", "--json"))
    return found


def test_without_servers_and_graphs_routes_are_great_circles(data_dir: Path) -> None:
    assert shown(data_dir) == [{"mode": mode, "engine": "great circle"} for mode in ("driving", "walking")]
    assert "great circle" in succeed(data_dir, "routing", "show")


def test_servers_are_shown_without_what_may_be_a_key(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOSTEAD_ROUTING_URL", "valhalla+https://routes.example/v1?api_key=secret")
    monkeypatch.setenv("GEOSTEAD_ROUTING_WALKING_URL", "osrm+http://10.0.0.7:5000")

    assert shown(data_dir) == [
        {"mode": "driving", "engine": "valhalla", "server": "https://routes.example:443/v1"},
        {"mode": "walking", "engine": "osrm", "server": "http://10.0.0.7:5000"},
    ]


@needs_engines
def test_building_makes_both_graphs_unless_one_is_asked_for(tools: None, data_dir: Path) -> None:
    one = run(data_dir, "routing", "build", str(the_map()), "--profile", "walking")
    assert one.exit_code == 0
    assert one.stderr.splitlines() == ["walking: extract …", "walking: partition …", "walking: customize …"]
    assert one.stdout.startswith("Built the graph for walking from Helsinki.osm.pbf: ")
    assert [each["engine"] for each in shown(data_dir)] == ["great circle", "graph"]

    assert len(succeed(data_dir, "routing", "build", str(the_map())).splitlines()) == 2
    assert [(each["engine"], each["source"]) for each in shown(data_dir)] == [("graph", "Helsinki.osm.pbf")] * 2
    assert succeed(data_dir, "routing", "show").count("Helsinki.osm.pbf") == 2


@needs_engines
def test_a_file_that_is_no_map_is_an_error_on_one_line(tools: None, data_dir: Path) -> None:
    source = data_dir.parent / "region.osm.pbf"
    source.write_text("no map")

    assert "is no OpenStreetMap file" in fail(data_dir, "routing", "build", str(source))


def test_building_where_nothing_is_installed_makes_nothing(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "osrm", raising=False)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if "osrm" not in path])

    assert "needs Python 3.12 or newer" in fail(data_dir, "routing", "build", "region.osm.pbf")
    assert not (data_dir / "routing").exists()


def test_commands_make_no_installation(tmp_path: Path) -> None:
    for arguments in (["show"], ["build", "region.osm.pbf"]):
        assert "There is no installation in" in fail(tmp_path / "mistyped", "routing", *arguments)
    assert not (tmp_path / "mistyped").exists()
