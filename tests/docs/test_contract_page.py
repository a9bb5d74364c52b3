"""docs/reference/contract.md against the black-box tests that it names, and against what the server does and reads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from geostead.model.job import DataFormat, InputFormat, LoadOperation
from geostead.model.limits import PROFILES, Limits
from geostead.operations.services import Services
from geostead.wire.management_reply import LISTED_LOADS
from tests.docs.pages import REFERENCE, ROOT, code_words, rows
from tests.docs.test_http_api_page import QUERIES, read_parameters, routes

PAGE = REFERENCE / "contract.md"
BLACK_BOXES = ("tests/protocol/", "tests/acceptance/", "tests/fuzz/")
PROMISES = [row for row in rows(PAGE) if row[1] != "tests"]
SAID = " ".join(row[0] for row in PROMISES)
NAMED = [(row[0], test) for row in PROMISES for test in code_words(row[1])]


def named_in(file: Path) -> Iterator[str]:
    """Return the names of the tests of a file, which is read and not run."""
    tree = ast.parse(file.read_text("utf-8"))
    return (node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


def black_box_tests() -> set[str]:
    files = [file for folder in BLACK_BOXES for file in (ROOT / folder).glob("test_*.py")]
    return {f"{file.relative_to(ROOT)}::{name}" for file in files for name in named_in(file)}


def rule_of(test: str) -> str | None:
    """Return the number of the rule after which a test is named: "C17"; None if it has none."""
    found = re.search(r"::test_c([0-9]+)_", test)
    return found and f"C{found[1]}"


def test_every_promise_names_the_tests_that_show_it_and_nothing_else() -> None:
    assert len(PROMISES) > 150
    for said, *tests in PROMISES:
        assert said
        assert len(tests) == 1
        assert re.fullmatch(r"`[^`]+::test_\w+`(<br>`[^`]+::test_\w+`)*", tests[0]), said


def test_no_promise_names_a_test_twice() -> None:
    assert [pair for pair in NAMED if NAMED.count(pair) > 1] == []


def test_every_test_that_is_named_exists_and_is_a_black_box() -> None:
    assert {test for _, test in NAMED} - black_box_tests() == set()


def test_every_route_has_a_promise(services: Services) -> None:
    promised = set(code_words(SAID))
    assert set(routes(services)) | {query.strip("`") for query in QUERIES} <= promised


def test_every_parameter_that_is_read_has_a_promise() -> None:
    assert read_parameters() <= {word.lower() for word in code_words(SAID)}


@pytest.mark.parametrize("word", [*LoadOperation, *InputFormat, *DataFormat, *LISTED_LOADS.values(), *PROFILES])
def test_every_word_that_a_parameter_or_a_reply_may_have_is_promised(word: str) -> None:
    assert word in code_words(SAID)


@pytest.mark.parametrize("limit", [field.name for field in fields(Limits)])
def test_every_limit_has_a_promise_with_the_number_of_each_profile(limit: str) -> None:
    (said,) = (said for said, _ in PROMISES if f"`{limit}`" in said)
    numbers = [getattr(profile, limit) for profile in PROFILES.values()]
    if limit != "upload_bytes":
        assert ", ".join("none" if number is None else f"{number:,}" for number in numbers) in said


def test_each_numbered_rule_names_all_the_tests_that_have_its_number() -> None:
    numbered = {(rule, test) for test in black_box_tests() if (rule := rule_of(test)) is not None}
    by_rule = {(said.partition(":")[0], test) for said, test in NAMED}
    assert numbered <= by_rule


def test_each_numbered_rule_is_shown_by_tests_of_its_number() -> None:
    rules = {said.partition(":")[0] for said, _ in NAMED if re.match("C[0-9]+:", said)}
    assert rules == {rule_of(test) for test in black_box_tests()} - {None}
