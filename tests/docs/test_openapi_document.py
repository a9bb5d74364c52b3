"""The description at /openapi.json against the routes of the application and the parameters that it reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from geostead.http.app import _resources
from geostead.http.bare_replies import KEPT
from geostead.http.base_urls import BaseUrls
from geostead.http.entity_paths import read_path
from geostead.http.entity_queries import METHODS
from geostead.http.errors import ANSWERS
from geostead.http.negotiation import Format, Output
from geostead.http.openapi.document import describe
from geostead.http.openapi.queries import PATH, PATH_BY_ID
from geostead.http.options import HttpOptions
from geostead.http.resource import Desk, Nothing
from geostead.model.job import DataFormat, InputFormat, LoadOperation
from geostead.model.limits import MAX_PAGE_SIZE
from geostead.operations.services import Services
from tests.docs.test_http_api_page import read_parameters

DOCUMENT = describe(MAX_PAGE_SIZE)
PARAMETERS = DOCUMENT["components"]["parameters"]
RESPONSES = DOCUMENT["components"]["responses"]


def described() -> Iterator[tuple[str, str]]:
    """Return every method and path of the document."""
    for path, methods in DOCUMENT["paths"].items():
        yield from ((method.upper(), path) for method in methods)


def served(services: Services) -> Iterator[tuple[str, str]]:
    """Return every method and path that the application serves."""
    options = HttpOptions()
    for resource in _resources(Desk(services, options, BaseUrls(options))):
        if not isinstance(resource, Nothing):
            path = re.sub(r"_(\w)", lambda found: found[1].upper(), resource.path)
            yield from ((method, path) for method in resource._methods)
    yield from ((method, path) for path in (PATH, PATH_BY_ID) for method in METHODS)


def enumerated(name: str) -> set[str]:
    return {
        word for component in PARAMETERS.values() if component["name"] == name for word in component["schema"]["enum"]
    }


def test_every_route_and_method_is_described_and_no_other(services: Services) -> None:
    assert sorted(described()) == sorted(served(services))


def test_the_paths_of_queries_are_read_as_described() -> None:
    filled = re.sub(r"\{(\w+)\}", lambda found: found[1], PATH_BY_ID)
    assert read_path(filled.encode()) == ("accessId", "name", "entityType", "entityId")
    assert read_path(filled.partition("(")[0].encode()) == ("accessId", "name", "entityType", None)


def test_every_parameter_that_is_read_is_described_and_no_other() -> None:
    names = {component["name"] for component in PARAMETERS.values() if component["in"] == "query"}
    key = DOCUMENT["components"]["securitySchemes"]["key"]["name"]
    assert {name.lower() for name in names | {key}} == read_parameters()


def test_the_parameters_of_each_path_are_those_of_its_operations() -> None:
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            used = [PARAMETERS[parameter["$ref"].rpartition("/")[2]] for parameter in operation["parameters"]]
            in_path = [parameter["name"] for parameter in used if parameter["in"] == "path"]
            assert sorted(in_path) == sorted(re.findall(r"\{(\w+)\}", path))
            queried = [parameter["name"] for parameter in used if parameter["in"] == "query"]
            assert len(queried) == len(set(queried))


@pytest.mark.parametrize(
    ("name", "words"),
    [("input", InputFormat), ("dataFormat", DataFormat), ("$format", Format), ("loadOperation", LoadOperation)],
)
def test_every_word_of_a_parameter_is_described(name: str, words: Any) -> None:
    assert {word.value for word in words} <= enumerated(name)


def test_the_words_of_output_are_described() -> None:
    assert (
        PARAMETERS["output"]["schema"]["enum"] == PARAMETERS["o"]["schema"]["enum"] == [word.value for word in Output]
    )


def test_every_status_of_an_error_is_described_but_for_methods_that_are_not() -> None:
    described_statuses = {int(name[-3:]) for name in RESPONSES}
    of_the_console = {429}
    assert described_statuses == {answer.status for answer in ANSWERS.values()} - {405} - of_the_console | {500}
    assert "405" in DOCUMENT["info"]["description"]


def test_every_header_of_a_query_reply_is_described() -> None:
    reply = DOCUMENT["paths"][PATH]["get"]["responses"]["200"]
    told = {name.lower() for name in reply["headers"]}
    fixed = {"vary", "access-control-expose-headers", "x-content-type-options"}
    assert {name.decode() for name, _ in KEPT} - fixed <= told
    assert {"etag", "warning", "x-request-id"} <= told
