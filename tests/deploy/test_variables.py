"""Every environment variable in deploy/ is one of our settings, or belongs to a cloud or another program."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from geostead.settings import Settings, load_settings, variable_of
from tests.deploy_files import DEPLOY, FILLED_IN, compose, documents

SETTINGS = {variable_of(field.name) for field in fields(Settings)}
CLOUDS = {"AWS_ENDPOINT_URL", "AWS_ALLOW_HTTP", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
OF_IMAGES = {"POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_INITDB_ARGS"}
FILES = sorted(file for file in DEPLOY.rglob("*") if file.is_file() and file.name not in (".env", "secret.yaml"))


def environments() -> dict[str, dict[str, str]]:
    """Return what every process is given, by where that stands."""
    services = compose(FILLED_IN)["services"]
    found = {f"compose {name}": service.get("environment", {}) for name, service in services.items()}
    for document in documents("configmap.yaml", "secret.example.yaml"):
        found[document["kind"]] = document.get("data") or document["stringData"]
    return found


@pytest.mark.parametrize("place", environments())
def test_every_variable_that_a_process_is_given_is_known(place: str) -> None:
    assert set(environments()[place]) <= SETTINGS | CLOUDS | OF_IMAGES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_setting_that_a_file_names_exists(file: Path) -> None:
    assert set(re.findall(r"\bGEOSTEAD_[A-Z_]+", file.read_text())) <= SETTINGS


@pytest.mark.parametrize("place", ["compose api-1", "compose worker", "ConfigMap", "Secret"])
def test_the_settings_can_be_read(place: str) -> None:
    assert load_settings(environments()[place])
