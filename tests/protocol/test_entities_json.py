"""http-api.md section 4.5: entities in JSON and JSONP."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

import pytest

from tests.protocol.api import ROOT, Api, Source, pipe
from tests.protocol.cafes import CAFES, TYPES
from tests.protocol.envelopes import odata_error
from tests.protocol.parks import CENTROIDS

MILLISECONDS = {
    "A1": 1446153909000,
    "A2": -1,
    "B1": -62135596800000,
    "B2": None,
    "C1": 1582977600125,
    "C2": 253402300799999,
    "C3": None,
    "D1": 1446153909000,
    "a1": 1446153909000,
    "it's/50% & é?": 946684800000,
}


def text_of(source: Source, query: str = "") -> str:
    reply = source.get(f"$format=json&{query}")
    assert reply.status_code == 200
    return reply.content.decode("ascii")


def expected(cafe: dict[str, Any]) -> dict[str, Any]:
    ms = MILLISECONDS[cafe["EntityID"]]
    values: dict[str, Any] = cafe | {"Since": None if ms is None else f"/Date({ms})/"}
    return {name: "" if value is None and "String" in TYPES[name] else value for name, value in values.items()}


def test_the_media_type_is_json_in_utf_8(cafes: Source) -> None:
    assert cafes.get("$format=json").headers["content-type"].lower() == "application/json; charset=utf-8"


def test_c1_the_text_is_compact_on_one_line_and_searchable(cafes: Source) -> None:
    text = text_of(cafes, "$filter=EntityID in ('A1','A2')")
    assert "\n" not in text
    assert '"EntityID":"A1"' in text
    assert text.count('"uri":"') == 2
    assert text.count('{"__metadata":') == 2
    assert not re.search(r"\s", re.sub(r'"(\\.|[^"\\])*"', '""', text))


def test_c7_the_frame_of_a_reply(cafes: Source) -> None:
    assert list(cafes.json()) == ["__copyright", "results"]
    assert list(cafes.json("$inlinecount=allpages")) == ["__copyright", "__count", "results"]


def test_c7_no_match_is_an_empty_array_with_200(cafes: Source) -> None:
    assert cafes.results("$filter=Seats eq -999") == []
    assert cafes.results("spatialFilter=nearby(-60,-60,1)") == []


def test_c7_one_match_is_an_array_too(cafes: Source) -> None:
    assert [cafe["EntityID"] for cafe in cafes.results("$filter=Seats eq 40")] == ["A1"]


def test_c2_metadata_comes_first_then_properties_in_schema_order(cafes: Source) -> None:
    assert {tuple(cafe) for cafe in cafes.results()} == {("__metadata", *TYPES)}


def test_c2_the_uri_of_each_entity_is_its_own_and_leads_to_it(cafes: Source) -> None:
    found = cafes.results()
    uris = [cafe["__metadata"]["uri"] for cafe in found]
    assert len(set(uris)) == len(CAFES)
    for uri, cafe in zip(uris, found, strict=True):
        assert uri.startswith(f"{cafes.api.server.url}{ROOT}{cafes.entities_path}")
        alone = cafes.api.server.client.get(f"{uri}?$format=json&key={cafes.api.key}")
        assert alone.json()["d"]["EntityID"] == cafe["EntityID"]


def test_c4_the_text_is_ascii_and_every_slash_is_escaped(cafes: Source) -> None:
    text = text_of(cafes)
    assert "/" not in text.replace("\\/", "")
    assert "Z\\u00fcrich" in text or "Z\\u00FCrich" in text
    assert "\\ud83d\\ude00" in text.lower()
    assert "al dente\\/bar" in text


def test_c5_a_missing_string_is_empty_and_any_other_missing_value_is_null(cafes: Source) -> None:
    nothing = cafes.results("$filter=EntityID eq 'B2'")[0]
    assert {name: nothing[name] for name in TYPES if name != "EntityID"} == {
        name: "" if type_ == "Edm.String" else None for name, type_ in TYPES.items() if name != "EntityID"
    }


def test_c6_every_value_comes_back_as_uploaded(cafes: Source) -> None:
    for cafe, found in zip(CAFES, cafes.results(), strict=True):
        found.pop("__metadata")
        assert found == expected(cafe)
        assert {name: type(value) for name, value in found.items() if isinstance(value, bool)} == {
            name: bool for name in found if name == "Open" and cafe["Open"] is not None
        }


def test_c6_int64_is_a_number_without_fraction(cafes: Source) -> None:
    text = text_of(cafes, "$filter=EntityID eq 'B1'")
    assert '"Seats":9007199254740993,' in text
    assert '"Open":true,' in text


DOUBLES = [
    "0.1",
    "1e-7",
    "123456789.12345679",
    "5e-324",
    "1.7976931348623157e308",
    "-0.0",
    "1e22",
    "0.30000000000000004",
]
DOUBLES += ["2.2250738585072014E-308", "9007199254740993", "1E5", "-1.5", "100", "1e21", "0.000001"]


@pytest.fixture(scope="module")
def numbers(api: Api) -> Source:
    rows = [f"{at:02}|{text}|{at}|-0.1" for at, text in enumerate(DOUBLES)]
    return api.source("Numbers", pipe("EntityID(Edm.String,primaryKey)|Value(Edm.Double)", *rows))


def test_c6_a_double_comes_back_as_the_same_double(numbers: Source) -> None:
    reply = json.loads(numbers.get("$format=json").content, parse_int=float)  # int would lose the sign of -0
    assert [repr(found["Value"]) for found in reply["d"]["results"]] == [repr(float(text)) for text in DOUBLES]


def test_c9_by_id_d_is_the_entity(cafes: Source) -> None:
    reply = cafes.by_id("A1", "$format=json")
    assert reply.status_code == 200
    d = reply.json()["d"]
    assert list(d) == ["__copyright", "__metadata", *TYPES]
    assert d["Name"] == "Ada's Corner"


@pytest.mark.parametrize("entity_id", [cafe["EntityID"] for cafe in CAFES])
def test_c9_every_id_is_found(cafes: Source, entity_id: str) -> None:
    reply = cafes.by_id(entity_id, "$format=json")
    assert reply.json()["d"]["EntityID"] == entity_id


@pytest.mark.parametrize("entity_id", ["A3", "a2", "", "A1 ", "x" * 60])
def test_c9_an_unknown_id_is_404(cafes: Source, entity_id: str) -> None:
    reply = cafes.by_id(entity_id, "$format=json")
    assert reply.status_code == 404
    assert odata_error(reply)[0] == "NotFound"


def test_c23_dates_are_milliseconds_since_1970_rounded_down(cafes: Source) -> None:
    text = text_of(cafes)
    for ms in MILLISECONDS.values():
        assert ms is None or f'"Since":"\\/Date({ms})\\/"' in text


def test_a_geography_comes_back_as_wkt(parks: Source) -> None:
    found = {park["ParkId"]: park for park in parks.results()}
    assert found["none"]["Area"] is None
    assert found["square"]["Area"].replace(" (", "(").startswith("POLYGON((10 40, 12 40")
    assert found["line"]["Area"].replace(" (", "(") == "LINESTRING(0 0, 4 0)"
    assert list(found["line"]) == ["__metadata", "ParkId", "EntityID", "Area", "Note", "Latitude", "Longitude"]


def test_coordinates_that_are_missing_are_the_planar_centroid_of_the_geography(parks: Source) -> None:
    found = {park["ParkId"]: (park["Latitude"], park["Longitude"]) for park in parks.results()}
    assert found == CENTROIDS


# JSONP


@pytest.mark.parametrize("callback", ["cb", "a.b.c", "$", "_x1", "list[0]", "jQuery1_2"])
def test_c3_jsonp_is_the_callback_around_the_json_and_nothing_else(cafes: Source, callback: str) -> None:
    plain = cafes.get("$format=json&$top=2")
    wrapped = cafes.get(f"$format=json&$top=2&jsonp={callback}")
    assert wrapped.text == f"{callback}({plain.text})"
    assert wrapped.headers["content-type"].startswith("application/javascript")


@pytest.mark.parametrize("name", ["jsonp", "Jsonp", "JSONP"])
def test_c3_jsonso_is_a_second_argument(cafes: Source, name: str) -> None:
    plain = cafes.get("$format=json&$top=2")
    assert cafes.get(f"$format=json&$top=2&{name}=cb&jsonso=x1").text == f'cb({plain.text},"x1")'


def test_c3_jsonso_is_encoded_as_a_string(cafes: Source) -> None:
    text = cafes.get('$format=json&$top=1&jsonp=cb&jsonso=a"b</script>\u2028').text
    assert "</script" not in text
    assert "\u2028" not in text
    assert json.loads(f"[{text[3:-1]}]")[1] == 'a"b</script>\u2028'


@pytest.mark.parametrize("state", ["jsonso=", "jsonso", "jsonsox=1"])
def test_c3_an_empty_jsonso_is_none(cafes: Source, state: str) -> None:
    plain = cafes.get("$format=json&$top=1")
    assert cafes.get(f"$format=json&$top=1&jsonp=cb&{state}").text == f"cb({plain.text})"


def test_c3_jsonso_is_ascii_and_comes_back_whole(cafes: Source) -> None:
    state = "é 漢 😀 \\ ' / \t\r\n\0"
    reply = cafes.get(f"$skip=99&jsonp=cb&jsonso={quote(state)}")
    assert reply.content.isascii()
    assert json.loads(f"[{reply.text[3:-1]}]")[1] == state


def test_c3_jsonp_works_by_id(cafes: Source) -> None:
    assert cafes.by_id("A1", "$format=json&jsonp=cb").text.startswith('cb({"d":{"__copyright"')


@pytest.mark.parametrize("callback", ["alert(1)", "a b", "a;b", "<x>", "a-b", "é", "a'b", 'a"b', "%0aa"])
def test_c3_any_other_callback_name_is_400(cafes: Source, callback: str) -> None:
    reply = cafes.get(f"$format=json&jsonp={callback}")
    assert reply.status_code == 400
    assert "jsonp" in reply.json()["error"]["message"]["value"]


def test_c3_callback_is_not_jsonp(cafes: Source) -> None:
    assert cafes.get("$format=json&callback=cb&$callback=cb").text.startswith("{")


def test_c3_an_error_is_wrapped_and_keeps_its_status(cafes: Source) -> None:
    reply = cafes.get("$format=json&jsonp=cb&$top=x")
    assert (reply.status_code, reply.text[:3], reply.text[-1]) == (400, "cb(", ")")
    assert json.loads(reply.text[3:-1])["error"]["code"] == "InvalidParameter"
    refused = cafes.with_key("nobody").get("$format=json&jsonp=cb")
    assert (refused.status_code, refused.text[:11]) == (401, 'cb({"error"')


@pytest.mark.parametrize("query", ["$top=x", "$format=xml", "$format=JSON&spatialFilter=intersects('x')"])
def test_c3_an_error_is_wrapped_with_its_jsonso_even_where_the_format_is_what_is_wrong(
    cafes: Source, query: str
) -> None:
    reply = cafes.get(f"{query}&jsonp=cb&jsonso=s")
    assert (reply.status_code, reply.text[:11], reply.text[-5:]) == (400, 'cb({"error"', ',"s")')
    assert reply.headers["content-type"].startswith("application/javascript")
