"""The service document as JSON."""

import json
from collections.abc import Callable

from geostead.wire.branding import DISCLAIMER
from geostead.wire.service_json import encode_account, encode_data_source, encode_public
from tests.wire.examples import ACCESS_ID, ALL_VERSIONS, LINKS, PUBLISHED, STAGED


def test_golden_service_documents(golden: Callable[[str, bytes], None]) -> None:
    golden("account-service.json", encode_account([PUBLISHED, STAGED], LINKS))
    golden("data-source-service.json", encode_data_source(PUBLISHED, LINKS))
    golden("data-source-service-all-versions.json", encode_data_source(ALL_VERSIONS, LINKS, show_all_versions=True))
    golden("public-service.json", encode_public([PUBLISHED], LINKS))


def test_the_documented_members_come_first_and_is_public_is_a_string() -> None:
    published, staged = json.loads(encode_account([PUBLISHED, STAGED], LINKS))["d"]["DataSources"]
    assert list(published) == ["Name", "IsPublic", "Updated", "EntitySets", "AccessId", "QueryUrl"]
    assert (published["IsPublic"], staged["IsPublic"]) == ("true", "false")
    assert published["Updated"] == "Fri, 12 Nov 2010 20:05:06 GMT"
    assert published["EntitySets"] == ["Shops"]


def test_one_data_source_has_the_same_members_directly_under_d() -> None:
    (listed,) = json.loads(encode_account([PUBLISHED], LINKS))["d"]["DataSources"]
    d = json.loads(encode_data_source(PUBLISHED, LINKS))["d"]
    assert next(iter(d)) == "Copyright"
    assert {name: value for name, value in d.items() if name != "Copyright"} == listed
    assert d["QueryUrl"] == LINKS.entity_set(ACCESS_ID, "Shops~1", "Shops")


def test_all_versions_come_on_demand() -> None:
    versions = json.loads(encode_data_source(ALL_VERSIONS, LINKS, show_all_versions=True))["d"]["Versions"]
    assert [v["JobId"] for v in versions] == ["a" * 32, "b" * 32, "c" * 32, "d" * 32]
    assert versions[1] == {
        "JobId": "b" * 32,
        "IsActive": False,
        "IsStaging": True,
        "EntityCount": 3,
        "Uploaded": "Tue, 16 Nov 2010 20:05:06 GMT",
    }
    assert "Versions" not in json.loads(encode_data_source(ALL_VERSIONS, LINKS))["d"]


def test_the_list_of_public_data_sources_has_real_booleans_a_disclaimer_and_both_dates() -> None:
    (member,) = json.loads(encode_public([PUBLISHED], LINKS))["d"]["DataSources"]
    assert member == {
        "Name": "Shops~1",
        "Disclaimer": DISCLAIMER,
        "IsPublic": True,
        "Uploaded": "Fri, 12 Nov 2010 20:03:56 GMT",
        "Updated": "Fri, 12 Nov 2010 20:05:06 GMT",
        "EntitySets": ["Shops"],
        "AccessId": ACCESS_ID,
        "QueryUrl": LINKS.entity_set(ACCESS_ID, "Shops~1", "Shops"),
    }
    assert encode_public([], LINKS).endswith(b'"DataSources":[]}}')
