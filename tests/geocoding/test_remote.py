"""Services that fail, and what becomes of their keys."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from geostead.errors import Unavailable
from geostead.geo.position import Position
from geostead.geocoding.remembering import REFUSAL_LIFETIME_S, Remembering
from geostead.geocoding.remote import PAUSE_S, RemoteGeocoder, ServiceSettings, ask_service
from geostead.geocoding.services import SERVICES, make_client
from tests.geocoding.fake_service import FakeService, Reply
from tests.geocoding.service_samples import SAMPLES

KEY = "s3cr3t-k3y-of-the-operator"


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def geocoder(service: FakeService, clock: Clock, name: str = "opencage") -> RemoteGeocoder:
    client = make_client(SERVICES[name], url=service.url, key=KEY, user_agent="Geostead/tests")
    return RemoteGeocoder(SERVICES[name], client, None, clock)


FAILURES: dict[str, tuple[Reply, str]] = {
    "key refused": (Reply({"message": KEY}, 401), "does not accept this server's key"),
    "key not good enough": (Reply({"message": KEY}, 403), "does not accept this server's key"),
    "quota": (Reply({"message": KEY}, 402), "no more requests for now"),
    "rate": (Reply({"message": KEY}, 429), "no more requests for now"),
    "broken": (Reply(b"<html>" + KEY.encode(), 500), "does not answer as it should"),
    "away": (Reply({}, 503), "does not answer as it should"),
    "moved": (Reply({}, 302, {"Location": "http://127.0.0.1:1/"}), "does not answer as it should"),
    "no JSON": (Reply(b"\xff<html>" + KEY.encode()), "does not answer as it should"),
    "other JSON": (Reply([KEY]), "does not answer as it should"),
    "no position": (Reply({"results": [{"formatted": KEY}]}), "does not answer as it should"),
    "not on Earth": (
        Reply({"results": [{"formatted": "x", "components": {}, "geometry": {"lat": 91, "lng": 0}}]}),
        "does not answer as it should",
    ),
    "endless": (Reply(b" " * (2**20 + 1)), "does not answer as it should"),
}


@pytest.mark.filterwarnings("ignore:Latitude normalization")  # geopy warns before it raises
@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_is_unavailable_and_tells_the_key_to_nobody(
    service: FakeService, clock: Clock, failure: str, caplog: pytest.LogCaptureFixture
) -> None:
    reply, message = FAILURES[failure]
    service.answer = lambda target: reply
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Unavailable, match=message) as raised:
        geocoder(service, clock).find("Redmond, WA")
    assert KEY in service.targets[0]  # it was sent, so it could have been told
    assert KEY not in caplog.text + str(raised.value) + repr(raised.value.__cause__)
    assert KEY not in "".join(str(vars(record)) for record in caplog.records)
    assert raised.value.__suppress_context__  # a traceback would show geopy's words


def test_a_service_that_is_not_there_is_unavailable(clock: Clock) -> None:
    with pytest.raises(Unavailable):
        geocoder(FakeService("http://127.0.0.1:1"), clock).reverse(Position(1.0, 2.0))


@pytest.mark.parametrize("status", [400, 413, 414])
def test_an_address_that_the_service_refuses_is_not_known_for_some_minutes(
    service: FakeService, clock: Clock, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    service.answer = lambda target: Reply({"message": KEY}, status)
    asked = Remembering(geocoder(service, clock), clock)
    assert [asked.find("Redmond, WA") for _ in range(2)] == [None] * 2
    (record,) = caplog.records
    assert (record.getMessage(), vars(record)["status"]) == ("the geocoding service refused an address", status)
    assert not any(secret in str(vars(record)) for secret in (KEY, "Redmond"))
    service.answer = lambda target: Reply(SAMPLES["opencage"].city)
    assert asked.find("Redmond, WA") is None
    clock.now_s += REFUSAL_LIFETIME_S
    assert asked.find("Redmond, WA") is not None


def test_a_service_that_fails_is_let_alone_for_a_while(service: FakeService, clock: Clock) -> None:
    asked = geocoder(service, clock)
    service.answer = lambda target: Reply({}, 503)
    for _ in range(3):
        with pytest.raises(Unavailable):
            asked.find("Redmond, WA")
    assert len(service.targets) == 1
    clock.now_s += PAUSE_S
    service.answer = lambda target: Reply(SAMPLES["opencage"].city)
    assert asked.find("Redmond, WA") is not None


@pytest.mark.parametrize(("told", "pause_s"), [("60", 60.0), ("100000", 300.0)])
def test_the_service_says_how_long_within_reason(service: FakeService, clock: Clock, told: str, pause_s: float) -> None:
    asked = geocoder(service, clock)
    service.answer = lambda target: Reply({}, 429, {"Retry-After": told})
    with pytest.raises(Unavailable):
        asked.find("Redmond, WA")
    service.answer = lambda target: Reply(SAMPLES["opencage"].city)
    clock.now_s += pause_s - 1
    with pytest.raises(Unavailable):
        asked.find("Redmond, WA")
    clock.now_s += 2
    assert asked.find("Redmond, WA") is not None


def test_one_address_with_an_odd_reply_does_not_shut_out_others(service: FakeService, clock: Clock) -> None:
    asked = geocoder(service, clock)
    service.answer = lambda target: Reply([] if "Odd" in target else SAMPLES["opencage"].city)
    with pytest.raises(Unavailable):
        asked.find("Odd")
    assert asked.find("Redmond, WA") is not None


def test_the_service_is_told_who_asks(service: FakeService, clock: Clock) -> None:
    service.answer = lambda target: Reply(SAMPLES["nominatim"].city)
    geocoder(service, clock, "nominatim").find("Redmond, WA")
    assert service.user_agents == ["Geostead/tests"]


def _settings(service: FakeService, folder: Path) -> ServiceSettings:
    return ServiceSettings(
        name="opencage", url=service.url, key=KEY, rate=None, user_agent="t", turns_file=folder / "turns"
    )


def test_settings_do_not_show_the_key(service: FakeService, tmp_path: Path) -> None:
    assert KEY not in repr(_settings(service, tmp_path))


def test_an_address_is_asked_for_once_also_if_it_is_not_known(service: FakeService, tmp_path: Path) -> None:
    service.answer = lambda target: Reply(SAMPLES["opencage"].nothing)
    asked = ask_service(_settings(service, tmp_path))
    assert [asked.find(address) for address in ("Qqxzzk", "qqxzzk ", "Qqxzzk")] == [None] * 3
    assert len(service.targets) == 1


def test_all_who_ask_together_keep_to_the_rate(service: FakeService, tmp_path: Path) -> None:
    service.answer = lambda target: Reply(SAMPLES["opencage"].city)
    settings = replace(_settings(service, tmp_path), rate=0.01)
    assert ask_service(settings).find("Redmond, WA") is not None
    with pytest.raises(Unavailable, match="may be asked"):
        ask_service(settings).find("Redmond, WA")
    assert len(service.targets) == 1


@pytest.mark.parametrize(
    ("address", "is_whole"),
    [("1 Microsoft Way, Redmond", False), ("Redmond 98052", False), ("Redmond", True)],
)
def test_a_match_without_the_numbers_of_the_address_is_not_whole(
    service: FakeService, clock: Clock, address: str, is_whole: bool
) -> None:
    service.answer = lambda target: Reply(SAMPLES["nominatim"].city)
    place = geocoder(service, clock, "nominatim").find(address)
    assert place is not None
    assert place.is_whole_match is is_whole


def _changed(change: Callable[[dict[str, object]], None], name: str, member: str) -> Reply:
    first = dict(SAMPLES[name].city[member][0])  # type: ignore[index]
    change(first)
    return Reply({**SAMPLES[name].city, member: [first]})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("name", "member", "told"),
    [
        ("google", "results", {"partial_match": True}),
        ("mapbox", "features", {"relevance": 0.7}),
        ("arcgis", "candidates", {"score": 88.2}),
        ("pelias", "features", {"properties": {"name": "x", "layer": "locality", "match_type": "fallback"}}),
    ],
)
def test_a_service_that_tells_that_a_match_is_not_whole_is_believed(
    service: FakeService, clock: Clock, name: str, member: str, told: dict[str, object]
) -> None:
    service.answer = lambda target: _changed(lambda first: first.update(told), name, member)
    place = geocoder(service, clock, name).find("Redmond")
    assert place is not None
    assert not place.is_whole_match
