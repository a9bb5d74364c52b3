"""What the port promises, of the geocoder that comes along and of every service."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geostead.geo.position import Position
from geostead.geocoding.base import Geocoder, Precision
from geostead.geocoding.places import Places
from geostead.geocoding.remote import ServiceSettings, ask_service
from geostead.geocoding.service_names import WITH_KEY, WITHOUT_KEY
from geostead.geocoding.services import SERVICES
from tests.geocoding.fake_service import FakeService, Reply
from tests.geocoding.service_samples import LATITUDE, LONGITUDE, SAMPLES

NOWHERE = Position(latitude=0.0, longitude=-30.0)


def asking(name: str, url: str, folder: Path) -> Geocoder:
    return ask_service(
        ServiceSettings(name=name, url=url, key="k", rate=None, user_agent="tests", turns_file=folder / "turns")
    )


def _answer(name: str) -> Callable[[str], Reply]:
    sample = SAMPLES[name]

    def answer(target: str) -> Reply:
        known = "Redmond" in target
        if "everse" in target or (name in ("opencage", "google", "mapbox") and ("47.6" in target or "30.0" in target)):
            return Reply(sample.around if "47.6" in target else sample.nowhere)
        return Reply(sample.city if known else sample.nothing)

    return answer


@pytest.fixture(params=["places", *SAMPLES])
def geocoder(request: pytest.FixtureRequest, places: Places, service: FakeService, tmp_path: Path) -> Geocoder:
    if request.param == "places":
        return places
    service.answer = _answer(request.param)
    return asking(request.param, service.url, tmp_path)


def test_a_city_is_found_whole_and_where_it_is(geocoder: Geocoder) -> None:
    found = geocoder.find("Redmond, WA")
    assert found is not None
    assert found.position.latitude == pytest.approx(LATITUDE, abs=0.001)
    assert found.position.longitude == pytest.approx(LONGITUDE, abs=0.001)
    assert (found.precision, found.is_whole_match) == (Precision.CITY, True)
    assert found.name.startswith("Redmond, ")


@pytest.mark.parametrize("address", ["Qqxzzk", "", " , ,", "\0", "x" * 60_000])
def test_what_is_not_known_is_none(geocoder: Geocoder, address: str) -> None:
    assert geocoder.find(address) is None


def test_a_position_has_a_place_and_the_ocean_has_none(geocoder: Geocoder) -> None:
    found = geocoder.reverse(Position(latitude=LATITUDE, longitude=LONGITUDE))
    assert found is not None
    assert found.precision is Precision.CITY
    assert found.name.startswith("Redmond, ")
    assert geocoder.reverse(NOWHERE) is None


def test_threads_share_a_geocoder(geocoder: Geocoder) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(geocoder.find, ["Redmond, WA", "redmond,  wa"] * 20))
    assert len(found) == 1
    assert None not in found


@given(st.text(max_size=80))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_raises(geocoder: Geocoder, text: str) -> None:
    found = geocoder.find(text)
    assert found is None or abs(found.position.latitude) <= 90


def test_settings_know_every_service() -> None:
    assert SERVICES.keys() == {*WITH_KEY, *WITHOUT_KEY} == SAMPLES.keys()
    assert {name for name, service in SERVICES.items() if service.key_parameter} == {*WITH_KEY, "pelias"}
