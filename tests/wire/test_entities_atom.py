"""Entities as Atom (http-api.md, section 4.5)."""

from collections.abc import Callable
from urllib.parse import unquote

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from geostead.model.entity_type import EdmType
from geostead.model.instant import parse_ticks
from geostead.wire.entities_atom import encode_entity, encode_page
from tests.entities import Entity
from tests.wire.examples import EMPTY, FULL, OLD, SHOP, SHOPS_URL, entities, page_of, version, wkb

ATOM = "{http://www.w3.org/2005/Atom}"
D = "{http://schemas.microsoft.com/ado/2007/08/dataservices}"
M = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"
VERSION = version("a" * 32)
TYPES = {p.name: p.type for p in SHOP.properties}


READERS: dict[EdmType, Callable[[str], object]] = {
    EdmType.STRING: str,
    EdmType.INT64: int,
    EdmType.DOUBLE: float,
    EdmType.BOOLEAN: {"1": True, "0": False}.__getitem__,
    EdmType.DATETIME: parse_ticks,
    EdmType.GEOGRAPHY: lambda text: shapely.to_wkb(shapely.from_wkt(text), byte_order=1),
}
"""How a client reads the text of a property."""


def entries_of(document: bytes) -> list[etree._Element]:
    return etree.fromstring(document).findall(f"{ATOM}entry")


def properties_of(entry: etree._Element) -> etree._Element:
    content = entry.find(f"{ATOM}content")
    assert content is not None
    assert content.get("type") == "application/xml"
    assert content[0].tag == f"{M}properties"
    return content[0]


def parsed(element: etree._Element) -> object:
    """Read a property as a client does."""
    text, edm_type = element.text, element.get(f"{M}type", "Edm.String")
    if element.get(f"{M}null") == "true":
        assert text is None
        return None
    return READERS[EdmType(edm_type)](text or "")


def as_xml_holds_it(value: object) -> object:
    return value.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd") if isinstance(value, str) else value


@settings(deadline=None, max_examples=60)
@given(st.lists(entities, min_size=1, max_size=3), st.sampled_from([1, 60]))
def test_what_was_loaded_is_what_a_client_parses(some: list[Entity], times: int) -> None:
    entries = entries_of(encode_page(page_of(some * times), SHOPS_URL, VERSION))
    assert len(entries) == len(some) * times
    for entry, entity in zip(entries, some * times, strict=True):
        found = {e.tag.removeprefix(D): parsed(e) for e in properties_of(entry)}
        assert found == {name: as_xml_holds_it(value) for name, value in entity.items()}
        url = entry.findtext(f"{ATOM}id") or ""
        assert unquote(url.removeprefix(SHOPS_URL)[2:-2]).replace("''", "'") == entity["ShopId"]


def test_golden_feed(golden: Callable[[str, bytes], None]) -> None:
    golden("feed.xml", encode_page(page_of([FULL, EMPTY, OLD]), SHOPS_URL, VERSION))


def test_golden_feed_with_selection_count_and_distances(golden: Callable[[str, bytes], None]) -> None:
    page = page_of([EMPTY, FULL], names=("Name", "ShopId"), distances_km=[0.0, 12.3456], total_count=77)
    golden("feed-selected.xml", encode_page(page, SHOPS_URL, VERSION))


def test_golden_feed_with_intersections(golden: Callable[[str, bytes], None]) -> None:
    common = [wkb("LINESTRING (-117.01828 41.00016, -117.01828 41)"), None]
    page = page_of([FULL, EMPTY], names=("__IntersectedGeom", "ShopId"), distances_km=[0.5, 7.0], intersections=common)
    golden("feed-intersected.xml", encode_page(page, SHOPS_URL, VERSION))


def test_golden_entry(golden: Callable[[str, bytes], None]) -> None:
    golden("entry.xml", encode_entity(page_of([FULL]), SHOPS_URL, VERSION))


def test_c10_prefixes_are_declared_on_the_root_and_used_literally() -> None:
    for document in (
        encode_page(page_of([OLD]), SHOPS_URL, VERSION),
        encode_entity(page_of([OLD]), SHOPS_URL, VERSION),
    ):
        assert etree.fromstring(document).nsmap == {"d": D[1:-1], "m": M[1:-1], None: ATOM[1:-1]}
        assert document.count(b"xmlns") == 3
        assert b"<m:properties><d:ShopId>3</d:ShopId>" in document


def test_c11_an_empty_string_is_bare_and_other_missing_values_say_type_and_null() -> None:
    document = encode_page(page_of([EMPTY]), SHOPS_URL, VERSION)
    assert b"<d:Name/>" in document
    for name, edm_type in list(TYPES.items())[2:]:
        assert f'<d:{name} m:type="{edm_type}" m:null="true"/>'.encode() in document


def test_c11_typed_values_carry_exactly_their_edm_type_and_strings_nothing() -> None:
    (entry,) = entries_of(encode_page(page_of([FULL]), SHOPS_URL, VERSION))
    for element in properties_of(entry):
        edm_type = TYPES[element.tag.removeprefix(D)]
        assert dict(element.attrib) == ({} if edm_type is EdmType.STRING else {f"{M}type": edm_type.value})


def test_c13_every_entry_has_every_selected_property_in_order() -> None:
    page = page_of([FULL, EMPTY], names=("Open", "Name"), distances_km=[1.0, 2.5])
    for entry in entries_of(encode_page(page, SHOPS_URL, VERSION)):
        assert [e.tag for e in properties_of(entry)] == [f"{D}Open", f"{D}Name", f"{D}__Distance"]


def test_booleans_are_digits_and_dates_are_utc_without_offset() -> None:
    document = encode_page(page_of([{**FULL, "Opened": FULL["Opened"] // 10**7 * 10**7}]), SHOPS_URL, VERSION)  # type: ignore[operator]
    assert b'<d:Open m:type="Edm.Boolean">1</d:Open>' in document
    assert b">2010-11-03T23:31:37</d:Opened>" in document


def test_the_count_stands_before_the_entries_where_it_was_asked_for() -> None:
    feed = etree.fromstring(encode_page(page_of([OLD], total_count=9), SHOPS_URL, VERSION))
    assert [e.tag.rpartition("}")[2] for e in feed] == ["title", "id", "rights", "updated", "count", "entry"]
    assert feed.findtext(f"{M}count") == "9"
    assert etree.fromstring(encode_page(page_of([]), SHOPS_URL, VERSION)).find(f"{M}count") is None


def test_characters_that_xml_cannot_hold_become_replacement_characters() -> None:
    document = encode_page(page_of([{"ShopId": "1", "Name": "a\x00b\x1fc\uffff"}]), SHOPS_URL, VERSION)
    assert "<d:Name>a\ufffdb\ufffdc\ufffd</d:Name>".encode() in document
