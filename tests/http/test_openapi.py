"""The description as a document; tests/docs hold it against the routes, tests/protocol against a server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from openapi_spec_validator import validate

from geostead import __version__
from geostead.http.openapi.document import describe
from tests.http.door import Door

DOCUMENT = describe(1000)


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of the document."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(child)


def check(schema: Any, value: Any) -> None:
    Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(value)


def test_the_document_is_openapi_3_1() -> None:
    validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert DOCUMENT["info"]["version"] == __version__


def test_every_component_is_referred_to() -> None:
    referred = {node["$ref"] for node in nodes(DOCUMENT) if "$ref" in node}
    made = {f"#/components/{kind}/{name}" for kind, found in DOCUMENT["components"].items() for name in found}
    assert made - referred == {"#/components/securitySchemes/key"}


def test_every_example_of_a_json_body_fits_its_schema() -> None:
    bodies = [node["application/json"] for node in nodes(DOCUMENT) if "example" in node.get("application/json", {})]
    assert len(bodies) > 20
    for body in bodies:
        check(body["schema"], body["example"])


def test_every_example_of_a_parameter_fits_its_schema() -> None:
    for parameter in DOCUMENT["components"]["parameters"].values():
        shown = [example["value"] for example in parameter.get("examples", {}).values()]
        for value in [*shown, *([parameter["example"]] if "example" in parameter else [])]:
            check(parameter["schema"], value)


def test_no_schema_of_a_job_allows_a_null_or_a_third_type() -> None:
    types = [
        schema["properties"]["__type"]["const"]
        for schema in nodes(DOCUMENT)
        if "__type" in schema.get("properties", {})
    ]
    assert {type_.partition(":")[0] for type_ in types} == {"DataflowJob", "DataServiceJob"}
    for name in ("DataflowJob", "DataServiceJob"):
        members = DOCUMENT["components"]["schemas"][name]["properties"].values()
        assert not any("null" in member.get("type", "") for member in members)


def test_the_server_is_where_the_document_is(door: Door) -> None:
    assert [server["url"] for server in DOCUMENT["servers"]] == ["."]
    reply = door.get("//places.test/openapi.json")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.json() == describe(250)


@pytest.mark.parametrize("size", [250, 1000])
def test_the_page_size_that_the_operator_allows_is_told(size: int) -> None:
    assert f"at most {size} here" in describe(size)["components"]["parameters"]["pageSize"]["description"]
