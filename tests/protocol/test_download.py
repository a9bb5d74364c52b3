"""http-api.md section 3 and data-formats.md section 3: downloads."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from lxml import etree

from tests.protocol.api import DOWNLOAD, ROOT, Api, Source, pipe
from tests.protocol.cafes import CAFES, TYPES
from tests.protocol.envelopes import TYPE, error_details, json_envelope
from tests.servers import resource

XS = "{http://www.w3.org/2001/XMLSchema}"
MSDATA = "{urn:schemas-microsoft-com:xml-msdata}"
XS_TYPES = {"String": "string", "Int64": "long", "Double": "double", "Boolean": "boolean", "DateTime": "dateTime"}


@pytest.fixture(scope="module")
def downloaded(cafes: Source) -> bytes:
    return cafes.api.download(cafes).content


@pytest.fixture(scope="module")
def document(downloaded: bytes) -> Any:
    return etree.fromstring(downloaded)


def ask(source: Source, root: str = DOWNLOAD, query: str = "") -> Any:
    return source.api.get(f"{root}{source.path.removeprefix('/data')}?{query}")


@pytest.mark.parametrize("root", [DOWNLOAD, "/data/DataSourceDownload", "/dataflows/datasourcedownload"])
def test_a_download_is_201_with_a_job_and_its_location(cafes: Source, root: str) -> None:
    reply = ask(cafes, root)
    envelope = json_envelope(reply)
    assert (reply.status_code, envelope["statusDescription"]) == (201, "Created")
    job = resource(reply)
    assert next(iter(job.items())) == ("__type", f"DataflowJob:{TYPE}")
    assert job["status"] == "Pending"
    assert reply.headers["location"] == f"{cafes.api.server.url}{ROOT}{DOWNLOAD}/{job['id']}"


def test_the_request_answers_in_xml_when_asked(cafes: Source) -> None:
    assert ask(cafes, query="output=xml").headers["content-type"].startswith("application/xml")


def test_c22_a_finished_download_links_to_its_output_without_query_string(cafes: Source) -> None:
    job = cafes.api.server.finished(str(cafes.api.key), resource(ask(cafes))["id"], "DataSourceDownload")
    assert (job["status"], job["name"]) == ("Completed", "Cafes")
    (url,) = [link["url"] for link in job["links"] if (link["role"], link.get("name")) == ("output", "succeeded")]
    assert url == f"{cafes.api.server.url}{ROOT}{DOWNLOAD}/{job['id']}/output/succeeded"
    reply = cafes.api.server.client.get(f"{url}?key={cafes.api.key}")
    assert (reply.status_code, reply.headers["content-type"].split(";")[0]) == (200, "application/xml")


def test_with_a_name_in_place_of_the_id_the_newest_download_answers(api: Api) -> None:
    source = api.source("Newest", pipe("EntityID(Edm.String,primaryKey)", "1|1|2"))
    for _ in range(3):
        newest = resource(ask(source))["id"]
    assert resource(api.get(f"{DOWNLOAD}/Newest"))["id"] == newest
    assert resource(api.get(f"{DOWNLOAD}/newest"))["id"] == newest
    assert api.get(f"{DOWNLOAD}/Neverloaded").status_code == 404


def test_a_former_version_is_downloaded_by_its_job_id(api: Api) -> None:
    first = api.source("Former", pipe("EntityID(Edm.String,primaryKey)", "old|1|2"))
    second = api.source("Former", pipe("EntityID(Edm.String,primaryKey)", "new|1|2"))
    for job_id, expected in ((first.job["id"], "old"), (second.job["id"], "new")):
        started = resource(ask(second, query=f"jobId={job_id}"))
        job = api.server.finished(str(api.key), started["id"], "DataSourceDownload")
        content = api.get(f"{DOWNLOAD}/{job['id']}/output/succeeded").content
        assert etree.fromstring(content).findtext("Place/EntityID") == expected


def test_a_version_that_does_not_exist_is_404(cafes: Source, parks: Source) -> None:
    for job_id in ("0" * 32, parks.job["id"]):
        reply = ask(cafes, query=f"jobId={job_id}")
        assert reply.status_code == 404
        assert error_details(reply)


def test_an_output_that_is_not_there_is_404(cafes: Source) -> None:
    job_id = resource(ask(cafes))["id"]
    reply = cafes.api.get(f"{DOWNLOAD}/{job_id}/output/failed")
    assert reply.status_code == 404
    assert error_details(reply)


def test_a_download_is_compressed_only_when_asked(cafes: Source) -> None:
    job_id = resource(ask(cafes))["id"]
    cafes.api.server.finished(str(cafes.api.key), job_id, "DataSourceDownload")
    url = f"{DOWNLOAD}/{job_id}/output/succeeded"
    plain = cafes.api.get(url, headers={"Accept-Encoding": "identity"})
    packed = cafes.api.get(url, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.content == packed.content


# dataFormat


@pytest.fixture(scope="module")
def output(cafes: Source) -> str:
    """The URL of the output of a finished download, under the root."""
    job = cafes.api.followed(ask(cafes))
    return f"{DOWNLOAD}/{job['id']}/output/succeeded"


@pytest.mark.parametrize(
    ("query", "media_type"),
    [
        ("", "application/xml"),
        ("dataFormat=xml", "application/xml"),
        ("dataFormat=csv", "text/csv"),
        ("dataformat=GeoJSON", "application/geo+json"),
        ("dataFormat=geoparquet", "application/vnd.apache.parquet"),
    ],
)
def test_each_data_format_has_its_media_type_for_get_and_head(
    api: Api, output: str, query: str, media_type: str
) -> None:
    for method in ("GET", "HEAD"):
        reply = api.request(method, f"{output}?{query}")
        assert (reply.status_code, reply.headers["content-type"].split(";")[0]) == (200, media_type)
        assert bool(reply.content) == (method == "GET")


def test_an_unknown_data_format_is_400_and_names_the_known_ones(api: Api, output: str) -> None:
    reply = api.get(f"{output}?dataFormat=ods")
    assert reply.status_code == 400
    assert "xml, csv, geojson or geoparquet" in error_details(reply)[0]


def test_geojson_is_a_feature_collection_with_a_feature_for_each_entity(api: Api, output: str) -> None:
    document = json.loads(api.get(f"{output}?dataFormat=geojson").content)
    assert document["type"] == "FeatureCollection"
    assert [feature["properties"]["Name"] or "" for feature in document["features"]] == [cafe["Name"] for cafe in CAFES]


def test_geoparquet_is_a_parquet_file(api: Api, output: str) -> None:
    content = api.get(f"{output}?dataFormat=geoparquet").content
    assert (content[:4], content[-4:]) == (b"PAR1", b"PAR1")


@pytest.mark.parametrize("which", ["cafes", "parks"])
@pytest.mark.parametrize("data_format", ["csv", "geojson", "geoparquet"])
def test_every_data_format_loads_again(request: pytest.FixtureRequest, data_format: str, which: str) -> None:
    source: Source = request.getfixturevalue(which)
    job = source.api.followed(ask(source))
    content = source.api.get(f"{DOWNLOAD}/{job['id']}/output/succeeded?dataFormat={data_format}").content
    again = source.api.load(f"{which}-as-{data_format}", content, f"input={data_format}")
    assert (again["status"], again["failedEntityCount"]) == ("Completed", 0), source.api.error_log(again)
    assert again["totalEntityCount"] == job["totalEntityCount"]


# The file


def test_the_schema_is_the_first_child_and_nothing_stands_before_it(downloaded: bytes, document: Any) -> None:
    assert document[0].tag == f"{XS}schema"
    assert b"<xs:schema" in downloaded
    assert b"<!--" not in downloaded
    assert re.findall(rb"<\?(?!xml )", downloaded) == []
    assert re.match(rb"(<\?xml [^>]*\?>\s*)?<[^?!>]+>\s*<xs:schema", downloaded)


def test_the_schema_declares_one_entity_element_with_its_properties_in_order(document: Any) -> None:
    (dataset,) = document[0].findall(f"{XS}element")
    assert dataset.get(f"{MSDATA}IsDataSet") == "true"
    (entity,) = dataset.findall(f"{XS}complexType/{XS}choice/{XS}element")
    assert entity.get("name") == "Cafe"
    columns = entity.findall(f"{XS}complexType/{XS}sequence/{XS}element")
    declared = {name: type_.split(",")[0].removeprefix("Edm.") for name, type_ in TYPES.items()}
    assert [(column.get("name"), column.get("type")) for column in columns] == [
        (name, f"xs:{XS_TYPES[type_]}") for name, type_ in declared.items()
    ]


def test_the_key_stands_last_with_its_bare_column_name(document: Any) -> None:
    (dataset,) = document[0].findall(f"{XS}element")
    unique = dataset[-1]
    assert unique.tag == f"{XS}unique"
    assert unique.get(f"{MSDATA}PrimaryKey") == "true"
    assert unique.find(f"{XS}field").get("xpath") == "EntityID"


def test_one_element_per_entity_in_entity_id_order_without_missing_values(document: Any) -> None:
    entities = document.findall("Cafe")
    assert len(entities) == len(document) - 1
    assert [entity.findtext("EntityID") for entity in entities] == [cafe["EntityID"] for cafe in CAFES]
    for entity, cafe in zip(entities, CAFES, strict=True):
        assert [child.tag for child in entity] == [name for name in TYPES if cafe[name] not in (None, "")]
        assert all(not child.attrib for child in entity)


def test_booleans_are_words_and_dates_end_in_z(document: Any) -> None:
    assert {element.text for element in document.iter("Open")} == {"true", "false"}
    dates = {entity.findtext("EntityID"): entity.findtext("Since") for entity in document.findall("Cafe")}
    assert all(date.endswith("Z") for date in dates.values() if date)
    assert dates["A1"] == "2015-10-29T21:25:09Z"
    assert dates["D1"] == "2015-10-29T21:25:09.0000001Z"
    assert dates["A2"] == "1969-12-31T23:59:59.9999999Z"


def test_computed_coordinates_are_declared_and_written(parks: Source) -> None:
    root = etree.fromstring(parks.api.download(parks).content)
    columns = [column.get("name") for column in root[0].iter(f"{XS}element")][2:]
    assert columns == ["ParkId", "EntityID", "Area", "Note", "Latitude", "Longitude"]
    square = root.findall("Park")[-1]
    assert (float(square.findtext("Latitude")), float(square.findtext("Longitude"))) == (41, 11)


def test_a_carriage_return_is_written_as_a_reference(api: Api) -> None:
    upload = pipe("EntityID(Edm.String,primaryKey)|Text(Edm.String)", '1|"a\r\nb\tc"|1|2')
    source = api.source("Returns", upload)
    content = api.download(source).content
    assert b"&#13;" in content
    assert b"\r" not in content
    again = api.source("Returns2", content, "input=xml")
    assert again.results()[0]["Text"] == source.results()[0]["Text"] == "a\r\nb\tc"


@pytest.mark.parametrize("which", ["cafes", "parks"])
def test_downloading_and_loading_again_gives_the_same_entities(request: pytest.FixtureRequest, which: str) -> None:
    source: Source = request.getfixturevalue(which)
    content = source.api.download(source).content
    again = source.api.source(f"{which}-again", content, "input=xml")
    assert again.entity_type == source.entity_type
    assert entities(again) == entities(source)
    assert (
        again.api.download(again).content.partition(b"</xs:schema>")[2].rpartition(b"</")[0]
        == (content.partition(b"</xs:schema>")[2].rpartition(b"</")[0])
    )


def entities(source: Source) -> list[str]:
    """The text of each entity, without what depends on where it lies."""
    return [
        repr({name: value for name, value in entity.items() if name != "__metadata"}) for entity in source.results()
    ]
