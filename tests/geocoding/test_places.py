"""What the embedded geocoder makes of addresses. Names and positions are those of the data packages."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.geo.position import Position
from geostead.geocoding.base import Place, Precision
from geostead.geocoding.places import Places
from tests.geocoding.places_index import shared_folder


def found(places: Places, address: str) -> Place:
    place = places.find(address)
    assert place is not None, address
    return place


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("Paris", "Paris, Île-de-France, France"),
        ("Paris, France", "Paris, Île-de-France, France"),
        ("Paris, TX", "Paris, Lamar County, Texas, United States"),
        ("Paris, Texas, USA", "Paris, Lamar County, Texas, United States"),
        ("London", "London, England, United Kingdom"),
        ("London, Ontario", "London, Ontario, Canada"),
        ("London ON", "London, Ontario, Canada"),
        ("Vancouver, WA", "Vancouver, Clark County, Washington, United States"),
        ("Athens, Georgia", "Athens, Clarke County, Georgia, United States"),
        ("Germany, Berlin", "Berlin, Germany"),
        ("New York, NY", "New York City, New York, United States"),
        ("San Juan, Puerto Rico", "San Juan, Puerto Rico, United States"),
        ("Lyon, Rhône, France", "Lyon, Auvergne-Rhône-Alpes, France"),
    ],
)
def test_a_hint_of_state_or_country_is_respected_and_else_the_larger_city_is_meant(
    places: Places, address: str, name: str
) -> None:
    place = found(places, address)
    assert (place.name, place.precision, place.is_whole_match) == (name, Precision.CITY, True)


@pytest.mark.parametrize(
    "address",
    ["Paris, Germany", "Paris, Texas, France", "Portland, Maine, Oregon", "Germany, Paris", "Springfield, Qqxzzk"],
)
def test_a_city_that_the_hint_contradicts_is_not_found(places: Places, address: str) -> None:
    assert places.find(address) is None


@pytest.mark.parametrize("address", ["Qqxzzkville, Germany", "Qqxzzk, Texas", "12 Qqxzzk Street, USA", "Rue de Paris"])
def test_no_area_stands_for_what_is_not_known_in_it(places: Places, address: str) -> None:
    assert places.find(address) is None


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("10 Downing Street, London, UK", "London, England, United Kingdom"),
        ("10 Downing Street London UK", "London, England, United Kingdom"),
        ("1 Microsoft Way, Redmond, WA", "Redmond, King County, Washington, United States"),
        ("Rue de Paris 5, Lyon", "Lyon, Auvergne-Rhône-Alpes, France"),
        ("75001 Paris, France", "Paris, Île-de-France, France"),
        ("Paris, 75001", "Paris, Île-de-France, France"),
        ("Victoria, London", "London, England, United Kingdom"),
        ("Sydney NSW 2000 Australia", "Sydney, New South Wales, Australia"),
    ],
)
def test_the_city_stands_for_a_street_and_the_match_is_not_whole(places: Places, address: str, name: str) -> None:
    place = found(places, address)
    assert (place.name, place.precision, place.is_whole_match) == (name, Precision.CITY, False)


def test_street_and_city_in_one_breath_without_region_are_not_guessed(places: Places) -> None:
    assert places.find("10 Downing Street London") is None


@pytest.mark.parametrize(
    ("address", "is_whole"),
    [
        ("98052", True),
        ("98052 USA", True),
        ("Redmond WA 98052", True),
        ("Redmond, 98052", True),
        ("1 Microsoft Way, Redmond, WA 98052, USA", False),
        ("98052-6399", False),
    ],
)
def test_postal_codes_of_the_united_states_are_known(places: Places, address: str, is_whole: bool) -> None:
    place = found(places, address)
    assert place.name == "98052, Redmond, King County, Washington, United States"
    assert (place.precision, place.is_whole_match) == (Precision.POSTAL_CODE, is_whole)


def test_a_postal_code_that_is_not_that_of_the_city_does_not_count(places: Places) -> None:
    place = found(places, "Seattle, WA 98052")
    assert (place.name.partition(",")[0], place.precision, place.is_whole_match) == ("Seattle", Precision.CITY, False)


def test_a_street_and_a_bare_postal_code_may_be_in_any_country(places: Places) -> None:
    assert places.find("Musterstraße 5, 10115") is None


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("Москва", "Moscow"),
        ("北京", "Beijing"),
        ("القاهرة", "Cairo"),
        ("Αθήνα", "Athens"),
        ("서울", "Seoul"),
        ("दिल्ली", "Delhi"),
        ("muenchen, deutschland", "Munich"),
        ("MÜNCHEN, 德国", "Munich"),
        ("lodz", "Łódź"),
        ("sao paulo", "São Paulo"),
        ("St Louis, MO", "St. Louis"),
        ("Saint Louis, Missouri", "St. Louis"),
        ("Ft. Worth, TX", "Fort Worth"),
        ("Washington, D.C.", "Washington"),
        ("Peking", "Beijing"),
        ("wien", "Vienna"),
    ],
)
def test_other_names_scripts_accents_and_abbreviations_are_known(places: Places, address: str, name: str) -> None:
    assert found(places, address).name.partition(",")[0] == name


@pytest.mark.parametrize(
    ("address", "name", "precision"),
    [
        ("Germany", "Germany", Precision.COUNTRY),
        ("Deutschland", "Germany", Precision.COUNTRY),
        ("DE", "Germany", Precision.COUNTRY),
        ("U.S.A.", "United States", Precision.COUNTRY),
        ("The Netherlands", "The Netherlands", Precision.COUNTRY),
        ("Mexico", "Mexico", Precision.COUNTRY),
        ("Georgia", "Georgia", Precision.COUNTRY),
        ("Georgia, USA", "Georgia, United States", Precision.STATE),
        ("Ontario", "Ontario, Canada", Precision.STATE),
        ("TX", "Texas, United States", Precision.STATE),
        ("US-TX", "Texas, United States", Precision.STATE),
        ("King County, WA", "King County, Washington, United States", Precision.COUNTY),
        ("New York", "New York City, New York, United States", Precision.CITY),
    ],
)
def test_areas_are_known_by_name_and_code(places: Places, address: str, name: str, precision: Precision) -> None:
    place = found(places, address)
    assert (place.name, place.precision, place.is_whole_match) == (name, precision, True)


def test_the_middle_of_an_area_is_among_its_cities(places: Places) -> None:
    assert found(places, "Fiji").position.longitude == pytest.approx(178, abs=2)  # on both sides of the antimeridian
    assert found(places, "Texas").position == pytest.approx((31.1, -97.7), abs=0.5)


@pytest.mark.parametrize(
    ("latitude", "longitude", "name"),
    [
        (45.75, 4.85, "Lyon, Auvergne-Rhône-Alpes, France"),
        (33.66, -95.55, "Paris, Lamar County, Texas, United States"),
    ],
)
def test_a_position_has_the_nearest_city(places: Places, latitude: float, longitude: float, name: str) -> None:
    place = places.reverse(Position(latitude=latitude, longitude=longitude))
    assert place is not None
    assert place.name == name


@pytest.mark.parametrize("longitude", [179.9999, 180.0, -180.0, -179.9999])
def test_the_nearest_city_may_lie_across_the_antimeridian(places: Places, longitude: float) -> None:
    place = places.reverse(Position(latitude=-16.75, longitude=longitude))
    assert place is None or place.name.endswith("Fiji")


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_position_can_be_asked_for(places: Places, latitude: float, longitude: float) -> None:
    place = places.reverse(Position(latitude=latitude, longitude=longitude))
    assert place is None or place.precision is Precision.CITY


@given(
    st.lists(
        st.sampled_from(["san", "jose", "la", "paris", ",", "98052", "TX", "de", "new york", "é", "\0"]), max_size=60
    )
)
def test_any_words_in_any_order_are_an_address_or_none(places: Places, words: list[str]) -> None:
    place = places.find(" ".join(words))
    assert place is None or place.name


def test_the_index_is_asked_for_when_there_is_something_to_look_up(tmp_path: Path) -> None:
    asked: list[None] = []

    def ready() -> Path:
        asked.append(None)
        raise FileNotFoundError

    places = Places(tmp_path, ready)
    assert places.find("") is None
    assert not asked
    with pytest.raises(FileNotFoundError):
        places.find("Paris")
    assert asked


def test_the_folder_may_be_relative_like_the_data_folder_by_default(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shared_folder()
    monkeypatch.chdir(folder.parent)
    relative = Places(Path(folder.name))
    try:
        assert relative.find("Paris, TX") == places.find("Paris, TX")
    finally:
        relative.close()
