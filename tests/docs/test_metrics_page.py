"""docs/reference/metrics.md against the metrics that there are."""

from __future__ import annotations

import re

import pytest

from geostead.http.resource import MARKS_OF_PROXIES
from geostead.jobs.handlers import Outcome
from geostead.model.job import JobKind
from geostead.operations.measure import STATISTICS_KEPT_S
from geostead.telemetry.measures import CAUSES, MEASURES, Measure
from geostead.telemetry.own_process import Role
from geostead.telemetry.request_counts import STATUSES
from tests.docs.pages import REFERENCE, row_of, rows

PAGE = REFERENCE / "metrics.md"


def words(cell: str) -> set[str]:
    """Return what stands in a cell as code."""
    return set(re.findall(r"`([^`]+)`", cell))


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_every_metric_has_a_row_with_its_type_and_labels(measure: Measure) -> None:
    _, kind, labels, meaning = row_of(PAGE, measure.name)
    assert kind == measure.kind.value
    assert re.findall(r"`(\w+)`", labels) == list(measure.labels)
    assert meaning.endswith(".")


def test_no_row_is_about_a_metric_that_does_not_exist() -> None:
    named = {row[0].strip("`") for row in rows(PAGE) if row[0].startswith("`geostead_")}
    assert named == {measure.name for measure in MEASURES}


def test_every_label_has_a_row_and_no_other() -> None:
    used = {label for measure in MEASURES for label in measure.labels} - {"version", "python"}
    assert {row[0].strip("`") for row in rows(PAGE) if len(row) == 2} - {"label"} == used


@pytest.mark.parametrize(
    ("label", "values"),
    [
        ("status", {*STATUSES} - {"1xx"}),
        ("cause", {*CAUSES}),
        ("kind", {kind.value for kind in JobKind}),
        ("outcome", {outcome.value for outcome in Outcome} | {"good", "bad"}),
        ("role", {role.value for role in Role} | {"GEOSTEAD_METRICS_PORT"}),
        ("state", {"waiting", "running", "published", "staged", "previous"}),
    ],
)
def test_the_values_of_a_label_are_those_that_it_can_have(label: str, values: set[str]) -> None:
    assert words(row_of(PAGE, label)[1]) == values


def test_the_page_names_every_header_that_gives_a_proxy_away_and_how_old_numbers_are() -> None:
    text = PAGE.read_text().lower()
    assert all(f"`{name.decode()}`" in text for name in MARKS_OF_PROXIES)
    assert STATISTICS_KEPT_S == 3
    assert "every three seconds" in text
