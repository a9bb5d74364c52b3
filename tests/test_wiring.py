"""The composition root."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import httpx
import psycopg
import pytest

from geostead.errors import Unfit
from geostead.geo.position import Position
from geostead.model.travel import TravelMode, TravelOptions
from geostead.settings import load_settings
from geostead.snapshots.objects import ObjectSnapshots
from geostead.wiring.installation import build_services, prepared_services
from geostead.wiring.processes import http_app
from geostead.wiring.stores import build_snapshots, check_entities, tidy_cache
from tests.remote_hosts import Answer, file, running_host
from tests.s3 import S3Server
from tests.snapshots.stored import write_shops


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


def test_an_osrm_server_is_asked_by_drivers_and_a_valhalla_server_by_everybody(tmp_path: Path):
    start, end = Position(60.0, 24.0), Position(60.1, 24.1)
    osrm = file(b'{"code": "Ok", "routes": [{"geometry": {"coordinates": [[24.05, 60.05]]}}]}')
    valhalla = file(b'{"trip": {"legs": [{"shape": "_ibE_seK"}]}}')

    def asked_by(name: str, host_answer: Answer) -> list[TravelMode]:
        modes = []
        for mode in TravelMode:
            with running_host(host_answer) as host:
                variables = {"GEOSTEAD_ROUTING_URL": f"{name}+http://127.0.0.1:{host.port}"}
                router = build_services(load_settings(variables, data_dir=tmp_path)).router
                router.route(start, end, TravelOptions(mode=mode))
                modes += [mode] * len(host.requests)
        return modes

    assert asked_by("osrm", osrm) == [TravelMode.DRIVING]
    assert asked_by("valhalla", valhalla) == [TravelMode.DRIVING, TravelMode.WALKING]


def test_the_geocoder_is_the_one_of_the_settings_and_nothing_is_made_for_it_before_it_is_asked(tmp_path: Path) -> None:
    kinds = {
        name: type(
            build_services(load_settings({}, data_dir=tmp_path, geocoder=name, geocoder_key="k")).geocoder
        ).__name__
        for name in ("places", "none", "nominatim", "azure")
    }
    assert kinds == {"places": "Places", "none": "NoneType", "nominatim": "Remembering", "azure": "Remembering"}
    assert list(tmp_path.iterdir()) == []


def test_installations_on_one_machine_keep_their_snapshots_apart_and_a_start_clears_up(
    tmp_path: Path, shared_s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in shared_s3.environment.items():
        monkeypatch.setenv(name, value)
    stores = [
        load_settings({}, data_dir=tmp_path / "data", cache_dir=tmp_path / "cache", store_url=shared_s3.fresh_url())
        for _ in range(2)
    ]
    for number, settings in enumerate(stores):
        node = build_snapshots(settings)
        assert isinstance(node, ObjectSnapshots)
        write_shops(node, f"shop-{number}")
        assert node.fetched_at_s().keys() == {f"shop-{number}"}
    left = [path / "killed-1.unfinished" for path in (tmp_path / "cache").iterdir()]
    for path in left:
        path.mkdir()
    tidy_cache(stores[0])
    assert len([path for path in left if path.exists()]) == 1


def test_a_database_for_entities_is_tried_out_and_what_is_wrong_with_it_is_told_without_the_password(
    tmp_path: Path, postgis_url: str
) -> None:
    check_entities(load_settings({"GEOSTEAD_ENTITIES_URL": postgis_url}, data_dir=tmp_path))
    wrong = postgis_url.replace("tests-only", "not-shown")
    with psycopg.connect(postgis_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE powerless LOGIN PASSWORD 'not-shown'")
    powerless = wrong.replace("postgres:", "powerless:", 1) if "//postgres:" in wrong else wrong
    try:
        for url in (wrong, powerless):
            with pytest.raises(Unfit, match="refuses access") as refused:
                check_entities(load_settings({"GEOSTEAD_ENTITIES_URL": url}, data_dir=tmp_path))
            assert "not-shown" not in str(refused.value)
    finally:
        with psycopg.connect(postgis_url, autocommit=True) as connection:
            connection.execute("DROP ROLE powerless")
