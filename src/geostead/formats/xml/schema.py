"""The inline schema of an XML data set: read from its elements, and written (data-formats.md, section 3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from geostead.errors import InvalidSchema
from geostead.formats.rows.type_names import TYPES_OF_XML, find_type
from geostead.formats.xml.stream import local_name, namespace_of
from geostead.model.entity_type import EdmType, EntityType, Property, declared_property

XSD_NAMESPACES = ("http://www.w3.org/2001/XMLSchema", "https://www.w3.org/2001/XMLSchema")

_XML_TYPES = {
    EdmType.STRING: 'type="xs:string"',
    EdmType.INT64: 'type="xs:long"',
    EdmType.BOOLEAN: 'type="xs:boolean"',
    EdmType.DOUBLE: 'type="xs:double"',
    EdmType.DATETIME: 'msdata:DateTimeMode="Utc" type="xs:dateTime"',
    EdmType.GEOGRAPHY: 'type="xs:anyType"',
}
_ATTRIBUTES = frozenset(("name", "type", "base", "xpath", "IsDataSet", "PrimaryKey"))
_GROUPS = ("choice", "sequence", "all")


@dataclass(frozen=True, slots=True)
class SchemaElement:
    """An element of the schema; names without namespaces."""

    name: str
    attributes: Mapping[str, str]
    """Those that mean something here: what an upload adds to them is not kept."""
    children: list[SchemaElement] = field(default_factory=list)

    @staticmethod
    def make(name: str, attributes: Mapping[str, str]) -> SchemaElement:
        """Make an element of the names, with namespaces, and the attributes that the parser gives."""
        by_name = ((local_name(key), value) for key, value in attributes.items())
        return SchemaElement(local_name(name), {key: value for key, value in by_name if key in _ATTRIBUTES})

    def find(self, *names: str) -> Iterator[SchemaElement]:
        """Return the children of these names."""
        return (child for child in self.children if child.name in names)

    def is_marked(self, attribute: str) -> bool:
        """Tell whether an attribute says true."""
        return self.attributes.get(attribute, "").strip().lower() in ("true", "1")


@dataclass(frozen=True, slots=True)
class DeclaredElements:
    """What a schema declares."""

    entity_name: str
    properties: tuple[Property, ...]
    keys: tuple[str, ...]


def is_schema(name: str) -> bool:
    """Tell whether an element name, as :mod:`geostead.formats.xml.stream` gives it, is ``xs:schema``."""
    return local_name(name) == "schema" and namespace_of(name) in XSD_NAMESPACES


def read_schema(schema: SchemaElement) -> DeclaredElements:
    """Return what ``xs:schema`` declares. Raises InvalidSchema."""
    data_set = _only(
        [element for element in schema.find("element") if element.is_marked("IsDataSet")],
        'one xs:element with msdata:IsDataSet="true" in xs:schema',
    )
    groups = [group for complex_type in data_set.find("complexType") for group in complex_type.find(*_GROUPS)]
    entity = _only(
        [element for group in groups for element in group.find("element")],
        "one xs:element, the entity type, in the xs:choice of the data set",
    )
    properties = tuple(
        _read_property(element)
        for complex_type in entity.find("complexType")
        for group in complex_type.find(*_GROUPS)
        for element in group.find("element")
    )
    return DeclaredElements(entity.attributes.get("name", ""), properties, _read_keys(data_set))


def schema_text(entity_type: EntityType, data_set_name: str) -> str:
    """Write the schema as old readers expect it: prefix ``xs``, ``xs:unique`` last, no white space between elements."""
    name = entity_type.name
    properties = "".join(
        f'<xs:element name="{p.name}" {_XML_TYPES[p.type]}'
        + (" />" if p.name == entity_type.key_name else ' minOccurs="0" />')
        for p in entity_type.properties
    )
    return (
        f'<xs:schema id="{data_set_name}" xmlns="" xmlns:xs="{XSD_NAMESPACES[0]}" '
        'xmlns:msdata="urn:schemas-microsoft-com:xml-msdata">'
        f'<xs:element name="{data_set_name}" msdata:IsDataSet="true" msdata:UseCurrentLocale="true">'
        f'<xs:complexType><xs:choice minOccurs="0" maxOccurs="unbounded"><xs:element name="{name}">'
        f"<xs:complexType><xs:sequence>{properties}</xs:sequence></xs:complexType>"
        "</xs:element></xs:choice></xs:complexType>"
        f'<xs:unique name="Constraint1" msdata:PrimaryKey="true"><xs:selector xpath=".//{name}" />'
        f'<xs:field xpath="{entity_type.key_name}" /></xs:unique></xs:element></xs:schema>'
    )


def _only(elements: list[SchemaElement], expected: str) -> SchemaElement:
    if len(elements) != 1:
        names = ", ".join(f"'{element.attributes.get('name', '')[:60]}'" for element in elements[:5]) or "none"
        raise InvalidSchema(f"The XML schema must have {expected}; found {names}.")
    return elements[0]


def _read_property(element: SchemaElement) -> Property:
    name = element.attributes.get("name", "")
    bases = [
        restriction.attributes.get("base", "")  # a length limit makes .NET write a restriction of the type
        for simple_type in element.find("simpleType")
        for restriction in simple_type.find("restriction")
    ]
    given = element.attributes.get("type", bases[0] if bases else "")
    edm_type = find_type(given.rpartition(":")[2])
    if edm_type is None:
        raise InvalidSchema(f"The element '{name[:60]}' has the type '{given[:60]}'; expected {TYPES_OF_XML}.")
    return declared_property(name, edm_type)


def _read_keys(data_set: SchemaElement) -> tuple[str, ...]:
    return tuple(
        _bare(field_.attributes.get("xpath", ""))
        for unique in data_set.find("unique", "key")
        if unique.is_marked("PrimaryKey")
        for field_ in unique.find("field")
    )


def _bare(xpath: str) -> str:
    """Return the last name of a path like ``./mstns:ShopID``."""
    return xpath.rpartition("/")[2].rpartition(":")[2].lstrip("@").strip()
