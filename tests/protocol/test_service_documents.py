"""http-api.md section 4.3: service documents."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from tests.protocol.api import ROOT, Api, Source, pipe
from tests.protocol.conftest import Keys
from tests.protocol.envelopes import RFC_1123
from tests.servers import create_account

APP = "{http://www.w3.org/2007/app}"
ATOM = "{http://www.w3.org/2005/Atom}"
BSI = "{http://schemas.microsoft.com/bing/spatial/2010/11/odata}"


@pytest.fixture(scope="module")
def shown(api: Api) -> Source:
    return api.source(
        "Shown`{}", pipe("EntityID(Edm.String,primaryKey)", "1|1|2", "2|1|2"), "setPublic=1&description=Shown to all"
    )


def atom(api: Api, url: str) -> Any:
    reply = api.get(url)
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"].split(";")[0] == "application/atomsvc+xml"
    return etree.fromstring(reply.content)


def workspaces(root: Any) -> dict[str, Any]:
    found = {workspace.findtext(f"{ATOM}title"): workspace for workspace in root.findall(f"{APP}workspace")}
    assert len(found) == len(root.findall(f"{APP}workspace"))
    return found


def test_atom_is_the_default_and_begins_with_the_copyright(cafes: Source) -> None:
    for url in ("/data", "/data?$format=atom", cafes.path):
        root = atom(cafes.api, url)
        assert root.tag == f"{APP}service"
        assert root[0].tag == f"{BSI}copyright"


def test_prefixes_are_the_documented_ones(cafes: Source) -> None:
    text = cafes.api.get(cafes.path).text
    assert 'xmlns:app="http://www.w3.org/2007/app"' in text
    assert 'xmlns:atom="http://www.w3.org/2005/Atom"' in text
    assert 'xmlns:bsi="http://schemas.microsoft.com/bing/spatial/2010/11/odata"' in text
    assert "<app:service" in text


def test_the_list_has_one_workspace_per_data_source_of_the_account(
    cafes: Source, parks: Source, shown: Source, keys: Keys
) -> None:
    assert {"Cafes", "Parks", "Shown`{}"} <= set(workspaces(atom(cafes.api, "/data")))
    assert "Cafes" not in workspaces(atom(cafes.api.with_key(keys.stranger), "/data"))


def test_c16_attributes_of_a_workspace_in_the_list(cafes: Source, shown: Source) -> None:
    found = workspaces(atom(cafes.api, "/data"))
    for name, public in (("Cafes", "false"), ("Shown`{}", "true")):
        assert found[name].get(f"{BSI}isPublic") == public
        assert found[name].get(f"{BSI}updated")
        assert found[name].get(f"{BSI}uploaded") is None


def test_c16_attributes_of_one_data_source(shown: Source) -> None:
    (workspace,) = atom(shown.api, shown.path).findall(f"{APP}workspace")
    attributes = {name.removeprefix(BSI): value for name, value in workspace.attrib.items()}
    assert attributes.pop("updated")
    assert attributes == {"isPublic": "true", "isActive": "true", "isStagingDataSource": "false"}


def test_c16_the_job_id_stands_in_the_document_of_one_data_source_only(shown: Source) -> None:
    (workspace,) = atom(shown.api, shown.path).findall(f"{APP}workspace")
    assert workspace.findtext(f"{ATOM}jobId") == shown.job["id"]
    assert list(atom(shown.api, "/data").iter(f"{ATOM}jobId")) == []


@pytest.mark.parametrize("where", ["list", "one"])
def test_c16_the_collection_has_a_qualified_absolute_href_and_its_entity_type(shown: Source, where: str) -> None:
    workspace = workspaces(atom(shown.api, "/data" if where == "list" else shown.path))["Shown`{}"]
    (collection,) = workspace.findall(f"{APP}collection")
    assert list(collection.attrib) == [f"{APP}href"]
    assert collection.findtext(f"{ATOM}title") == "Place"
    href = collection.get(f"{APP}href")
    assert href.startswith(f"{shown.api.server.url}{ROOT}/data/{shown.access_id}/")
    assert shown.api.server.client.get(f"{href}?$format=json&key={shown.api.key}").json()["d"]["results"][0]


def test_a_workspace_has_the_description_of_the_load(shown: Source) -> None:
    (workspace,) = atom(shown.api, shown.path).findall(f"{APP}workspace")
    assert workspace.findtext(f"{ATOM}description") == "Shown to all"


def test_the_list_in_json(cafes: Source, shown: Source) -> None:
    reply = cafes.api.get("/data?$format=json")
    assert reply.headers["content-type"].startswith("application/json")
    d = reply.json()["d"]
    assert d["Copyright"]
    found = {source["Name"]: source for source in d["DataSources"]}
    for source, public in ((cafes, "false"), (shown, "true")):
        member = found[source.job["name"]]
        assert member["IsPublic"] == public
        assert RFC_1123.fullmatch(member["Updated"])
        assert member["EntitySets"] == [source.entity_type]
        assert member["AccessId"] == source.access_id


def test_one_data_source_in_json_has_the_same_members_directly_under_d(shown: Source) -> None:
    d = shown.api.get(f"{shown.path}?$format=json").json()["d"]
    assert (d["Name"], d["IsPublic"], d["EntitySets"]) == ("Shown`{}", "true", ["Place"])
    assert RFC_1123.fullmatch(d["Updated"])
    assert d["Copyright"]
    assert d["AccessId"] == shown.access_id
    query = shown.api.server.client.get(f"{d['QueryUrl']}?$format=json&key={shown.api.key}")
    assert len(query.json()["d"]["results"]) == 2


@pytest.mark.parametrize("value", ["true", "1", "3", "TRUE"])
def test_show_all_versions_lists_the_versions(shown: Source, value: str) -> None:
    d = shown.api.get(f"{shown.path}?$format=json&showAllVersions={value}").json()["d"]
    published = next(version for version in d["Versions"] if version["IsActive"])
    assert (published["JobId"], published["EntityCount"], published["IsStaging"]) == (shown.job["id"], 2, False)
    (workspace,) = atom(shown.api, f"{shown.path}?showAllVersions={value}").findall(f"{APP}workspace")
    assert workspace.findtext(f"{ATOM}jobId") == shown.job["id"]


@pytest.mark.parametrize("value", ["false", "0", "FALSE", ""])
def test_show_all_versions_is_off_for_false_and_0(shown: Source, value: str) -> None:
    assert "Versions" not in shown.api.get(f"{shown.path}?$format=json&showAllVersions={value}").json()["d"]


def test_show_all_versions_has_a_workspace_for_the_published_and_each_of_up_to_three_previous_versions(
    api: Api,
) -> None:
    upload = pipe("EntityID(Edm.String,primaryKey)", "1|1|2")
    jobs = [api.source("Versioned", upload).job["id"] for _ in range(5)]
    source = api.source("Versioned", upload)
    found = atom(api, f"{source.path}?showAllVersions=true").findall(f"{APP}workspace")
    active = {workspace.findtext(f"{ATOM}jobId"): workspace.get(f"{BSI}isActive") for workspace in found}
    assert active == {**dict.fromkeys(jobs[-3:], "false"), source.job["id"]: "true"}


def test_an_account_without_data_sources_has_an_empty_list(api: Api) -> None:
    empty = api.with_key(create_account(api.server.data_dir, "empty")["master"])
    assert empty.get("/data?$format=json").json()["d"]["DataSources"] == []
    assert workspaces(atom(empty, "/data")) == {}
