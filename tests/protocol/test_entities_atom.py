"""http-api.md section 4.5: entities in Atom."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from tests.protocol.api import ROOT, Source
from tests.protocol.cafes import CAFES, TYPES
from tests.protocol.envelopes import ISO_8601

ATOM = "{http://www.w3.org/2005/Atom}"
D = "{http://schemas.microsoft.com/ado/2007/08/dataservices}"
M = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"

SINCE = {
    "A1": "2015-10-29T21:25:09",
    "a1": "2015-10-29T21:25:09",
    "B1": "0001-01-01T00:00:00",
    "it's/50% & é?": "2000-01-01T00:00:00",
}


def feed(source: Source, query: str = "") -> Any:
    reply = source.get(query)
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"].split(";")[0] == "application/atom+xml"
    return etree.fromstring(reply.content)


def properties(entry: Any) -> Any:
    (content,) = entry.findall(f"{ATOM}content")
    assert content.get("type") == "application/xml"
    assert content[0].tag == f"{M}properties"
    return content[0]


def by_id(root: Any) -> dict[str, Any]:
    return {properties(entry).findtext(f"{D}EntityID"): entry for entry in root.findall(f"{ATOM}entry")}


def test_atom_is_the_default(cafes: Source) -> None:
    assert feed(cafes).tag == feed(cafes, "$format=atom").tag == f"{ATOM}feed"


def test_c10_prefixes_are_declared_on_the_root_and_used_literally(cafes: Source) -> None:
    text = cafes.get().text
    root = re.search(r"<feed [^>]*>", text)
    assert root
    assert 'xmlns="http://www.w3.org/2005/Atom"' in root[0]
    assert 'xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices"' in root[0]
    assert 'xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"' in root[0]
    assert text.count("xmlns") == 3
    assert "<m:properties><d:EntityID>A1</d:EntityID>" in text
    assert "<entry>" in text


def test_a_feed_has_title_id_rights_and_updated(cafes: Source) -> None:
    root = feed(cafes)
    assert root.findtext(f"{ATOM}title") is not None
    assert re.fullmatch(r"uuid:[0-9a-f-]{36};id=\d+", root.findtext(f"{ATOM}id"))
    assert root.findtext(f"{ATOM}rights")
    assert ISO_8601.fullmatch(root.findtext(f"{ATOM}updated"))


def test_m_count_is_there_if_asked(cafes: Source) -> None:
    assert feed(cafes, "$inlinecount=allpages&$top=1").findtext(f"{M}count") == "10"
    assert feed(cafes).find(f"{M}count") is None


def test_an_entry_has_its_url_as_id_title_and_updated(cafes: Source) -> None:
    for entity_id, entry in by_id(feed(cafes)).items():
        url = entry.findtext(f"{ATOM}id")
        assert url.startswith(f"{cafes.api.server.url}{ROOT}{cafes.entities_path}")
        alone = cafes.api.server.client.get(f"{url}?key={cafes.api.key}")
        assert properties(etree.fromstring(alone.content)).findtext(f"{D}EntityID") == entity_id
        assert entry.find(f"{ATOM}title") is not None
        assert ISO_8601.fullmatch(entry.findtext(f"{ATOM}updated"))


def test_by_id_is_one_entry(cafes: Source) -> None:
    reply = cafes.by_id("A1")
    assert reply.headers["content-type"].split(";")[0] == "application/atom+xml"
    root = etree.fromstring(reply.content)
    assert root.tag == f"{ATOM}entry"
    assert set(root.nsmap) == {None, "d", "m"}
    assert properties(root).findtext(f"{D}Name") == "Ada's Corner"


def test_no_match_is_a_feed_without_entries(cafes: Source) -> None:
    assert feed(cafes, "$filter=Seats eq -999").findall(f"{ATOM}entry") == []


def test_c13_every_entry_has_every_property_in_schema_order_even_when_empty(cafes: Source) -> None:
    entries = by_id(feed(cafes))
    assert list(entries) == [cafe["EntityID"] for cafe in CAFES]
    for entry in entries.values():
        assert [child.tag for child in properties(entry)] == [f"{D}{name}" for name in TYPES]


def test_c13_every_entry_has_every_selected_property(cafes: Source) -> None:
    root = feed(cafes, "spatialFilter=nearby(47,8,500)&$select=__Distance,Seats,Name")
    for entry in root.findall(f"{ATOM}entry"):
        assert [child.tag for child in properties(entry)] == [f"{D}Seats", f"{D}Name", f"{D}__Distance"]
        assert properties(entry)[-1].get(f"{M}type") == "Edm.Double"


def test_c11_a_typed_value_has_its_type_and_a_string_has_no_attribute(cafes: Source) -> None:
    for value in properties(by_id(feed(cafes))["A1"]):
        name = value.tag.removeprefix(D)
        type_ = TYPES[name].split(",")[0]
        assert dict(value.attrib) == ({} if type_ == "Edm.String" else {f"{M}type": type_})


def test_c11_a_missing_value_has_type_and_null_and_an_empty_string_is_bare(cafes: Source) -> None:
    reply = cafes.get("$filter=EntityID eq 'B2'")
    for value in properties(by_id(etree.fromstring(reply.content))["B2"])[1:]:
        name = value.tag.removeprefix(D)
        typed = {f"{M}type": TYPES[name], f"{M}null": "true"}
        assert (value.text, dict(value.attrib)) == (None, {} if TYPES[name] == "Edm.String" else typed)
    assert "<d:Name/>" in reply.text or "<d:Name />" in reply.text


def test_c13_booleans_are_1_and_0(cafes: Source) -> None:
    found = {i: properties(entry).findtext(f"{D}Open") for i, entry in by_id(feed(cafes)).items()}
    assert (found["A1"], found["A2"]) == ("1", "0")


def test_c13_dates_are_utc_without_offset(cafes: Source) -> None:
    found = {i: properties(entry).findtext(f"{D}Since") for i, entry in by_id(feed(cafes)).items()}
    assert {entity_id: found[entity_id] for entity_id in SINCE} == SINCE
    assert found["C1"].startswith("2020-02-29T12:00:00")
    assert "Z" not in "".join(found.values())
    assert "+" not in "".join(found.values())


def test_values_come_back_as_uploaded(cafes: Source) -> None:
    entries = by_id(feed(cafes))
    for cafe in CAFES:
        values = properties(entries[cafe["EntityID"]])
        for name in ("Name", "City", "Code"):
            assert (values.findtext(f"{D}{name}") or "") == cafe[name]
        for name, type_ in (("Seats", int), ("Rating", float), ("Latitude", float), ("Longitude", float)):
            text = values.findtext(f"{D}{name}")
            assert (type_(text) if text else None) == cafe[name]


def test_c13_a_geography_is_wkt(parks: Source) -> None:
    for entry in feed(parks).findall(f"{ATOM}entry"):
        area = properties(entry).find(f"{D}Area")
        assert area.get(f"{M}type") == "Edm.Geography"
        missing = properties(entry).findtext(f"{D}ParkId") == "none"
        assert (area.get(f"{M}null"), area.text is None) == (("true", True) if missing else (None, False))


def test_jsonp_does_not_touch_atom_that_was_asked_for(cafes: Source) -> None:
    reply = cafes.get("jsonp=cb&$format=atom")
    assert (reply.status_code, reply.headers["content-type"].split(";")[0]) == (200, "application/atom+xml")
    assert etree.fromstring(reply.content).tag == f"{ATOM}feed"
