"""``$metadata``."""

import re
import string
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pyodata.v2.model import Config, MetadataBuilder, ParserError, PolicyIgnore, Schema

from geostead.model.data_source import DataSourceVersions
from geostead.wire.metadata_edmx import edm_identifier, encode_account, encode_data_source
from tests.wire.examples import ALL_VERSIONS, PUBLISHED, SHOP, STAGED, data_source, version

EDM = "{http://schemas.microsoft.com/ado/2008/09/edm}"
M = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"
NAME_LETTERS = string.ascii_letters + string.digits + "~`!$^_={}-"


def attributes(document: bytes, tag: str, name: str) -> list[str | None]:
    return [e.get(name) for e in etree.fromstring(document).iter(f"{EDM}{tag}")]


def named(name: str) -> DataSourceVersions:
    return DataSourceVersions(data_source(name), version("a" * 32))


def read_by_pyodata(document: bytes) -> Schema:
    """Read as a client library does; Edm.Geography is younger than OData v2."""
    config = Config(custom_error_policies={ParserError.PROPERTY: PolicyIgnore()})
    return MetadataBuilder(document, config=config).build()


def test_golden_metadata(golden: Callable[[str, bytes], None]) -> None:
    golden("account-metadata.xml", encode_account([PUBLISHED, STAGED]))
    golden("data-source-metadata.xml", encode_data_source(PUBLISHED))
    golden("data-source-metadata-all-versions.xml", encode_data_source(ALL_VERSIONS, show_all_versions=True))


def test_a_standard_odata_parser_reads_the_entity_type_and_its_set() -> None:
    schema = read_by_pyodata(encode_account([PUBLISHED, STAGED]))
    assert schema.namespaces == ["Shops_x007E_1DataSource", "Shops_x007E_1", "DraftDataSource", "Draft"]
    read = schema.entity_type("Shops", namespace="DraftDataSource")
    assert [p.name for p in read.key_proprties] == ["ShopId"]
    assert {p.name for p in read.proprties()} >= set(SHOP.names) - {"Ground"}
    assert schema.entity_set("Shops", namespace="Draft").entity_type is read


def test_properties_are_declared_in_schema_order_with_type_and_nullability() -> None:
    document = encode_data_source(PUBLISHED)
    assert attributes(document, "Property", "Name") == list(SHOP.names)
    assert attributes(document, "Property", "Type") == [p.type.value for p in SHOP.properties]
    assert attributes(document, "Property", "Nullable") == ["false"] + ["true"] * 8
    assert attributes(document, "Property", "MaxLength") == ["2560"] * 2 + [None] * 7


def test_the_container_tells_the_job_and_whether_it_is_public() -> None:
    document = encode_data_source(PUBLISHED)
    assert attributes(document, "EntityContainer", "JobID") == ["a" * 32]
    assert attributes(document, "EntityContainer", "IsPublic") == ["true"]
    assert attributes(document, "EntityContainer", f"{M}IsDefaultEntityContainer") == ["true"]


def test_all_versions_have_a_container_each_and_a_type_for_each_schema() -> None:
    document = encode_data_source(ALL_VERSIONS, show_all_versions=True)
    assert attributes(document, "EntityContainer", "JobID") == ["a" * 32, "b" * 32, "c" * 32, "d" * 32]
    assert len(set(attributes(document, "EntityContainer", "Name"))) == 4
    assert attributes(document, "EntityType", "Name") == ["Shops", "Shops_2"]
    types = [f"Shops_x007E_1DataSource.{name}" for name in ("Shops", "Shops_2", "Shops", "Shops")]
    assert attributes(document, "EntitySet", "EntityType") == types
    assert attributes(document, "EntityContainer", f"{M}IsDefaultEntityContainer") == ["true"] + ["false"] * 3


def test_data_sources_whose_names_meet_get_a_number() -> None:
    document = encode_account([named("A"), named("ADataSource")])
    namespaces = attributes(document, "Schema", "Namespace")
    assert namespaces == ["ADataSource", "A", "ADataSourceDataSource", "ADataSource_2"]
    assert read_by_pyodata(document).namespaces == namespaces


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("Shops_1", "Shops_1"),
        ("Café", "Caf_x00E9_"),
        ("Shop-s", "Shop_x002D_s"),
        ("4Coffee", "_x0034_Coffee"),
        ("a_x002D_b", "a_x005F_x002D_b"),
        ("_private", "_private"),
    ],
)
def test_identifiers_are_escaped_as_xml_names_are_in_dot_net(name: str, identifier: str) -> None:
    assert edm_identifier(name) == identifier


@given(st.text(NAME_LETTERS, min_size=1, max_size=50))
def test_any_name_becomes_an_identifier_and_can_be_told_from_all_others(name: str) -> None:
    identifier = edm_identifier(name)
    assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", identifier)
    assert re.sub(r"_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), identifier) == name


@given(st.lists(st.text(NAME_LETTERS, min_size=1, max_size=8), max_size=5, unique_by=str.lower))
def test_no_namespace_is_used_twice_in_an_account(names: list[str]) -> None:
    namespaces = attributes(encode_account([named(n) for n in names]), "Schema", "Namespace")
    assert len({str(n).lower() for n in namespaces}) == 2 * len(names)


def test_the_entity_set_keeps_its_name_where_that_is_legal() -> None:
    hyphen = replace(SHOP, name="Shop-s")
    source = DataSourceVersions(data_source("Shops"), version("a" * 32, entity_type=hyphen))
    assert attributes(encode_data_source(PUBLISHED), "EntitySet", "Name") == ["Shops"]
    assert attributes(encode_data_source(source), "EntitySet", "Name") == ["Shop_x002D_s"]
