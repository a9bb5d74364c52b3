"""deploy/grafana and deploy/prometheus against a real scrape of a real node that did real work."""

from __future__ import annotations

import json
import re
from typing import Any

import promql_parser
import pytest
import yaml

from geostead.telemetry.measures import MEASURES
from tests.deploy_files import DEPLOY
from tests.servers import create_account, start_node
from tests.telemetry.scrapes import Scrape, scraped

DASHBOARD = json.loads((DEPLOY / "grafana" / "geostead.json").read_text())
RULES = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())
CONFIG = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"]]
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = [target["expr"] for panel in PANELS for target in panel["targets"]] + [rule["expr"] for rule in ALERTS]
MADE_BY_PROMETHEUS = {"up"}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Scrape:
    """Return what a node tells that has loaded something and answered a query."""
    data_dir = tmp_path_factory.mktemp("monitoring") / "data"
    key = create_account(data_dir, "acme")["master"]
    header = b"Bing Spatial Data Services, 1.0, Cafes\n"
    columns = b"EntityID(Edm.String,primaryKey)|Latitude(Edm.Double)|Longitude(Edm.Double)\n"
    with start_node(data_dir) as server:
        server.finished(key, server.load(key, "Cafes", header + columns + b"1|10|10\n")["id"])
        return scraped(f"{server.url}/metrics", lambda found: found.total("geostead_jobs_ended_total") == 1)


def names(expression: str) -> set[str]:
    """Return the metrics that an expression asks for. Raises ValueError where it is none."""
    plain = expression.replace("$__rate_interval", "5m").replace("$job", "geostead").replace("$instance", ".*")
    promql_parser.parse(plain)
    without_labels = re.sub(r'"[^"]*"', '""', plain)
    return set(re.findall(r"\bgeostead_\w+|\bup\b(?=\{)", without_labels))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_expression_is_one_and_asks_for_what_a_node_tells(expression: str, told: Scrape) -> None:
    asked = names(expression)
    assert asked
    assert asked - told.names() - MADE_BY_PROMETHEUS == set()


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_label_value_that_an_expression_names_can_occur(expression: str, told: Scrape) -> None:
    statuses = {"1xx", "2xx", "3xx", "4xx", "5xx", "gone"}
    outcomes = {"completed", "aborted", "lost", "left", "given_back"}
    known = {"status": statuses, "outcome": outcomes, "state": {"published"}, "job": {"geostead", "$job"}}
    for label, words in re.findall(r'(\w+)(?:=~|!=|=)"([^"]*)"', expression):
        if label in known:
            assert set(words.split("|")) <= known[label]


def test_every_metric_is_on_the_dashboard_and_no_node_tells_others(told: Scrape) -> None:
    shown = set().union(*(names(target["expr"]) for panel in PANELS for target in panel["targets"]))
    stems = {re.sub(r"_(bucket|sum|count)\Z", "", name) for name in shown}
    assert {measure.name for measure in MEASURES} - stems == set()
    assert {re.sub(r"_(bucket|sum|count)\Z", "", name) for name in told.names()} <= {m.name for m in MEASURES}


def test_grafana_can_import_the_dashboard() -> None:
    assert DASHBOARD["uid"] == "geostead"
    assert DASHBOARD["schemaVersion"] >= 36
    assert "id" not in DASHBOARD, "Grafana would look for a dashboard of that number"
    variables = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}
    assert (variables["datasource"]["type"], variables["datasource"]["query"]) == ("datasource", "prometheus")
    assert {"job", "instance"} <= set(variables)
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    for panel in PANELS:
        assert {"title", "gridPos", "targets", "fieldConfig", "options"} <= set(panel)
        assert all(one["datasource"]["uid"] == "${datasource}" for one in (panel, *panel["targets"]))
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


def test_no_panel_covers_another() -> None:
    taken: set[tuple[int, int]] = set()
    for place in (panel["gridPos"] for panel in DASHBOARD["panels"]):
        assert place["x"] + place["w"] <= 24
        cells = {(place["x"] + column, place["y"] + line) for column in range(place["w"]) for line in range(place["h"])}
        assert not cells & taken
        taken |= cells


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: str(rule["alert"]))
def test_every_alert_says_what_is_wrong_and_how_bad_it_is(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert {"summary", "description"} == set(rule["annotations"])
    assert re.fullmatch(r"\d+[smh]", rule.get("for", "1m"))


def test_prometheus_finds_the_rules_and_asks_for_the_path_that_there_is() -> None:
    (job,) = CONFIG["scrape_configs"]
    assert (job["job_name"], job["metrics_path"]) == ("geostead", "/metrics")
    assert all((DEPLOY / "prometheus" / name).exists() for name in CONFIG["rule_files"])
