"""deploy/compose.yaml, without a container engine: its form, what it refers to, and what it must not say."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from compose_spec import PyCompose
from typer.testing import CliRunner

from geostead.cli.main import app
from geostead.cli.processes import STOP_S
from geostead.jobs.worker import GRACE_S
from tests.deploy_files import DEPLOY, FILLED_IN, compose

FILE = compose(FILLED_IN)
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("geostead:")}


def seconds(text: str) -> int:
    found = re.fullmatch(r"([0-9]+)s", text)
    assert found, text
    return int(found[1])


def test_the_file_is_what_the_specification_of_compose_allows() -> None:
    PyCompose.from_json(json.dumps(FILE)).validate()


@pytest.mark.parametrize("name", SERVICES)
def test_everything_that_a_service_refers_to_is_there(name: str) -> None:
    service = SERVICES[name]
    assert set(service.get("depends_on", {})) <= set(SERVICES)
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        assert (DEPLOY / source).is_file() if source.startswith(".") else source in FILE["volumes"]
    for other, wait in service.get("depends_on", {}).items():
        if wait["condition"] == "service_healthy":  # our own image brings a check along
            assert other in OURS or "test" in SERVICES[other]["healthcheck"], other


def test_there_are_two_api_nodes_two_workers_and_one_of_everything_else() -> None:
    counts = {name: service.get("deploy", {}).get("replicas", 1) for name, service in SERVICES.items()}
    assert counts == {"proxy": 1, "api-1": 1, "api-2": 1, "worker": 2, "database": 1, "store": 1, "bucket": 1}


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_has_a_tag_that_says_which_version_it_is(name: str) -> None:
    _, _, tag = SERVICES[name]["image"].partition(":")
    assert re.match(r"[0-9]+(\.[0-9]+)*", tag)


@pytest.mark.parametrize("missing", FILLED_IN)
def test_nothing_starts_without_a_password_of_the_operators_own(missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        compose({**FILLED_IN, missing: ""})


def test_the_example_of_the_variables_has_each_of_them_and_no_password() -> None:
    example = dict(line.split("=") for line in (DEPLOY / ".env.example").read_text().splitlines() if "=" in line)
    used = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))
    assert set(example) == used
    assert {name: example[name] for name in FILLED_IN} == dict.fromkeys(FILLED_IN, "")


@pytest.mark.parametrize("name", OURS)
def test_the_command_of_a_service_of_ours_is_one_of_the_command_line(name: str) -> None:
    command = [*OURS[name]["command"], "--help"]
    assert CliRunner().invoke(app, command).exit_code == 0


@pytest.mark.parametrize("name", OURS)
def test_a_service_of_ours_has_time_to_stop_and_no_rights(name: str) -> None:
    service = OURS[name]
    is_api = service["command"][0] == "serve"
    drain_s = int(service["environment"]["GEOSTEAD_DRAIN_S"]) if is_api else 0
    assert seconds(service["stop_grace_period"]) > drain_s + STOP_S > GRACE_S
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]


def test_only_the_proxy_can_be_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


def test_a_node_is_left_out_by_the_proxy_well_before_its_drain_ends() -> None:
    found = re.search(r"check inter ([0-9]+)ms fall ([0-9]+)", (DEPLOY / "haproxy.cfg").read_text())
    assert found
    slowest_s = int(found[2]) * (int(found[1]) / 1000 + 0.5)
    assert slowest_s * 2 <= int(OURS["api-1"]["environment"]["GEOSTEAD_DRAIN_S"])
