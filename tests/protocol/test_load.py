"""http-api.md sections 3 and 3.1: what a load is asked with, and what it leaves behind."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable

import pytest

from tests.protocol.api import LOAD, ROOT, Api, pipe
from tests.protocol.envelopes import HEX_32, error_details, json_envelope
from tests.servers import resource

COLUMNS = "EntityID(Edm.String,primaryKey)|Name(Edm.String)"
PLACES = pipe(COLUMNS, "1|one|10|20", "2|two|11|21")
HEADER = "Bing Spatial Data Services, 1.0, Place"
AS_CSV = f"""{HEADER}
EntityID(Edm.String,primaryKey),Name(Edm.String),Latitude(Edm.Double),Longitude(Edm.Double)
1,one,10,20
2,two,11,21
""".encode()
AS_TAB = AS_CSV.replace(b",", b"\t").replace(b"\tprimaryKey", b",primaryKey").replace(b"\t ", b", ")
AS_XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<Places>
  <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:msdata="urn:schemas-microsoft-com:xml-msdata">
    <xs:element name="Places" msdata:IsDataSet="true">
      <xs:complexType>
        <xs:choice minOccurs="0" maxOccurs="unbounded">
          <xs:element name="Place">
            <xs:complexType>
              <xs:sequence>
                <xs:element name="EntityID" type="xs:string"/>
                <xs:element name="Name" type="xs:string" minOccurs="0"/>
                <xs:element name="Latitude" type="xs:double" minOccurs="0"/>
                <xs:element name="Longitude" type="xs:double" minOccurs="0"/>
              </xs:sequence>
            </xs:complexType>
          </xs:element>
        </xs:choice>
      </xs:complexType>
      <xs:unique name="Constraint1" msdata:PrimaryKey="true">
        <xs:selector xpath=".//Place"/>
        <xs:field xpath="EntityID"/>
      </xs:unique>
    </xs:element>
  </xs:schema>
  <Place><EntityID>1</EntityID><Name>one</Name><Latitude>10</Latitude><Longitude>20</Longitude></Place>
  <Place><EntityID>2</EntityID><Name>two</Name><Latitude>11</Latitude><Longitude>21</Longitude></Place>
</Places>
"""
FORMATS = {"csv": AS_CSV, "tab": AS_TAB, "pipe": PLACES, "xml": AS_XML}


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "zip": lambda content: zipped(places=content),
}


def test_a_load_is_201_with_a_pending_job_and_its_location(api: Api, new_name: Callable[[], str]) -> None:
    reply = api.post_load(new_name(), PLACES)
    envelope = json_envelope(reply)
    assert (reply.status_code, envelope["statusDescription"]) == (201, "Created")
    assert envelope["resourceSets"][0]["estimatedTotal"] == 1
    job = resource(reply)
    assert job["status"] == "Pending"
    assert reply.headers["location"] == f"{api.server.url}{ROOT}{LOAD}/{job['id']}"


def test_c22_location_is_absolute_without_query_string_so_that_clients_can_append_one(
    api: Api, new_name: Callable[[], str]
) -> None:
    location = api.post_load(new_name(), PLACES, "output=xml").headers["location"]
    assert "?" not in location
    assert "key" not in location
    status = api.server.client.get(f"{location}?output=json&key={api.key}")
    assert HEX_32.fullmatch(resource(status)["id"])


def test_the_first_status_poll_always_finds_the_job(api: Api, new_name: Callable[[], str]) -> None:
    for _ in range(10):
        location = api.post_load(new_name(), PLACES).headers["location"]
        assert api.server.client.get(f"{location}?key={api.key}").status_code == 200


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("input_", FORMATS)
def test_every_format_loads_plain_gzipped_and_in_a_zip(
    api: Api, new_name: Callable[[], str], input_: str, packing: str
) -> None:
    source = api.source(new_name(), PACKINGS[packing](FORMATS[input_]), f"input={input_}")
    assert [(e["EntityID"], e["Name"], e["Latitude"], e["Longitude"]) for e in source.results()] == [
        ("1", "one", 10, 20),
        ("2", "two", 11, 21),
    ]
    assert (source.job["processedEntityCount"], source.job["totalEntityCount"]) == (2, 2)


@pytest.mark.parametrize("header", ["identity", "gzip", "deflate"])
@pytest.mark.parametrize("packing", PACKINGS)
def test_the_first_bytes_decide_about_compression_whatever_the_headers_say(
    api: Api, new_name: Callable[[], str], packing: str, header: str
) -> None:
    source = api.source(new_name(), PACKINGS[packing](PLACES), headers={"Content-Encoding": header})
    assert source.ids() == ["1", "2"]


