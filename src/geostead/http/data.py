"""Service documents and ``$metadata``: what URLs below ``/REST/v1/data`` tell (http-api.md, sections 4.3 and 4.4)."""

from __future__ import annotations

from starlette.responses import Response

from geostead.http.authorize import key_of
from geostead.http.call import Call
from geostead.http.negotiation import Format, format_of
from geostead.http.parameters import choice, wants_all_versions
from geostead.http.replies import JSON, XML, document
from geostead.model.data_source import DataSourceVersions
from geostead.operations.describe_data_source import describe_data_source
from geostead.operations.list_data_sources import list_data_sources
from geostead.operations.list_public_data_sources import list_public_data_sources
from geostead.wire import metadata_edmx, service_atom, service_json

_ATOM_SERVICE = "application/atomsvc+xml; charset=utf-8"
_METADATA_FORMATS = {"xml": True, "atom": True}


def get_data_sources(call: Call) -> Response:
    """List the data sources of the key's account."""
    found = list_data_sources(call.services, key_of(call))
    if format_of(call.parameters) is Format.JSON:
        return document(service_json.encode_account(found, call.links), JSON)
    return document(service_atom.encode_account(found, call.links), _ATOM_SERVICE)


def get_public_data_sources(call: Call) -> Response:
    """List the public data sources of all accounts."""
    key_of(call)
    found = list_public_data_sources(call.services)
    if format_of(call.parameters) is Format.JSON:
        return document(service_json.encode_public(found, call.links), JSON)
    return document(service_atom.encode_public(found, call.links), _ATOM_SERVICE)


def get_data_source(call: Call) -> Response:
    """Describe one data source."""
    found = _described(call)
    every = wants_all_versions(call.parameters)
    if format_of(call.parameters) is Format.JSON:
        return document(service_json.encode_data_source(found, call.links, show_all_versions=every), JSON)
    return document(service_atom.encode_data_source(found, call.links, show_all_versions=every), _ATOM_SERVICE)


def get_all_metadata(call: Call) -> Response:
    """Describe the entity types of all data sources of the key's account."""
    found = list_data_sources(call.services, key_of(call))
    choice(call.parameters, _METADATA_FORMATS, "$format")
    return document(metadata_edmx.encode_account(found), XML)


def get_metadata(call: Call) -> Response:
    """Describe the entity type of one data source."""
    found = _described(call)
    choice(call.parameters, _METADATA_FORMATS, "$format")
    every = wants_all_versions(call.parameters)
    return document(metadata_edmx.encode_data_source(found, show_all_versions=every), XML)


def _described(call: Call) -> DataSourceVersions:
    found = describe_data_source(call.services, key_of(call), call.path["access_id"], call.path["name"])
    call.asker.source = found.data_source.name
    return found
