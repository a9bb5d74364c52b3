"""The service document as AtomPub (http-api.md, section 4.3: C16)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from geostead.model.data_source import DataSourceVersions
from geostead.wire.branding import COPYRIGHT, DISCLAIMER
from geostead.wire.dates import iso_date
from geostead.wire.links import Links
from geostead.wire.listed_versions import ListedVersion, all_versions, shown_version
from geostead.wire.markup import DECLARATION, element, text_element, truth

_NAMESPACES = {
    "xmlns:app": "http://www.w3.org/2007/app",
    "xmlns:atom": "http://www.w3.org/2005/Atom",
    "xmlns:bsi": "http://schemas.microsoft.com/bing/spatial/2010/11/odata",
}


def encode_account(sources: Sequence[DataSourceVersions], links: Links) -> bytes:
    """Encode the data sources of an account: a workspace for each. Each has a published or a staged version."""
    return _service(_account_workspace(shown_version(source), links) for source in sources)


def encode_data_source(source: DataSourceVersions, links: Links, *, show_all_versions: bool = False) -> bytes:
    """Encode one data source, which has a published or a staged version: a workspace, or one for each version."""
    listed = all_versions(source) if show_all_versions else [shown_version(source)]
    return _service(_version_workspace(version, links) for version in listed)


def encode_public(sources: Sequence[DataSourceVersions], links: Links) -> bytes:
    """Encode the list of public data sources, whoever owns them. Each has a published version."""
    return _service(_public_workspace(shown_version(source), links) for source in sources)


def _service(workspaces: Iterable[str]) -> bytes:
    children = [text_element("bsi:copyright", COPYRIGHT), *workspaces]
    return (DECLARATION + element("app:service", _NAMESPACES, children)).encode()


def _account_workspace(listed: ListedVersion, links: Links) -> str:
    attributes = {**_date(listed), "bsi:isPublic": truth(listed.is_public)}
    return _workspace(listed, links, attributes)


def _version_workspace(listed: ListedVersion, links: Links) -> str:
    attributes = {
        "bsi:isStagingDataSource": truth(listed.is_staged),
        "bsi:isActive": truth(listed.is_active),
        "bsi:isPublic": truth(listed.is_public),
        **_date(listed),
    }
    return _workspace(listed, links, attributes, job_id=listed.version.job_id)


def _public_workspace(listed: ListedVersion, links: Links) -> str:
    attributes = {
        "bsi:uploaded": iso_date(listed.data_source.created_at),
        **_date(listed),
        "bsi:isPublic": truth(listed.is_public),
    }
    return _workspace(listed, links, attributes, disclaimer=DISCLAIMER)


def _workspace(
    listed: ListedVersion,
    links: Links,
    attributes: Mapping[str, str],
    *,
    job_id: str | None = None,
    disclaimer: str | None = None,
) -> str:
    source, type_name = listed.data_source, listed.version.entity_type.name
    texts = {"title": source.name, "jobId": job_id, "description": source.description, "disclaimer": disclaimer}
    href = links.entity_set(source.access_id, source.name, type_name)
    collection = element("app:collection", {"app:href": href}, [text_element("atom:title", type_name)])
    children = [text_element(f"atom:{name}", text) for name, text in texts.items() if text is not None]
    return element("app:workspace", attributes, [*children, collection])


def _date(listed: ListedVersion) -> dict[str, str]:
    return {"bsi:uploaded" if listed.is_staged else "bsi:updated": iso_date(listed.version.created_at)}