def test_a_finished_load_answers_queries_at_once(api: Api, new_name: Callable[[], str]) -> None:
    name = new_name()
    for round_ in range(5):
        source = api.source(name, pipe(COLUMNS, f"{round_}|x|1|2"))
        assert source.ids() == [str(round_)]


def test_a_complete_load_replaces_what_was_there_and_keeps_the_access_id(api: Api, new_name: Callable[[], str]) -> None:
    name = new_name()
    first = api.source(name, PLACES)
    second = api.source(name.upper(), pipe("Code(Edm.String,primaryKey)|N(Edm.Int64)", "z|9|1|1", entity_type="Other"))
    assert second.access_id == first.access_id
    assert [(e["Code"], e["N"]) for e in second.results()] == [("z", 9)]
    assert first.get().status_code == 404


def test_loads_of_one_data_source_run_in_the_order_of_acceptance(api: Api, new_name: Callable[[], str]) -> None:
    name = new_name()
    jobs = [resource(api.post_load(name, pipe(COLUMNS, f"{number}|x|1|2"))) for number in range(6)]
    done = [api.server.finished(str(api.key), job["id"]) for job in jobs]
    assert {job["status"] for job in done} == {"Completed"}
    assert api.source_of(done[-1]).ids() == ["5"]


def test_a_query_sees_the_old_version_or_the_new_one_whole(api: Api, new_name: Callable[[], str]) -> None:
    name = new_name()

    def version(number: int) -> bytes:
        return pipe(COLUMNS, *(f"{at:03}|{number}|1|2" for at in range(200 + number)))

    source = api.source(name, version(0))
    posted = [resource(api.post_load(name, version(number)))["id"] for number in range(1, 13)]
    seen: list[int] = []
    while api.server.job(str(api.key), posted[-1])["status"] == "Pending":
        entities = source.results("$top=250")
        (number,) = {int(entity["Name"]) for entity in entities}
        assert len(entities) == 200 + number
        seen.append(number)
    assert seen == sorted(seen)
    assert {entity["Name"] for entity in source.results("$top=250")} == {"12"}


@pytest.mark.parametrize("name", ["a", "x" * 50, "2fast", "-", "a`!$^_={}-~", "Überall"[1:]])
def test_data_source_names_of_1_to_50_documented_characters_are_accepted(api: Api, name: str) -> None:
    assert api.source(name, PLACES).job["name"] == name


@pytest.mark.parametrize("name", ["x" * 51, "a b", "a.b", "a/b", "Zürich", "a&b", "a'b", "<a>", "a\tb", "a%b", "a+b"])
def test_other_data_source_names_are_400(api: Api, name: str) -> None:
    reply = api.post_load(name, PLACES)
    assert reply.status_code == 400
    assert "dataSourceName" in error_details(reply)[0]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("loadOperation=complete&input=pipe", "dataSourceName"),
        ("dataSourceName=X&input=pipe", "loadOperation"),
        ("dataSourceName=X&loadOperation=complete", "input"),
        ("dataSourceName=X&loadOperation=replace&input=pipe", "loadOperation"),
        ("dataSourceName=X&loadOperation=complete&input=docx", "input"),
        ("dataSourceName=X&loadOperation=complete&input=pipe&setPublic=perhaps", "setPublic"),
        ("dataSourceName=NeverLoaded&loadOperation=incremental&input=pipe", "loadOperation"),
    ],
)
def test_a_missing_or_wrong_parameter_is_400_and_is_named(api: Api, query: str, parameter: str) -> None:
    reply = api.request("POST", f"{LOAD}?{query}", content=PLACES)
    assert reply.status_code == 400
    assert parameter in error_details(reply)[0]


def test_neither_body_nor_data_location_is_400(api: Api) -> None:
    reply = api.post_load("Empty", b"")
    assert reply.status_code == 400
    assert "body" in error_details(reply)[0]


def test_both_body_and_data_location_are_400(api: Api) -> None:
    reply = api.post_load("Both", PLACES, "dataLocation=https://example.blob.core.windows.net/a/b.txt")
    assert reply.status_code == 400
    assert "dataLocation" in error_details(reply)[0]
    assert "blob.core" not in error_details(reply)[0]


def test_set_public_0_is_always_fine(api: Api, new_name: Callable[[], str]) -> None:
    assert api.load(new_name(), PLACES, "setPublic=0")["status"] == "Completed"


def test_a_name_refused_leaves_no_data_source_behind(api: Api) -> None:
    api.post_load("Left Behind", PLACES)
    api.request("POST", f"{LOAD}?dataSourceName=LeftBehind&loadOperation=complete&input=pipe", content=b"")
    names = [source["Name"] for source in api.get("/data?$format=json").json()["d"]["DataSources"]]
    assert [name for name in names if name.startswith("Left")] == []
