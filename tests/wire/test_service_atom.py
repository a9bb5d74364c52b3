"""The service document as AtomPub."""

from collections.abc import Callable

from lxml import etree

from geostead.wire.branding import DISCLAIMER
from geostead.wire.service_atom import encode_account, encode_data_source, encode_public
from tests.wire.examples import ALL_VERSIONS, LINKS, PUBLISHED, STAGED

APP = "{http://www.w3.org/2007/app}"
ATOM = "{http://www.w3.org/2005/Atom}"
BSI = "{http://schemas.microsoft.com/bing/spatial/2010/11/odata}"


def workspaces(document: bytes) -> list[etree._Element]:
    root = etree.fromstring(document)
    assert root.tag == f"{APP}service"
    assert root[0].tag == f"{BSI}copyright"
    return root.findall(f"{APP}workspace")


def test_golden_service_documents(golden: Callable[[str, bytes], None]) -> None:
    golden("account-service.xml", encode_account([PUBLISHED, STAGED], LINKS))
    golden("data-source-service.xml", encode_data_source(PUBLISHED, LINKS))
    golden("data-source-service-all-versions.xml", encode_data_source(ALL_VERSIONS, LINKS, show_all_versions=True))
    golden("public-service.xml", encode_public([PUBLISHED], LINKS))


def test_c16_an_account_has_a_workspace_for_each_data_source() -> None:
    published, staged = workspaces(encode_account([PUBLISHED, STAGED], LINKS))
    assert dict(published.attrib) == {f"{BSI}updated": "2010-11-12T20:05:06Z", f"{BSI}isPublic": "true"}
    assert dict(staged.attrib) == {f"{BSI}uploaded": "2010-11-12T20:05:06Z", f"{BSI}isPublic": "false"}
    assert published.find(f"{ATOM}jobId") is None


def test_c16_the_list_of_public_data_sources_has_both_dates_and_a_disclaimer() -> None:
    (workspace,) = workspaces(encode_public([PUBLISHED], LINKS))
    assert dict(workspace.attrib) == {
        f"{BSI}uploaded": "2010-11-12T20:03:56Z",
        f"{BSI}updated": "2010-11-12T20:05:06Z",
        f"{BSI}isPublic": "true",
    }
    assert workspace.findtext(f"{ATOM}disclaimer") == DISCLAIMER
    assert [e.tag.rpartition("}")[2] for e in workspace] == ["title", "description", "disclaimer", "collection"]


def test_c16_the_href_of_a_collection_is_namespace_qualified_and_absolute() -> None:
    (workspace,) = workspaces(encode_data_source(PUBLISHED, LINKS))
    collection = workspace.find(f"{APP}collection")
    assert collection is not None
    url = "http://places.example:8080/REST/v1/data/0123456789abcdef0123456789abcdef/Shops~1/Shops"
    assert dict(collection.attrib) == {f"{APP}href": url}
    assert collection.findtext(f"{ATOM}title") == "Shops"


def test_c16_one_data_source_tells_its_job_and_its_place() -> None:
    (workspace,) = workspaces(encode_data_source(PUBLISHED, LINKS))
    assert workspace.get(f"{BSI}isActive") == "true"
    assert workspace.get(f"{BSI}isStagingDataSource") == "false"
    children = [e.tag.rpartition("}")[2] for e in workspace]
    assert children == ["title", "jobId", "description", "collection"]


def test_c16_all_versions_are_published_staged_and_previous_newest_first() -> None:
    found = workspaces(encode_data_source(ALL_VERSIONS, LINKS, show_all_versions=True))
    assert [w.findtext(f"{ATOM}jobId") for w in found] == ["a" * 32, "b" * 32, "c" * 32, "d" * 32]
    assert [w.get(f"{BSI}isActive") for w in found] == ["true", "false", "false", "false"]
    assert [w.get(f"{BSI}isStagingDataSource") for w in found] == ["false", "true", "false", "false"]
    assert [w.get(f"{BSI}isPublic") for w in found] == ["true", "false", "true", "true"]


def test_without_asking_only_the_published_version_is_shown() -> None:
    (workspace,) = workspaces(encode_data_source(ALL_VERSIONS, LINKS))
    assert workspace.findtext(f"{ATOM}jobId") == "a" * 32


def test_a_data_source_that_is_only_staged_is_shown_as_such() -> None:
    (workspace,) = workspaces(encode_data_source(STAGED, LINKS))
    assert workspace.get(f"{BSI}isStagingDataSource") == "true"


def test_an_account_without_data_sources_has_no_workspace() -> None:
    assert workspaces(encode_account([], LINKS)) == []
