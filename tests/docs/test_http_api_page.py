"""docs/reference/http-api.md against the routes of the application and the parameters that it reads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from geostead.http.app import _resources
from geostead.http.bare_replies import KEPT
from geostead.http.base_urls import BaseUrls
from geostead.http.entity_paths import read_path
from geostead.http.options import HttpOptions
from geostead.http.resource import Desk, Nothing
from geostead.operations.services import Services
from tests.docs.pages import REFERENCE, ROOT, code_words, prose, rows, sections

PAGE = REFERENCE / "http-api.md"
QUERIES = {
    "`GET /REST/v1/data/{accessId}/{name}/{entityType}`",
    "`GET /REST/v1/data/{accessId}/{name}/{entityType}('{id}')`",
}
READERS = ("find", "flag", "choice", "required")


def routes(services: Services) -> Iterator[str]:
    """Return "GET /path" for every route; ``HEAD`` is said in general."""
    options = HttpOptions()
    for resource in _resources(Desk(services, options, BaseUrls(options))):
        if not isinstance(resource, Nothing):
            path = re.sub(r"_(\w)", lambda found: found[1].upper(), resource.path)
            yield from (f"{method} {path}" for method in resource._methods if method != "HEAD")


def read_parameters() -> set[str]:
    """Return the lower-case names of all parameters that the source of the HTTP door asks for."""
    files = sorted((ROOT / "src" / "geostead" / "http").glob("*.py"))
    return {name.lower() for file in files for name in _names_asked_for(file)}


def _names_asked_for(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call):
            function = ast.unparse(node.func)
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if function.rpartition(".")[2] in READERS:
                yield from texts
            elif function == "get" or function.endswith("parameters.get"):
                yield from texts[:1]
            elif function == "_read_number":  # the first text is what the number is
                yield from texts[1:]


def test_every_route_is_on_the_page_and_no_other(services: Services) -> None:
    headings = {heading for heading in sections(PAGE, 3) if heading.startswith("`") and " /" in heading}
    in_tables = {row[0] for row in rows(PAGE) if row[0].startswith("`GET /")}
    assert (headings | in_tables) - QUERIES == {f"`{route}`" for route in routes(services)}
    assert headings >= QUERIES


def test_the_paths_of_queries_are_read_as_the_page_has_them() -> None:
    assert read_path(b"/REST/v1/data/ab/Shops/CoffeeShop") is not None
    assert read_path(b"/REST/v1/data/ab/Shops/CoffeeShop('1')") is not None
    assert read_path(b"/REST/v1/data/ab/Shops") is None


def test_every_parameter_that_is_read_is_on_the_page() -> None:
    assert read_parameters() <= {word.lower() for word in code_words(prose(PAGE))}


def test_every_parameter_in_a_table_of_the_page_is_read() -> None:
    tables = prose(PAGE).split("| parameter | values | meaning |")[1:]
    firsts = [line.split("|")[1] for table in tables for line in table.strip().split("\n\n")[0].splitlines()]
    listed = {word.lower() for cell in firsts for word in code_words(cell)}
    assert listed
    assert listed <= read_parameters()


def test_every_header_of_a_query_reply_is_on_the_page() -> None:
    listed = {word.lower() for word in code_words(sections(PAGE, 2)["Headers"])}
    assert {name.decode() for name, _ in KEPT} - {"vary"} <= listed
