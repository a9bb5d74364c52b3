"""What operators type about keys that stand in pages, and about how much is used."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from geostead.model.usage_count import UsageCount
from geostead.settings import load_settings
from geostead.wiring.installation import existing_services
from tests.cli.shell import ACCESS_ID, fail, succeed


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An installation with one account and one reserved data source, whose master key is "master"."""
    folder = tmp_path / "data"
    succeed(folder, "account", "create", "Ada")
    succeed(folder, "datasource", "reserve", "Ada", "Places", "--access-id", ACCESS_ID)
    succeed(folder, "datasource", "set-master-key", "Ada", "Places", "master")
    return folder


def keys_of(data_dir: Path) -> dict[str, dict[str, object]]:
    listed = json.loads(succeed(data_dir, "key", "list", "Ada", "--json"))["keys"]
    return {key["name"]: key for key in listed}


def test_a_key_is_restricted_to_pages_and_set_free_again(data_dir: Path) -> None:
    succeed(data_dir, "key", "create", "Ada", "--name", "web", "--referrer", "*.Example.com", "--referrer", "localhost")
    assert keys_of(data_dir)["web"]["referrers"] == ["*.example.com", "localhost"]
    assert "*.example.com, localhost" in succeed(data_dir, "key", "list", "Ada")
    said = succeed(data_dir, "key", "change", "Ada", "web", "--new-name", "site", "--referrer", "www.example.com")
    assert said == "The key site of the account Ada may be used from pages of www.example.com only.\n"
    succeed(data_dir, "key", "change", "Ada", "site", "--any-referrer")
    assert keys_of(data_dir)["site"]["referrers"] == []


def test_what_is_no_host_is_refused_with_what_was_expected(data_dir: Path) -> None:
    said = fail(data_dir, "key", "create", "Ada", "--name", "web", "--referrer", "https://www.example.com/")
    assert "without a scheme" in said
    assert "web" not in keys_of(data_dir)
    assert "one of them" in fail(data_dir, "key", "change", "Ada", "query", "--any-referrer", "--referrer", "a.com")
    assert "no key of the name lost" in fail(data_dir, "key", "change", "Ada", "lost", "--referrer", "a.com")


def test_a_master_key_is_rotated_everywhere_at_once(data_dir: Path) -> None:
    said = succeed(data_dir, "key", "rotate", "Ada", "master", "query")
    assert said == "The key query is now the master key of Places.\n"
    succeed(data_dir, "key", "revoke", "Ada", "master")
    assert keys_of(data_dir)["query"]["masterOf"] == ["Places"]
    assert "neither revoked nor expired" in fail(data_dir, "key", "rotate", "Ada", "query", "master")


def test_last_uses_and_requests_are_told(data_dir: Path) -> None:
    now = datetime.now(UTC)
    with existing_services(load_settings({}, data_dir=data_dir)) as services:
        account = services.catalog.find_account("Ada")
        assert account is not None
        master, _ = services.catalog.list_keys(account.id)
        counts = [UsageCount(account.id, now.date(), "places", "queryEntities", 1_234)]
        services.catalog.add_uses(counts, {master.id: now})
    listed = keys_of(data_dir)
    assert listed["master"]["lastUsedAt"] == now.isoformat()
    assert "lastUsedAt" not in listed["query"]
    assert "1,234" in succeed(data_dir, "account", "usage", "Ada")
    assert json.loads(succeed(data_dir, "account", "usage", "Ada", "--days", "7", "--json")) == {
        "account": "Ada",
        "days": 7,
        "requests": 1_234,
        "counts": [{"day": f"{now:%Y-%m-%d}", "dataSource": "Places", "operation": "queryEntities", "requests": 1_234}],
    }
