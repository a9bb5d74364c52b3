"""http-api.md section 4.4: EDMX."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree
from pyodata.v2.model import Config, MetadataBuilder, ParserError, PolicyFatal, PolicyIgnore

from tests.protocol.api import Api, Source, pipe
from tests.protocol.cafes import TYPES
from tests.protocol.envelopes import odata_error

EDMX = "{http://schemas.microsoft.com/ado/2007/06/edmx}"
M = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"
EDM = "{http://schemas.microsoft.com/ado/2008/09/edm}"


def edmx(source: Source, query: str = "") -> Any:
    reply = source.api.get(f"{source.path}/$metadata?{query}")
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"].split(";")[0] == "application/xml"
    return etree.fromstring(reply.content)


def parsed(content: bytes) -> Any:
    """Read metadata as pyodata does, unknown types under its policy for them."""
    policies = {ParserError.PROPERTY: PolicyIgnore()}
    return MetadataBuilder(content, Config(policies, PolicyFatal())).build()


@pytest.mark.parametrize("which", ["cafes", "parks"])
def test_a_standard_odata_v2_parser_reads_it(request: pytest.FixtureRequest, which: str) -> None:
    source: Source = request.getfixturevalue(which)
    schema = parsed(source.api.get(f"{source.path}/$metadata").content)
    entity_set = schema.entity_set(source.entity_type)
    key = entity_set.entity_type.key_proprties
    assert [prop.name for prop in key] == [{"cafes": "EntityID", "parks": "ParkId"}[which]]


def test_properties_have_their_types_in_schema_order(cafes: Source) -> None:
    schema = parsed(cafes.api.get(f"{cafes.path}/$metadata").content)
    properties = schema.entity_set("Cafe").entity_type.proprties()
    declared = {name: type_.split(",")[0] for name, type_ in TYPES.items()}
    assert {prop.name: prop.typ.name for prop in properties} == declared
    named = [prop.get("Name") for prop in edmx(cafes).iter(f"{EDM}Property")]
    assert named == list(TYPES)


def test_latitude_and_longitude_undeclared_stand_after_the_declared_properties(parks: Source) -> None:
    properties = [(prop.get("Name"), prop.get("Type")) for prop in edmx(parks).iter(f"{EDM}Property")]
    assert properties == [
        ("ParkId", "Edm.String"),
        ("EntityID", "Edm.String"),
        ("Area", "Edm.Geography"),
        ("Note", "Edm.String"),
        ("Latitude", "Edm.Double"),
        ("Longitude", "Edm.Double"),
    ]


def test_the_document_has_the_documented_frame(cafes: Source) -> None:
    root = edmx(cafes)
    assert (root.tag, root.get("Version")) == (f"{EDMX}Edmx", "1.0")
    (services,) = root
    assert (services.tag, services.get(f"{M}DataServiceVersion")) == (f"{EDMX}DataServices", "1.0")
    types, sets = services
    assert (types.tag, types.get("Namespace")) == (f"{EDM}Schema", "CafesDataSource")
    assert (sets.tag, sets.get("Namespace")) == (f"{EDM}Schema", "Cafes")
    (entity_type,) = types
    assert (entity_type.tag, entity_type.get("Name")) == (f"{EDM}EntityType", "Cafe")
    assert [ref.get("Name") for ref in entity_type.findall(f"{EDM}Key/{EDM}PropertyRef")] == ["EntityID"]
    (container,) = sets
    assert (container.tag, container.get("Name")) == (f"{EDM}EntityContainer", "CafesContext")
    assert container.get(f"{M}IsDefaultEntityContainer") == "true"
    (entity_set,) = container
    assert (entity_set.get("Name"), entity_set.get("EntityType")) == ("Cafe", "CafesDataSource.Cafe")


def test_strings_have_their_facets_and_only_the_key_is_required(cafes: Source) -> None:
    for prop in edmx(cafes).iter(f"{EDM}Property"):
        facets = {name: prop.get(name) for name in ("MaxLength", "Unicode", "FixedLength")}
        text = {"MaxLength": "2560", "Unicode": "true", "FixedLength": "false"}
        assert facets == (text if prop.get("Type") == "Edm.String" else dict.fromkeys(text))
        assert prop.get("Nullable") == ("false" if prop.get("Name") == "EntityID" else "true")


def test_public_status_and_job_id_stand_on_the_container(cafes: Source) -> None:
    container = next(edmx(cafes).iter(f"{EDM}EntityContainer"))
    extra = {etree.QName(name).localname: value for name, value in container.attrib.items()}
    assert extra["IsPublic"].lower() == "false"
    assert extra["JobID"] == cafes.job["id"]


@pytest.mark.parametrize("value", ["json", "JSON"])
def test_metadata_as_json_is_400(cafes: Source, value: str) -> None:
    for url in (f"{cafes.path}/$metadata", "/data/$metadata"):
        reply = cafes.api.get(f"{url}?$format={value}")
        assert reply.status_code == 400
        code, message = odata_error(reply)
        assert code == "InvalidParameter"
        assert "$format" in message
        assert cafes.api.get(f"{url}?$format=xml").status_code == 200


def test_characters_that_an_edm_identifier_may_not_hold_are_encoded(api: Api) -> None:
    upload = pipe("EntityID(Edm.String,primaryKey)", "1|1|2", entity_type="My-Shop")
    source = api.source("2`a b$-".replace(" ", "_"), upload)
    content = api.get(f"{source.path}/$metadata").content
    schemas = [schema.get("Namespace") for schema in edmx(source).iter(f"{EDM}Schema")]
    assert all("`" not in name and "$" not in name and not name[0].isdigit() for name in schemas)
    assert schemas[1].startswith("_x0032_")
    assert "_x0060_" in schemas[1]
    assert parsed(content).entity_sets


def test_the_metadata_of_the_account_describes_every_data_source(cafes: Source, parks: Source) -> None:
    reply = cafes.api.get("/data/$metadata")
    assert reply.headers["content-type"].split(";")[0] == "application/xml"
    root = etree.fromstring(reply.content)
    names = {container.get("Name") for container in root.iter(f"{EDM}EntityContainer")}
    assert {"CafesContext", "ParksContext"} <= names
    assert {"Cafe", "Park"} <= {entity_set.name for entity_set in parsed(reply.content).entity_sets}


def test_with_show_all_versions_there_is_one_container_per_version(api: Api) -> None:
    jobs = [api.source("Metaversions", pipe("EntityID(Edm.String,primaryKey)", "1|1|2")).job["id"] for _ in range(3)]
    source = api.source("Metaversions", pipe("EntityID(Edm.String,primaryKey)|New(Edm.Int64)", "1|1|1|2"))
    containers = list(edmx(source, "showAllVersions=1").iter(f"{EDM}EntityContainer"))
    assert {container.get("JobID") for container in containers} == {*jobs, source.job["id"]}
