"""The service document as JSON (http-api.md, section 4.3)."""

from __future__ import annotations

from collections.abc import Sequence

from geostead.model.data_source import DataSourceVersions
from geostead.wire.branding import COPYRIGHT, DISCLAIMER
from geostead.wire.dates import http_date
from geostead.wire.escapes import json_document
from geostead.wire.links import Links
from geostead.wire.listed_versions import ListedVersion, all_versions, shown_version
from geostead.wire.markup import truth


def encode_account(sources: Sequence[DataSourceVersions], links: Links) -> bytes:
    """Encode the data sources of an account. Each has a published or a staged version."""
    members = [_data_source(shown_version(source), links) for source in sources]
    return json_document({"d": {"Copyright": COPYRIGHT, "DataSources": members}})


def encode_data_source(source: DataSourceVersions, links: Links, *, show_all_versions: bool = False) -> bytes:
    """Encode one data source, which has a published or a staged version; on demand with an array of all versions."""
    members = {"Copyright": COPYRIGHT, **_data_source(shown_version(source), links)}
    if show_all_versions:
        members["Versions"] = [_version(version) for version in all_versions(source)]
    return json_document({"d": members})


def encode_public(sources: Sequence[DataSourceVersions], links: Links) -> bytes:
    """Encode the list of public data sources, whoever owns them. Each has a published version."""
    members = [_public_source(shown_version(source), links) for source in sources]
    return json_document({"d": {"Copyright": COPYRIGHT, "DataSources": members}})


def _data_source(listed: ListedVersion, links: Links) -> dict[str, object]:
    return {
        "Name": listed.data_source.name,
        "IsPublic": truth(listed.is_public),
        "Updated": http_date(listed.version.created_at),
        **_where(listed, links),
    }


def _public_source(listed: ListedVersion, links: Links) -> dict[str, object]:
    """Return the members in the list of public data sources, where alone ``IsPublic`` is a real boolean."""
    return {
        "Name": listed.data_source.name,
        "Disclaimer": DISCLAIMER,
        "IsPublic": listed.is_public,
        "Uploaded": http_date(listed.data_source.created_at),
        "Updated": http_date(listed.version.created_at),
        **_where(listed, links),
    }


def _where(listed: ListedVersion, links: Links) -> dict[str, object]:
    source, type_name = listed.data_source, listed.version.entity_type.name
    return {
        "EntitySets": [type_name],
        "AccessId": source.access_id,
        "QueryUrl": links.entity_set(source.access_id, source.name, type_name),
    }


def _version(listed: ListedVersion) -> dict[str, object]:
    return {
        "JobId": listed.version.job_id,
        "IsActive": listed.is_active,
        "IsStaging": listed.is_staged,
        "EntityCount": listed.version.entity_count,
        "Uploaded" if listed.is_staged else "Updated": http_date(listed.version.created_at),
    }
