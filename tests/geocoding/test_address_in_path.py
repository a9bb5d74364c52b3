"""What of an address gets into the path of a request, as the service sees it."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geostead.geocoding.remote import RemoteGeocoder
from geostead.geocoding.services import SERVICES, make_client
from tests.geocoding.fake_service import FakeService, Reply
from tests.geocoding.service_samples import SAMPLES

PATHS = {
    "tomtom": "/search/2/geocode/{}.json",
    "mapbox": "/geocoding/v5/mapbox.places/{}.json/",
}
"""Where services take an address."""
ANY_SERVICE = pytest.mark.parametrize("name", sorted(PATHS))


def asking(service: FakeService, name: str, answer: object) -> RemoteGeocoder:
    service.targets.clear()
    service.answer = lambda target: Reply(answer)
    client = make_client(SERVICES[name], url=service.url, key="k", user_agent="tests")
    return RemoteGeocoder(SERVICES[name], client, None)


@ANY_SERVICE
def test_an_address_with_a_slash_is_asked_for_in_one_segment(service: FakeService, name: str) -> None:
    assert asking(service, name, SAMPLES[name].city).find("6/2 High St") is not None
    (target,) = service.targets
    assert urlsplit(target).path == PATHS[name].format("6%2F2%20High%20St")


@ANY_SERVICE
@pytest.mark.parametrize("address", ["../../other/1/x", "a/../b", "a/ .. /b", "a/./b", "..\\x/..", "..", "x/.."])
def test_an_address_that_walks_along_the_path_is_not_known_and_not_asked_for(
    service: FakeService, name: str, address: str
) -> None:
    assert asking(service, name, SAMPLES[name].city).find(address) is None
    assert service.targets == []


@ANY_SERVICE
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(address=st.text(st.sampled_from("a1 ./\\%?#;:@é2F"), min_size=1, max_size=12))
def test_no_address_leaves_its_segment(service: FakeService, name: str, address: str) -> None:
    asking(service, name, SAMPLES[name].nothing).find(address)
    before, after = PATHS[name].split("{}")
    for target in service.targets:
        path = urlsplit(target).path
        assert path.startswith(before)
        assert path.endswith(after)
        segment = path[len(before) : len(path) - len(after)]
        assert "/" not in segment
        assert "\\" not in unquote(segment)
        assert not {".", ".."} & set(unquote(segment).split("/"))
