"""Entities as JSON (http-api.md, section 4.5)."""

import json
import re
from collections.abc import Callable, Sequence
from urllib.parse import unquote

import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geostead.geo.wkt import wkt_texts
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.model.instant import TICKS_PER_MS, UNIX_EPOCH_TICKS
from geostead.wire.entities_json import encode_entity, encode_page, render_fragments
from tests.entities import Entity, columns_of
from tests.wire.examples import EMPTY, FULL, OLD, SHOP, SHOPS_URL, entities, page_of, wkb

Golden = Callable[[str, bytes], None]
SHORT = SHOPS_URL.replace("/", "\\/")


def results_of(document: bytes) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(document)["d"]["results"]
    return found


def unix_ms(ticks: int) -> int:
    """Return milliseconds since 1970 UTC, rounded down (negative before)."""
    return (ticks - UNIX_EPOCH_TICKS) // TICKS_PER_MS


def obvious_value(edm_type: EdmType, value: object) -> str:
    """Encode one value, slowly."""
    match edm_type, value:
        case EdmType.STRING, _:
            return json.dumps(value or "").replace("/", "\\/")
        case _, None:
            return "null"
        case EdmType.DOUBLE, float():
            return str(pa.scalar(value, pa.float64()).cast(pa.string()).as_py())
        case EdmType.DATETIME, int():
            return f'"\\/Date({unix_ms(value)})\\/"'
        case EdmType.GEOGRAPHY, bytes():
            return f'"{wkt_texts(pa.array([value], pa.binary()))[0].as_py()}"'
        case _:
            return json.dumps(value)


def obvious_fragment(entity: Entity, names: Sequence[str] | None) -> bytes:
    """Encode one entity, slowly, up to its closing brace; the id is checked elsewhere."""
    types = {p.name: p.type for p in SHOP.properties}
    members = (f'"{n}":{obvious_value(types[n], entity.get(n))}' for n in (types if names is None else names))
    return "".join("," + member for member in members).encode()


def properties_part(fragment: bytes) -> bytes:
    entity_id, middle, properties = fragment.partition(b"')\"}")
    assert middle
    assert entity_id.isascii()
    return properties


names_lists = st.none() | st.lists(st.sampled_from(SHOP.names), min_size=1, unique=True)


@settings(deadline=None, max_examples=60)
@given(st.lists(entities, min_size=1, max_size=4), names_lists, st.sampled_from([1, 60]))
def test_fragments_equal_those_of_a_slow_obvious_encoder_for_few_rows_and_for_many(
    few: list[Entity], names: list[str] | None, times: int
) -> None:
    fragments = render_fragments(columns_of(SHOP, few * times), SHOP, names).to_pylist()
    assert [properties_part(f) for f in fragments] == [obvious_fragment(e, names) for e in few] * times


@settings(deadline=None, max_examples=60)
@given(st.lists(entities, max_size=4))
def test_what_was_loaded_is_what_a_client_parses(some: list[Entity]) -> None:
    results = results_of(encode_page(page_of(some), SHOPS_URL))
    assert len(results) == len(some)
    for found, entity in zip(results, some, strict=True):
        date, ground = found.pop("Opened"), found.pop("Ground")
        assert date == (None if entity["Opened"] is None else f"/Date({unix_ms(entity['Opened'])})/")  # type: ignore[arg-type]
        assert (None if ground is None else shapely.to_wkb(shapely.from_wkt(ground), byte_order=1)) == entity["Ground"]
        del found["__metadata"]
        assert found == {n: v for n, v in entity.items() if n not in ("Opened", "Ground")}


@settings(deadline=None, max_examples=60)
@given(st.lists(entities, min_size=1, max_size=3), st.sampled_from([1, 60]))
def test_the_uri_leads_back_to_the_entity_id(some: list[Entity], times: int) -> None:
    for found, entity in zip(results_of(encode_page(page_of(some * times), SHOPS_URL)), some * times, strict=True):
        uri = found["__metadata"]["uri"]  # type: ignore[index]
        encoded = re.fullmatch(re.escape(SHOPS_URL) + r"\('([^/?#\s\"\\<>&%]|%[0-9A-F]{2})*'\)", uri)
        assert encoded
        assert unquote(uri[len(SHOPS_URL) + 2 : -2]).replace("''", "'") == entity["ShopId"]


def test_rows_beyond_one_slice_are_rendered_in_order() -> None:
    entity_type = EntityType("Rows", "Id", (Property("Id", EdmType.STRING), Property("N", EdmType.INT64)))
    numbers = pa.array(range(120_001), pa.int64())
    rows = pa.RecordBatch.from_arrays([numbers.cast(pa.string()), numbers], ["Id", "N"])
    fragments = render_fragments(rows, entity_type)
    assert fragments.type == pa.large_binary()
    assert fragments.to_pylist() == [f'{n}\')"}},"Id":"{n}","N":{n}'.encode() for n in range(120_001)]


def test_no_rows_are_no_fragments() -> None:
    assert render_fragments(columns_of(SHOP, []), SHOP).to_pylist() == []


def test_golden_page(golden: Golden) -> None:
    golden("page.json", encode_page(page_of([FULL, EMPTY, OLD]), SHOPS_URL))


