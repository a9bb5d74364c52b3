"""data-formats.md section 3: XML uploads."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.protocol.api import Api, Source

COLUMNS = {
    "Id": "string",
    "Name": "string",
    "Size": "long",
    "Rating": "double",
    "Open": "boolean",
    "At": "dateTime",
    "Area": "anyType",
    "Latitude": "double",
    "Longitude": "double",
}
ROW = (
    "<Shop><Id>s1</Id><Name>Müller &amp; &lt;Co&gt;</Name><Size>-7</Size><Rating>0.1</Rating><Open>true</Open>"
    "<At>2020-01-02T03:04:05.5Z</At><Area>POINT (7 46)</Area><Latitude>1</Latitude><Longitude>2</Longitude></Shop>"
)


def upload(*rows: str, head: str = "", xs: str = "xs", root: str = "Shops") -> bytes:
    """Make an XML file."""
    columns = "".join(f'<{xs}:element name="{name}" type="{xs}:{type_}"/>' for name, type_ in COLUMNS.items())
    text = f"""{head}<{root}>
  <{xs}:schema xmlns:{xs}="http://www.w3.org/2001/XMLSchema" xmlns:msdata="urn:schemas-microsoft-com:xml-msdata">
    <{xs}:element name="{root}" msdata:IsDataSet="true"><{xs}:complexType><{xs}:choice maxOccurs="unbounded">
      <{xs}:element name="Shop"><{xs}:complexType><{xs}:sequence>{columns}</{xs}:sequence></{xs}:complexType>
      </{xs}:element></{xs}:choice></{xs}:complexType>
      <{xs}:unique name="K" msdata:PrimaryKey="true">
        <{xs}:selector xpath=".//Shop"/><{xs}:field xpath="Id"/></{xs}:unique>
    </{xs}:element>
  </{xs}:schema>
  {"".join(rows or (ROW,))}
</{root}>"""
    return text.encode()


def load(api: Api, name: str, content: bytes) -> Source:
    return api.source(name, content, "input=xml")


def test_every_type_is_read(api: Api, new_name: Callable[[], str]) -> None:
    (shop,) = load(api, new_name(), upload()).results()
    shop.pop("__metadata")
    assert list(shop) == list(COLUMNS)
    area = shop.pop("Area")
    assert area.replace(" ", "") == "POINT(746)"
    assert list(shop.values()) == ["s1", "Müller & <Co>", -7, 0.1, True, "/Date(1577934245500)/", 1, 2]


TOLERATED = {
    "declaration": upload(head='<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n'),
    "byte order mark": b"\xef\xbb\xbf" + upload(),
    "another prefix": upload(xs="xsd"),
    "another root": upload(root="NewDataSet"),
    "https namespace": upload().replace(b"http://www.w3.org/2001", b"https://www.w3.org/2001"),
    "minOccurs": upload().replace(b' type="xs:long"', b' type="xs:long" minOccurs="0"'),
    "unknown attribute": upload()
    .replace(b"<Shop>", b'<Shop x="1" xmlns:d="urn:d" d:id="2">')
    .replace(b"<Id>", b'<Id y="1">'),
    "order of elements": upload().replace(b"<Id>s1</Id>", b"").replace(b"</Shop>", b"<Id>s1</Id></Shop>"),
    "CDATA": upload().replace(b"<Id>s1</Id>", b"<Id><![CDATA[s1]]></Id>"),
    "comment between rows": upload("<!-- hello -->", ROW),
}


@pytest.mark.parametrize("case", TOLERATED)
def test_what_exporters_vary_is_tolerated(api: Api, new_name: Callable[[], str], case: str) -> None:
    (shop,) = load(api, new_name(), TOLERATED[case]).results()
    assert (shop["Id"], shop["Name"], shop["Size"]) == ("s1", "Müller & <Co>", -7)


def test_nil_absent_and_empty_elements_are_missing_values(api: Api, new_name: Callable[[], str]) -> None:
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    rows = [
        f'<Shop {xsi}><Id>a</Id><Size xsi:nil="true"/></Shop>',
        "<Shop><Id>b</Id></Shop>",
        "<Shop><Id>c</Id><Size/></Shop>",
    ]
    found = load(api, new_name(), upload(*rows)).results()
    assert [(shop["Id"], shop["Size"], shop["Name"]) for shop in found] == [(i, None, "") for i in "abc"]


def test_a_bad_element_is_counted_and_described(api: Api, new_name: Callable[[], str]) -> None:
    bad = "<Shop><Id>broken-one</Id><Size>many</Size></Shop>"
    source = load(api, new_name(), upload(ROW, bad))
    assert (source.job["failedEntityCount"], len(source.results())) == (1, 1)
    log = source.api.error_log(source.job)
    for word in ("broken-one", "Size", "many"):
        assert word in log


DTD = '<!DOCTYPE Shops [<!ENTITY x "y"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
ABORTED = {
    "dtd": upload(head=DTD),
    "entity": upload(ROW.replace("s1", "&f;"), head=DTD),
    "undefined entity": upload(ROW.replace("s1", "&nope;")),
    "no key": upload().replace(b'msdata:PrimaryKey="true"', b""),
    "key of another column": upload().replace(b'xpath="Id"', b'xpath="Code"'),
    "no rows": upload(" "),
    "no schema": b"<Shops><Shop><Id>1</Id></Shop></Shops>",
    "schema second": b"<Shops><Shop><Id>1</Id></Shop>" + upload()[7:],
    "unknown type": upload().replace(b"xs:long", b"xs:money"),
    "cut short": upload()[:-30],
    "not xml": b"EntityID,Name\n1,x\n",
    "unbalanced": upload("<Shop><Id>1</Shop>"),
    "utf-16": upload().decode().encode("utf-16"),
    "empty element": b"<a/>",
}


@pytest.mark.parametrize("case", ABORTED)
def test_what_cannot_be_read_is_aborted_with_the_reason(api: Api, case: str) -> None:
    source = load(api, "XmlKept", upload())
    job = api.load("XmlKept", ABORTED[case], "input=xml")
    assert (job["status"], bool(job["errorMessage"])) == ("Aborted", True)
    assert "root:" not in api.error_log(job)
    assert source.results()[0]["Id"] == "s1"
