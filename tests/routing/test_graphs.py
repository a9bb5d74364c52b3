"""Where graphs are, what they are built of, and what is there without the package that opens them."""

from __future__ import annotations

import fcntl
import logging
import math
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.errors import DiskFull, Unavailable
from geostead.geo.distance import EARTH_RADIUS_KM, haversine_km
from geostead.geo.position import Position
from geostead.model.travel import TravelMode, TravelOptions
from geostead.routing import osrm_embedded
from geostead.routing.base import Route
from geostead.routing.ends import degrees_apart
from geostead.routing.graphs import Graph, graph_name, graphs
from geostead.routing.osrm_build import CannotBuild, build_graph
from geostead.routing.osrm_embedded import EmbeddedOsrm
from geostead.routing.straight import GreatCircles, remark
from tests.routing_engines import needs_engines, osrm_packages, the_map

NOON = datetime(2026, 1, 31, 12, 0, 0, 250_000, tzinfo=UTC)
START, END = Position(60.0, 24.0), Position(60.1, 24.1)


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the programs be found of an OSRM that this Python need not be able to import."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(osrm_packages())])


@pytest.fixture(autouse=True)
def forget() -> None:
    osrm_embedded.osrm.cache_clear()
    osrm_embedded._can_open.cache_clear()


def build(source: Path, folder: Path, built_at: datetime = NOON) -> Graph:
    return build_graph(source, folder, TravelMode.DRIVING, built_at, lambda step: None)


def test_a_graph_is_named_after_the_time_at_which_it_was_built() -> None:
    in_helsinki = NOON.astimezone(timezone(timedelta(hours=2)))

    assert graph_name(in_helsinki) == "20260131T120000.250000Z"
    assert Graph(Path("anywhere") / graph_name(in_helsinki)).built_at == NOON


def test_complete_graphs_are_listed_with_the_latest_last(tmp_path: Path) -> None:
    for name in ("20260131T120001.000000Z", "20260131T120000.250000Z", ".unfinished-x", ".lock", "notes"):
        (tmp_path / "driving" / name).mkdir(parents=True)

    names = [graph.folder.name for graph in graphs(tmp_path, TravelMode.DRIVING)]
    assert names == ["20260131T120000.250000Z", "20260131T120001.000000Z"]
    assert graphs(tmp_path, TravelMode.WALKING) == []


def test_without_a_graph_routes_are_great_circles(tmp_path: Path) -> None:
    for mode in TravelMode:
        options = TravelOptions(mode=mode)
        route = EmbeddedOsrm(tmp_path).route(START, END, options)

        assert route == GreatCircles().route(START, END, options)
        assert route.remarks == (remark(mode),)


def test_without_the_package_routes_are_great_circles_and_the_log_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "osrm", None)  # what importing it then raises is what it raises where it is not
    (tmp_path / "driving" / graph_name(NOON)).mkdir(parents=True)
    router = EmbeddedOsrm(tmp_path)

    for _ in range(3):
        assert router.route(START, END, TravelOptions()) == GreatCircles().route(START, END, TravelOptions())
    assert [(r.levelno, "osrm-bindings is not installed" in r.message) for r in caplog.records] == [
        (logging.WARNING, True)
    ]


def test_building_without_the_package_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "osrm", raising=False)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if "osrm" not in path])

    with pytest.raises(CannotBuild, match=r"geostead\[routing\].*osrm-bindings.*Python 3\.12 or newer"):
        build(tmp_path / "region.osm.pbf", tmp_path / "routing")
    assert not (tmp_path / "routing").exists()


@needs_engines
def test_a_new_graph_replaces_the_former_one_and_leaves_nothing_else(tools: None, tmp_path: Path) -> None:
    build(the_map(), tmp_path)
    leftover = tmp_path / "driving" / ".unfinished-of-a-process-that-died"
    leftover.mkdir()

    graph = build(the_map(), tmp_path, NOON + timedelta(days=1))

    assert graphs(tmp_path, TravelMode.DRIVING) == [graph]
    assert {path.name for path in (tmp_path / "driving").iterdir()} == {graph.folder.name, ".lock"}
    assert graph.source_name() == "Helsinki.osm.pbf"
    assert graph.size_bytes() > 100_000


