"""How text is made safe."""

import json
from urllib.parse import unquote

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from geostead.wire import escapes

any_text = st.text(st.characters(exclude_categories=("Cs",)))


@given(any_text)
def test_json_text_reads_back_and_is_ascii_without_bare_slashes(text: str) -> None:
    escaped = escapes.json_text(text)
    assert json.loads(f'"{escaped}"') == text
    assert escaped.isascii()
    assert "/" not in escaped.replace("\\/", "")


@given(
    st.text(
        st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff", include_characters="\r\n")
    )
)
def test_xml_text_reads_back_in_an_element(text: str) -> None:
    assert (etree.fromstring(f"<a>{escapes.xml_text(text)}</a>".encode()).text or "") == text


@given(st.text(st.characters(categories=("L", "N", "P", "S", "Zs"))))
def test_xml_text_reads_back_in_an_attribute(text: str) -> None:
    assert etree.fromstring(f'<a b="{escapes.xml_text(text)}"/>'.encode()).get("b") == text


@given(any_text)
def test_a_url_segment_reads_back_and_has_nothing_that_ends_it(text: str) -> None:
    escaped = escapes.url_segment(text)
    assert unquote(escaped) == text
    assert not set(escaped) & set('/?#"\\<> &')


@pytest.mark.parametrize(
    ("entity_id", "in_url"),
    [("-22067", "-22067"), ("O'Neill", "O''Neill"), ("a/b", "a%2Fb"), ("50 %", "50%20%25"), ("ø+", "%C3%B8%2B")],
)
def test_an_entity_id_in_a_url_has_its_quotes_doubled_and_is_percent_encoded(entity_id: str, in_url: str) -> None:
    assert escapes.entity_id_in_url(entity_id) == in_url


@settings(deadline=None)
@given(st.lists(any_text, min_size=1, max_size=3), st.sampled_from([1, 60]))
def test_columns_are_escaped_as_single_texts_are_few_or_many(texts: list[str], times: int) -> None:
    column = pa.array(texts * times, pa.string())
    assert escapes.json_texts(column).to_pylist() == [escapes.json_text(t) for t in texts] * times
    assert escapes.xml_texts(column).to_pylist() == [escapes.xml_text(t) for t in texts] * times
    assert escapes.entity_ids_in_url(column).to_pylist() == [escapes.entity_id_in_url(t) for t in texts] * times


def test_a_json_document_is_one_compact_ascii_line_with_escaped_slashes() -> None:
    assert escapes.json_document({"a/b": ["ä\\/", None, 1]}) == rb'{"a\/b":["\u00e4\\\/",null,1]}'
