"""``$metadata``: entity types in the Conceptual Schema Definition Language of OData v2 (http-api.md, section 4.4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from geostead.model.data_source import DataSourceVersions
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.model.limits import MAX_STRING_LENGTH
from geostead.wire.listed_versions import ListedVersion, all_versions, shown_version
from geostead.wire.markup import DECLARATION, element, truth

_ROOT = {
    "xmlns:edmx": "http://schemas.microsoft.com/ado/2007/06/edmx",
    "xmlns:m": "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata",
    "Version": "1.0",
}
_SCHEMA = "http://schemas.microsoft.com/ado/2008/09/edm"
_STRING_FACETS = {"MaxLength": str(MAX_STRING_LENGTH), "Unicode": "true", "FixedLength": "false"}

_NOT_IN_IDENTIFIER = re.compile(r"^[0-9]|_(?=x(?:[0-9A-Fa-f]{4}){1,2}_)|[^A-Za-z0-9_]")


def edm_identifier(name: str) -> str:
    """Write a name so that EDM accepts it, as ``XmlConvert.EncodeLocalName`` does: ``Caf-2`` is ``Caf_x002D_2``.

    An underscore that would read as the beginning of such an escape becomes ``_x005F_``, so no two names collide.
    """
    return _NOT_IN_IDENTIFIER.sub(lambda found: f"_x{ord(found[0]):04X}_", name)


def encode_account(sources: Sequence[DataSourceVersions]) -> bytes:
    """Encode the entity types of all data sources of an account. Each has a published or a staged version."""
    return _document([shown_version(source)] for source in sources)


def encode_data_source(source: DataSourceVersions, *, show_all_versions: bool = False) -> bytes:
    """Encode one data source; with ``show_all_versions`` there is an EntityContainer for each version."""
    return _document([all_versions(source) if show_all_versions else [shown_version(source)]])


class _Names:
    """Names that are taken. EDM compares them exactly; some of its readers ignore case, and so do we."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, name: str) -> str:
        """Return the name, or the name with ``_2``, ``_3`` … where it is taken."""
        free, number = name, 1
        while free.lower() in self._taken:
            number += 1
            free = f"{name}_{number}"
        self._taken.add(free.lower())
        return free


def _document(sources: Iterable[Sequence[ListedVersion]]) -> bytes:
    namespaces = _Names()
    schemas = [schema for versions in sources for schema in _schemas(versions, namespaces)]
    services = element("edmx:DataServices", {"m:DataServiceVersion": "1.0"}, schemas)
    return (DECLARATION + element("edmx:Edmx", _ROOT, [services])).encode()


def _schemas(versions: Sequence[ListedVersion], namespaces: _Names) -> Iterator[str]:
    """Write the schema of the types and the schema of the containers of one data source."""
    source = edm_identifier(versions[0].data_source.name)
    types_namespace, containers_namespace = namespaces.take(f"{source}DataSource"), namespaces.take(source)
    type_names = _type_names([listed.version.entity_type for listed in versions])
    types = [_entity_type(type_, name) for type_, name in type_names.items()]
    yield element("Schema", {"Namespace": types_namespace, "xmlns": _SCHEMA}, types)

    names = _Names()
    containers = []
    for listed in versions:
        qualified_type = f"{types_namespace}.{type_names[listed.version.entity_type]}"
        is_default = listed is versions[0]
        containers.append(_container(listed, names.take(f"{source}Context"), qualified_type, is_default=is_default))
    yield element("Schema", {"Namespace": containers_namespace, "xmlns": _SCHEMA}, containers)


def _type_names(entity_types: Iterable[EntityType]) -> dict[EntityType, str]:
    """Name each distinct type; versions may differ in properties under one name."""
    names = _Names()
    return {type_: names.take(edm_identifier(type_.name)) for type_ in dict.fromkeys(entity_types)}


def _entity_type(entity_type: EntityType, name: str) -> str:
    key = element("Key", {}, [element("PropertyRef", {"Name": edm_identifier(entity_type.key_name)})])
    properties = [_property(p, nullable=p.name != entity_type.key_name) for p in entity_type.properties]
    return element("EntityType", {"Name": name}, [key, *properties])


def _property(declared: Property, *, nullable: bool) -> str:
    attributes = {"Name": edm_identifier(declared.name), "Type": declared.type.value, "Nullable": truth(nullable)}
    return element("Property", attributes | (_STRING_FACETS if declared.type is EdmType.STRING else {}))


def _container(listed: ListedVersion, name: str, qualified_type: str, *, is_default: bool) -> str:
    attributes = {
        "Name": name,
        "m:IsDefaultEntityContainer": truth(is_default),
        "IsPublic": truth(listed.is_public),
        "JobID": listed.version.job_id,
    }
    set_name = edm_identifier(listed.version.entity_type.name)
    entity_set = element("EntitySet", {"Name": set_name, "EntityType": qualified_type})
    return element("EntityContainer", attributes, [entity_set])
