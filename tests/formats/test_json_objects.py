"""Where objects begin and end in GeoJSON text, however it is cut while it is read."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.errors import UnreadableUpload
from geostead.formats.geojson import json_objects
from geostead.formats.geojson.json_objects import MAX_DEPTH, JsonObjects

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(['"', "\\", '\\"', "}{", "]["]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=4), VALUES, max_size=3), max_size=6)


def objects_of(text: str | bytes, *, block_bytes: int = 2**20, max_object_bytes: int = 2**20) -> list[Any]:
    """Return the objects of a text, parsed; the reader gets seven bytes at a time at most."""
    source = io.BytesIO(text.encode() if isinstance(text, str) else text)
    found = JsonObjects(
        lambda size: source.read(min(size, 7)), block_bytes=block_bytes, max_object_bytes=max_object_bytes
    )
    return [json.loads(piece) for block in found for piece in block]


def refusal(text: str | bytes, **sizes: int) -> str:
    with pytest.raises(UnreadableUpload) as caught:
        objects_of(text, **sizes)
    return str(caught.value)


@given(OBJECTS, st.integers(1, 60), st.booleans())
def test_a_collection_gives_its_objects_whatever_is_in_them_and_however_it_is_read(
    objects: list[dict[str, Any]], block_bytes: int, is_ascii: bool
) -> None:
    text = json.dumps({"a": {"features": [1]}, "features": objects, "b": "]}"}, ensure_ascii=is_ascii)

    assert objects_of(text, block_bytes=block_bytes) == objects


@given(st.lists(st.dictionaries(st.text(max_size=4), VALUES, max_size=3), min_size=1, max_size=6), st.integers(1, 60))
def test_a_sequence_gives_its_objects_with_and_without_record_separators(
    objects: list[dict[str, Any]], block_bytes: int
) -> None:
    lines = [json.dumps({"type": "Feature", "inside": value}) for value in objects]
    expected = [json.loads(line) for line in lines]

    assert objects_of("\n".join(lines), block_bytes=block_bytes) == expected
    assert objects_of("".join(f"\x1e{line}\n" for line in lines), block_bytes=block_bytes) == expected
    assert objects_of("".join(lines), block_bytes=block_bytes) == expected


@pytest.mark.parametrize("count", range(10))
def test_many_objects_come_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(json_objects, "MAX_OBJECTS", 3)
    text = ",".join(f'{{"a": {number}}}' for number in range(count))
    expected = [{"a": number} for number in range(count)]

    assert objects_of(f'{{"features": [{text}], "b": 1}}') == expected
    assert objects_of(text + "{}") == [*expected, {}]


def test_members_before_and_behind_the_features_are_kept() -> None:
    source = io.BytesIO(b'{"a": 1, "b": 1, "features" : [{}], "b": {"c": []}}')
    found = JsonObjects(source.read)

    assert found.members == {"a": 1, "b": 1}
    assert list(found) == [[b"{}"]]
    assert found.members == {"a": 1, "b": {"c": []}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "begins with ''"),
        ("[]", "begins with '[]'"),
        ("id,name\n1,a\n", "begins with 'id,name"),
        ('{"features": [{}, {"a": "b', "ends within feature 2"),
        ('{"features": [{}', "its features are never closed"),
        ('{"features": [{}] ', "around its features"),
        ('{"features": [{}]} x', "around its features"),
        ('{"x": NaN, "features": [{}]}', "around its features"),
        ('{"features": [{}, 5]}', "stands '5'; expected objects"),
        ('{"features": [{}, null, {}]}', "stands 'null'; expected objects"),
        ('{"type": "Feature"}]', "a bracket is closed that was never opened"),
        ('{"features": ' + "[" * (MAX_DEPTH + 2), f"nested over {MAX_DEPTH} levels"),
    ],
)
def test_what_is_no_collection_is_refused_and_the_message_says_where(text: str, expected: str) -> None:
    assert expected in refusal(text)


def test_an_object_of_the_greatest_length_is_read_and_a_longer_one_refused() -> None:
    head = '{"features": ['

    longest = json.dumps({"a": "x" * 1990})
    assert objects_of(f"{head}{longest}]}}", block_bytes=64, max_object_bytes=2100) == [json.loads(longest)]
    assert "Feature 1 of the GeoJSON is longer than" in refusal(
        head + json.dumps({"a": "x" * 3000}), block_bytes=64, max_object_bytes=2100
    )


def test_what_stands_behind_the_features_is_bounded_too() -> None:
    assert "stands too much" in refusal('{"features": [{}]' + " " * 5000 + "}", block_bytes=64, max_object_bytes=2100)
