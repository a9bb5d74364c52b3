"""The composition root."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import httpx
import pytest

from geostead.settings import load_settings
from geostead.wiring import http_app, prepared_services


def test_the_application_for_other_servers_reads_its_settings_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GEOSTEAD_DATA_DIR", str(tmp_path / "data"))
    with prepared_services(load_settings({}, data_dir=tmp_path / "data")):
        app = http_app()

        async def get() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://geostead") as client:
                return await client.get("/readyz")

        assert asyncio.run(get()).status_code == 200


def test_preparing_an_installation_twice_keeps_what_is_there(tmp_path: Path):
    settings = load_settings({}, data_dir=tmp_path / "new" / "data")
    with prepared_services(settings) as services:
        services.catalog.ping()

    with prepared_services(settings) as services:
        assert services.catalog.list_accounts() == []
    assert (tmp_path / "new" / "data" / "catalog.sqlite3").exists()


def test_a_new_data_folder_is_private_and_one_that_exists_stays_as_it_is(tmp_path: Path):
    open_folder, new_folder = tmp_path / "open", tmp_path / "above" / "new"
    open_folder.mkdir()
    open_folder.chmod(0o755)
    for folder in (open_folder, new_folder):
        with prepared_services(load_settings({}, data_dir=folder)):
            pass

    assert stat.S_IMODE(open_folder.stat().st_mode) == 0o755
    assert stat.S_IMODE(new_folder.stat().st_mode) == 0o700
