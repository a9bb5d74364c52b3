"""JSON handed to a callback."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.errors import InvalidParameter
from geostead.wire.jsonp import check_callback, wrap


@pytest.mark.parametrize("name", ["cb", "jQuery_1.success", "$.done", "a[0].b", "_"])
def test_c3_the_body_is_exactly_the_call(name: str) -> None:
    assert wrap(b'{"d":{}}', name) == name.encode() + b'({"d":{}})'


def test_c3_the_state_is_the_second_argument() -> None:
    assert wrap(b"{}", "cb", "x") == b'cb({},"x")'
    assert wrap(b"{}", "cb", "") == b'cb({},"")'


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_c3_any_state_comes_back_and_cannot_leave_its_string(state: str) -> None:
    body = wrap(b"{}", "cb", state)
    assert body.isascii()
    assert b"</" not in body
    assert json.loads(body[len(b"cb({},") : -1]) == state


@pytest.mark.parametrize("name", ["", "alert(1)//", "a b", "a;b", "<script>", "cb\n", "ä", "a-b", "a\u2028"])
def test_c3_other_names_are_refused_by_the_name_of_the_parameter(name: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        check_callback(name)
    assert refused.value.parameter == "jsonp"
    with pytest.raises(InvalidParameter):
        wrap(b"{}", name)
