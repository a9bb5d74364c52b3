from __future__ import annotations

import pytest

from geostead.geocoding import service_replies as replies
from geostead.geocoding.base import Precision


@pytest.mark.parametrize(
    ("word", "precision"),
    [
        ("house", Precision.ADDRESS),
        ("Point Address", Precision.ADDRESS),
        ("tourism", Precision.ADDRESS),
        ("road", Precision.STREET),
        ("Cross Street", Precision.STREET),
        ("postal_code", Precision.POSTAL_CODE),
        ("PostalCodeArea", Precision.POSTAL_CODE),
        ("MunicipalitySubdivision", Precision.CITY),
        ("state_district", Precision.COUNTY),
        ("administrative_area_level_2", Precision.COUNTY),
        ("administrative_area_level_1", Precision.STATE),
        ("region", Precision.STATE),
        ("Country", Precision.COUNTRY),
    ],
)
def test_the_words_of_all_services_are_understood(word: str, precision: Precision) -> None:
    assert replies.precision_of(word) is precision


def test_an_area_goes_before_the_kind_of_search_result() -> None:
    assert replies.azure({"type": "Geography", "entityType": "Country"}) == ("Country", None)
    assert replies.azure({"type": "Street"}) == ("Street", None)


def test_a_type_that_says_nothing_is_passed_over() -> None:
    assert replies.google({"types": ["political", "country"]}) == ("country", True)
    assert replies.google({"types": []}) == ("", True)


def test_a_district_of_mapbox_is_a_county() -> None:
    assert replies.mapbox({"place_type": ["district"], "relevance": 1}) == ("county", True)


def test_a_locality_of_arcgis_says_which_kind() -> None:
    assert replies.arcgis({"score": 100, "attributes": {"Addr_type": "Locality", "Type": "Country"}})[0] == "Country"
    assert replies.arcgis({"Addr_type": "Locality"})[0] == "Locality"
    assert replies.arcgis({"Addr_type": "POI", "Type": "Airport"})[0] == "POI"
