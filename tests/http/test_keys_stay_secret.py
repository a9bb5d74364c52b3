"""Keys never get into a log line or into a reply (http-api.md, section 2)."""

from __future__ import annotations

import logging
from itertools import product

import pytest

from geostead.log_lines import JsonLines
from geostead.model.data_source import DataSource
from geostead.operations.services import Services
from tests.http.door import Door
from tests.http.test_envelopes import DESCRIBED, MANAGED, NOWHERE, broken

SECRET = "Geheim"
PLACES_TO_PUT_IT = [
    "key=Geheim%2D4711",
    "KEY=Geheim%2D4711",
    "%6Bey=Geheim%2D4711",
    "key=master&queryKey=Geheim%2D4711",
    "key=master&key=Geheim%2D4711",
    "key=Geheim%2D4711&$format=json&jsonp=cb",
    "o=xml&key=%20Geheim%2D4711",
]


@pytest.mark.parametrize("is_broken", [False, True])
def test_a_key_is_in_no_log_line_and_in_no_reply(
    services: Services, door: Door, caplog: pytest.LogCaptureFixture, is_broken: bool
) -> None:
    asked = broken(services, RuntimeError("a bug")) if is_broken else door
    with caplog.at_level(logging.DEBUG, logger="geostead"):
        for url, query in product(MANAGED + DESCRIBED + NOWHERE, PLACES_TO_PUT_IT):
            for method in ("GET", "POST"):
                reply = asked.request(method, f"{url}?{query}")
                assert SECRET not in reply.text
                assert SECRET not in str(reply.headers)
    lines = [JsonLines().format(record) for record in caplog.records if record.name.startswith("geostead")]
    assert SECRET not in "".join(lines)
    assert bool(lines) == is_broken


def test_a_key_behind_a_forgotten_question_mark_is_not_repeated(door: Door) -> None:
    for url in MANAGED + DESCRIBED + NOWHERE:
        assert SECRET not in door.get(f"{url}&key={SECRET}4711").text


@pytest.mark.parametrize("query_key", ["Geheim-4711", "stranger", "master"])
def test_a_query_key_that_may_not_be_one_is_not_repeated(door: Door, query_key: str) -> None:
    url = "/REST/v1/Dataflows/LoadDataSource?dataSourceName=a&loadOperation=complete&input=csv&key=master"
    reply = door.post(f"{url}&queryKey={query_key}")
    assert reply.status_code == 400
    assert query_key not in reply.json()["errorDetails"][0]


def test_a_reply_to_a_query_does_not_repeat_the_key(door: Door, places: DataSource) -> None:
    url = f"/REST/v1/data/{places.access_id}/Places/Cafes?key=third"
    for query in ("", "&$format=json", "&$format=json&jsonp=cb", "&$top=x"):
        reply = door.get(url + query)
        assert "third" not in reply.text
        assert "third" not in str(reply.headers)
