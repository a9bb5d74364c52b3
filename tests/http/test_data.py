"""Service documents and ``$metadata`` through the door (http-api.md, sections 2, 4.3 and 4.4)."""

from __future__ import annotations

import pytest
from lxml import etree

from geostead.http.options import HttpOptions
from geostead.model.data_source import DataSource
from tests.http.door import Door, World

DATA = "/REST/v1/data"


def test_the_service_document_is_atom_unless_json_is_asked_for(door: Door, places: DataSource) -> None:
    atom = door.get(f"{DATA}?key=master")
    assert atom.headers["Content-Type"] == "application/atomsvc+xml; charset=utf-8"
    titles = etree.fromstring(atom.content).findall("{*}workspace/{*}title")
    assert [title.text for title in titles] == ["Places"]
    json = door.get(f"{DATA}?key=master&$format=JSON").json()
    assert [source["AccessId"] for source in json["d"]["DataSources"]] == [places.access_id]


def test_one_data_source_is_described_with_all_its_versions_on_demand(
    door: Door, world: World, places: DataSource
) -> None:
    world.publish("master")
    url = f"{DATA}/{places.access_id.upper()}/PLACES/?key=query"
    assert len(etree.fromstring(door.get(url).content).findall("{*}workspace")) == 1
    assert len(etree.fromstring(door.get(f"{url}&showAllVersions=3").content).findall("{*}workspace")) == 2
    assert len(door.get(f"{url}&showAllVersions=true&$format=json").json()["d"]["Versions"]) == 2
    assert "Versions" not in door.get(f"{url}&showAllVersions=0&$format=json").json()["d"]


def test_public_data_sources_of_all_accounts_are_listed_for_every_key(door: Door, world: World) -> None:
    world.publish("master", "Shown", set_public=True)
    world.publish("stranger", "Theirs", set_public=True)
    world.publish("master", "Hidden")
    url = f"{DATA}/$getpublicdatasourcelist"
    for key in ("master", "third", "stranger"):
        members = door.get(f"{url}?key={key}&$format=json").json()["d"]["DataSources"]
        assert [(member["Name"], member["IsPublic"]) for member in members] == [("Shown", True), ("Theirs", True)]
    atom = door.get(f"{url}?key=query")
    assert atom.headers["Content-Type"] == "application/atomsvc+xml; charset=utf-8"
    assert len(etree.fromstring(atom.content).findall("{*}workspace/{*}disclaimer")) == 2
    assert door.get(f"{url}?$format=json").json()["error"]["code"] == "NoCredentials"


def test_the_staged_version_stands_between_the_published_and_the_previous_ones(door: Door, world: World) -> None:
    world.publish("master")
    source = world.publish("master")
    world.stage("master")
    url = f"{DATA}/{source.access_id}/Places"
    versions = door.get(f"{url}?key=query&showAllVersions=1&$format=json").json()["d"]["Versions"]
    assert [(v["IsActive"], v["IsStaging"]) for v in versions] == [(True, False), (False, True), (False, False)]
    assert [v["JobId"] for v in versions] == world.version_ids(source)
    metadata = etree.fromstring(door.get(f"{url}/$metadata?key=query&showAllVersions=1").content)
    assert [e.get("JobID") for e in metadata.iter("{*}EntityContainer")] == world.version_ids(source)


def test_metadata_is_xml_only(door: Door, places: DataSource) -> None:
    for url in (f"{DATA}/$metadata", f"{DATA}/%24Metadata", f"{DATA}/{places.access_id}/Places/$metadata"):
        reply = door.get(f"{url}?key=third")
        assert reply.headers["Content-Type"] == "application/xml; charset=utf-8"
        assert etree.fromstring(reply.content).find(".//{*}EntityType").get("Name") == "Cafes"
        refused = door.get(f"{url}?key=third&$format=json")
        assert refused.status_code == 400
        assert refused.json()["error"]["code"] == "InvalidParameter"


def test_what_belongs_to_others_is_not_described(door: Door, places: DataSource) -> None:
    assert door.get(f"{DATA}?key=stranger&$format=json").json()["d"]["DataSources"] == []
    for tail in ("", "/$metadata"):
        reply = door.get(f"{DATA}/{places.access_id}/Places{tail}?key=stranger&$format=json")
        assert reply.status_code == 401
        assert reply.json()["error"]["code"] == "NotAuthorized"


def test_a_data_source_without_a_version_is_404_and_not_listed(door: Door, world: World) -> None:
    job = world.load("master", "Early")
    reply = door.get(f"{DATA}/{job.access_id}/Early?key=master&$format=json")
    assert reply.status_code == 404
    assert "no version yet" in reply.json()["error"]["message"]["value"]
    assert door.get(f"{DATA}?key=master&$format=json").json()["d"]["DataSources"] == []


@pytest.mark.parametrize(
    ("url", "status", "code"),
    [
        (f"{DATA}?key=", 401, "NoCredentials"),
        (f"{DATA}?key=x", 401, "InvalidCredentials"),
        (f"{DATA}/{'0' * 32}/Nothing?key=master", 404, "NotFound"),
        (f"{DATA}/{'0' * 32}/Nothing?key=x", 401, "InvalidCredentials"),
        (f"{DATA}?key=master&$format=yaml", 400, "InvalidParameter"),
    ],
)
def test_errors_are_odata_errors_in_the_form_that_format_asks_for(door: Door, url: str, status: int, code: str) -> None:
    xml = door.get(url)
    assert xml.status_code == status
    assert etree.fromstring(xml.content).findtext("{*}code") == code
    if "$format" not in url:
        assert door.get(f"{url}&$format=json").json()["error"]["code"] == code


def test_head_answers_like_get_without_a_body(door: Door, places: DataSource) -> None:
    url = f"{DATA}/{places.access_id}/Places?key=master"
    get, head = door.get(url), door.request("HEAD", url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


def test_the_public_url_stands_in_every_link(world: World, places: DataSource) -> None:

    door = Door(world.services, HttpOptions(public_url="https://example.com/geo"))
    reply = door.get(f"{DATA}?key=master&$format=json").json()
    assert reply["d"]["DataSources"][0]["QueryUrl"].startswith("https://example.com/geo/REST/v1/data/")