@needs_engines
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no OpenStreetMap file"),
        (b"<osm version='0.6'/>", "expected one in the PBF format"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_file_that_is_no_map_is_refused_before_anything_is_made(
    tools: None, tmp_path: Path, content: bytes | None, message: str
) -> None:
    source = tmp_path / "region.osm.pbf"
    if content is not None:
        source.write_bytes(content)

    with pytest.raises(CannotBuild, match=message):
        build(source, tmp_path / "routing")
    assert not (tmp_path / "routing").exists()


@needs_engines
def test_a_map_that_is_cut_off_leaves_the_former_graph_as_it_is(tools: None, tmp_path: Path) -> None:
    graph = build(the_map(), tmp_path)
    half = tmp_path / "half.osm.pbf"
    half.write_bytes(the_map().read_bytes()[:300_000])

    with pytest.raises(CannotBuild, match=r"damaged or not complete \(unexpected EOF\)"):
        build(half, tmp_path, NOON + timedelta(days=1))
    assert graphs(tmp_path, TravelMode.DRIVING) == [graph]
    assert {path.name for path in (tmp_path / "driving").iterdir()} == {graph.folder.name, ".lock"}


@pytest.mark.parametrize(
    ("script", "error", "message"),
    [
        ("echo 'write failed: No space left on device' >&2; exit 1", DiskFull, "The server's disk is full"),
        ("kill -9 $$", CannotBuild, "osrm-extract was killed by signal 9"),
        (
            "echo '[error] no such profile'; exit 3",
            CannotBuild,
            r"osrm-extract failed with exit code 3: \[error\] no such",
        ),
        ("exit 4", CannotBuild, "exit code 4: it did not say why"),
    ],
)
def test_a_tool_that_fails_is_reported_with_what_it_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, error: type[Exception], message: str
) -> None:
    tool = tmp_path / "packages" / "osrm" / "bin" / "osrm-extract"
    tool.parent.mkdir(parents=True)
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    (tool.parents[1] / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path / "packages"), *sys.path])
    source = tmp_path / "region.osm.pbf"
    source.write_bytes(b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x7c")

    with pytest.raises(error, match=message):
        build(source, tmp_path)
    assert [path.name for path in (tmp_path / "driving").iterdir()] == [".lock"]


@needs_engines
def test_a_graph_replaces_the_former_one_also_where_the_clock_was_set_back(tools: None, tmp_path: Path) -> None:
    build(the_map(), tmp_path)
    graph = build(the_map(), tmp_path, NOON - timedelta(days=1))

    assert graphs(tmp_path, TravelMode.DRIVING) == [graph]


@needs_engines
def test_two_processes_do_not_build_for_one_mode_at_once(tools: None, tmp_path: Path) -> None:
    (tmp_path / "driving").mkdir()
    with (tmp_path / "driving" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(CannotBuild, match="Another process is building"):
            build(the_map(), tmp_path)
    build(the_map(), tmp_path)


FAR_NORTH, FAR_SOUTH = Position(64.6, 24.0), Position(55.4, 24.0)
"""1,023 km apart."""


class _Engine:
    """What stands for OSRM where this Python cannot have it: answers, or fails, as it was told."""

    def __init__(self, answer: object) -> None:
        self._answer = answer

    def Route(self, parameters: object) -> object:  # noqa: N802  # as the package has it
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def embedded(folder: Path, monkeypatch: pytest.MonkeyPatch, *opened: object) -> EmbeddedOsrm:
    """Return a router on a graph, in a Python whose ``osrm`` opens it so: one of ``opened`` each time."""
    results = iter(opened)

    def open_next(**_options: object) -> object:
        result = next(results)
        if isinstance(result, Exception):
            raise result
        return result

    package = SimpleNamespace(OSRM=open_next, RouteParameters=SimpleNamespace)
    monkeypatch.setitem(sys.modules, "osrm", package)
    (folder / "driving" / graph_name(NOON)).mkdir(parents=True)
    return EmbeddedOsrm(folder)


def line(*coordinates: object) -> object:
    return {"routes": [{"geometry": {"coordinates": coordinates}}]}


def test_ends_more_than_1000_km_apart_get_the_great_circle_and_a_remark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    router = embedded(tmp_path, monkeypatch, _Engine(line((24.05, 60.05))))

    far = router.route(FAR_NORTH, FAR_SOUTH, TravelOptions())
    near = router.route(START, END, TravelOptions())

    assert far == Route(
        (FAR_NORTH, FAR_SOUTH),
        (
            "start and end are more than 1,000 km apart, too far for the routing graph: "
            "the route is the great circle, and travel parameters do not count",
        ),
    )
    assert near == Route((START, Position(60.05, 24.05), END))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (RuntimeError("InternalError - Something broke."), "it failed of InternalError - Something broke."),
        (line(), "what it answered is no route"),
        (line((24.0, 91.0)), "what it answered is no route"),
        (line((24.0,)), "what it answered is no route"),
        (line(None), "what it answered is no route"),
        ({"routes": []}, "what it answered is no route"),
    ],
)
def test_what_is_no_answer_of_osrm_is_logged_and_callers_are_told_what_they_are_told_of_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, answer: object, reason: str
) -> None:
    router = embedded(tmp_path, monkeypatch, _Engine(answer))

    with pytest.raises(Unavailable, match=r"^The routing engine does not answer; try again later\.$"):
        router.route(START, END, TravelOptions())
    assert reason in caplog.text


def test_a_graph_that_cannot_be_opened_is_logged_once_and_used_as_soon_as_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failures = [RuntimeError("Cannot allocate memory")] * 3
    router = embedded(tmp_path, monkeypatch, *failures, _Engine(line((24.05, 60.05))))

    for _ in failures:
        with pytest.raises(Unavailable, match="The routing graph for driving cannot be opened"):
            router.route(START, END, TravelOptions())
    assert len(caplog.records) == 1
    assert router.route(START, END, TravelOptions()) == Route((START, Position(60.05, 24.05), END))


@given(*[st.floats(-90, 90), st.floats(-180, 180)] * 2)
def test_degrees_apart_are_those_of_the_distance_that_is_stated(a: float, b: float, c: float, d: float) -> None:
    stated_km = float(haversine_km(a, b, np.array(c), np.array(d)))

    assert degrees_apart(Position(a, b), Position(c, d)) == pytest.approx(
        math.degrees(stated_km / EARTH_RADIUS_KM), rel=1e-9, abs=1e-9
    )
