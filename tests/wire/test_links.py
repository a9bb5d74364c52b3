"""URLs in replies."""

from geostead.wire.links import Links
from tests.wire.examples import ACCESS_ID, DOWNLOAD, LINKS, LOAD


def test_names_are_percent_encoded_where_a_path_needs_it() -> None:
    url = LINKS.entity_set(ACCESS_ID, "~`!$^_={}-", "Shop-s_1")
    assert url == f"http://places.example:8080/REST/v1/data/{ACCESS_ID}/~%60!$%5E_=%7B%7D-/Shop-s_1"


def test_the_base_url_of_a_data_source_has_no_entity_type() -> None:
    assert LINKS.data_source("ab", "Shops") == "http://places.example:8080/REST/v1/data/ab/Shops"


def test_jobs_are_found_below_their_type() -> None:
    base = "http://places.example:8080/REST/v1/Dataflows"
    assert LINKS.job(LOAD) == f"{base}/LoadDataSource/{LOAD.id}"
    assert LINKS.output_failed(LOAD) == f"{base}/LoadDataSource/{LOAD.id}/output/failed"
    assert LINKS.output_succeeded(DOWNLOAD) == f"{base}/DataSourceDownload/{DOWNLOAD.id}/output/succeeded"


def test_a_service_below_a_path_keeps_it() -> None:
    assert Links("https://example.org/places").logo == "https://example.org/places/branding/logo.png"
