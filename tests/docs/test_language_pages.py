"""The pages about queries and files against what the parsers and readers know."""

from __future__ import annotations

import re

import pytest

from geostead.formats.rows.type_names import _BY_NAME, find_type
from geostead.model.entity_type import EdmType
from geostead.model.job import InputFormat
from geostead.query.bound import Comparator, TextTest
from geostead.query.parser import parse_filter
from tests.docs.pages import REFERENCE, blocks, code_words, prose, rows

QUERIES = REFERENCE / "query-language.md"
FILES = REFERENCE / "data-formats.md"
FILTERS = re.findall(r"^\$filter=(.+)$", "".join(block.text for block in blocks(QUERIES)), re.MULTILINE)


@pytest.mark.parametrize("text", FILTERS)
def test_every_filter_that_the_page_shows_can_be_read(text: str) -> None:
    assert parse_filter(text) is not None


@pytest.mark.parametrize("word", [*Comparator, *TextTest])
def test_every_operator_and_function_is_in_the_grammar(word: str) -> None:
    grammar = next(block.text for block in blocks(QUERIES) if block.text.startswith("filter "))
    assert f'"{word}"' in grammar


@pytest.mark.parametrize("edm_type", EdmType)
def test_every_type_is_listed_with_all_its_synonyms(edm_type: EdmType) -> None:
    (row,) = (row for row in rows(FILES) if row[0] == f"`{edm_type}`" and re.fullmatch("`[^`]+`", row[1]))
    listed = row[1].strip("`").split()
    assert {name.lower() for name in listed} == {name for name, known in _BY_NAME.items() if known is edm_type}
    assert all(find_type(name) is edm_type for name in listed)


@pytest.mark.parametrize("format_", InputFormat)
def test_every_input_format_is_on_the_page(format_: InputFormat) -> None:
    assert format_.value in code_words(prose(FILES))