def test_golden_page_with_selection_count_and_distances(golden: Golden) -> None:
    page = page_of([EMPTY, FULL], names=("Name", "ShopId"), distances_km=[0.0, 12.3456], total_count=77)
    golden("page-selected.json", encode_page(page, SHOPS_URL))


def test_golden_page_with_intersections(golden: Golden) -> None:
    common = [wkb("LINESTRING (-117.01828 41.00016, -117.01828 41)"), None]
    page = page_of([FULL, EMPTY], names=("__IntersectedGeom", "ShopId"), distances_km=[0.5, 7.0], intersections=common)
    golden("page-intersected.json", encode_page(page, SHOPS_URL))


def test_the_intersection_stands_where_it_was_selected_and_is_null_where_nothing_is_in_common() -> None:
    page = page_of([OLD, EMPTY], names=("Name", "__IntersectedGeom", "Seats"), intersections=[wkb("POINT (1 2)"), None])
    first, second = results_of(encode_page(page, SHOPS_URL))
    assert list(first) == ["__metadata", "Name", "__IntersectedGeom", "Seats"]
    assert (first["__IntersectedGeom"], second["__IntersectedGeom"]) == ("POINT (1 2)", None)
    assert first["__metadata"] == {"uri": f"{SHOPS_URL}('3')"}
    assert results_of(encode_page(page_of([], names=("__IntersectedGeom",), intersections=[]), SHOPS_URL)) == []


def test_golden_entity(golden: Golden) -> None:
    golden("entity.json", encode_entity(page_of([FULL]), SHOPS_URL))


def test_c1_a_page_is_compact_and_begins_the_way_that_clients_search_for() -> None:
    document = encode_page(page_of([OLD]), SHOPS_URL).decode()
    assert f'{{"__metadata":{{"uri":"{SHORT}(\'3\')"}},"ShopId":"3","Name":"Abc",' in document
    assert not re.search(r"\s", re.sub(r'"[^"]*"', "", document))


def test_c2_metadata_comes_first_then_properties_in_schema_order_and_distance_last() -> None:
    (found,) = results_of(encode_page(page_of([OLD], distances_km=[1.5]), SHOPS_URL))
    assert list(found) == ["__metadata", *SHOP.names, "__Distance"]
    assert found["__Distance"] == 1.5


def test_c2_selected_properties_come_in_the_order_of_the_selection_and_the_key_only_if_selected() -> None:
    (found,) = results_of(encode_page(page_of([OLD], names=("Seats", "Name")), SHOPS_URL))
    assert found == {"__metadata": {"uri": f"{SHOPS_URL}('3')"}, "Seats": 0, "Name": "Abc"}
    assert list(found) == ["__metadata", "Seats", "Name"]


def test_c4_a_page_is_ascii_with_surrogate_pairs_and_escaped_slashes() -> None:
    document = encode_page(page_of([FULL]), SHOPS_URL)
    assert document.isascii()
    assert rb"Caf\u00e9" in document
    assert rb"\ud834\udd1e\r\n\tHof" in document
    assert not re.search(rb"(?<!\\)/", document)


def test_c5_an_empty_string_is_an_empty_string_and_other_missing_values_are_null() -> None:
    (found,) = results_of(encode_page(page_of([EMPTY]), SHOPS_URL))
    del found["__metadata"]
    assert found == {"ShopId": "ø 2", "Name": ""} | dict.fromkeys(SHOP.names[2:])


def test_c6_numbers_are_numbers_and_booleans_are_booleans() -> None:
    document = encode_page(page_of([FULL]), SHOPS_URL)
    assert b'"Seats":-9223372036854775808,"Open":true,"Rating":4,' in document
    assert b'"Latitude":50.083333333333336,"Longitude":7.333333333333334' in document


def test_c7_no_match_is_an_empty_array_and_the_count_is_text() -> None:
    d = json.loads(encode_page(page_of([], total_count=0), SHOPS_URL))["d"]
    assert list(d) == ["__copyright", "__count", "results"]
    assert d["__count"] == "0"
    assert d["results"] == []
    assert "__count" not in json.loads(encode_page(page_of([], distances_km=[]), SHOPS_URL))["d"]


def test_c9_by_id_d_is_the_entity() -> None:
    d = json.loads(encode_entity(page_of([OLD]), SHOPS_URL))["d"]
    assert list(d) == ["__copyright", "__metadata", *SHOP.names]
    assert json.loads(encode_entity(page_of([OLD], names=("Name",)), SHOPS_URL))["d"]["Name"] == "Abc"


@pytest.mark.parametrize(
    ("ticks", "ms"),
    [(0, -62_135_596_800_000), (621_355_968_000_000_000, 0), (621_355_967_999_999_999, -1)],
)
def test_c23_dates_are_milliseconds_since_1970_rounded_down(ticks: int, ms: int) -> None:
    document = encode_page(page_of([{"ShopId": "1", "Opened": ticks}]), SHOPS_URL)
    assert f'"Opened":"\\/Date({ms})\\/"'.encode() in document


def test_only_the_distance_may_be_selected() -> None:
    (found,) = results_of(encode_page(page_of([OLD], names=(), distances_km=[2.0]), SHOPS_URL))
    assert list(found) == ["__metadata", "__Distance"]
