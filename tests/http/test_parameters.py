"""Reading a query string (http-api.md, section 1)."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.errors import InvalidParameter, RequestError
from geostead.http.negotiation import format_of, output_of, query_format_of
from geostead.http.parameters import (
    choice,
    find,
    flag,
    parse,
    read_load,
    read_public,
    read_query,
    read_staging,
    wants_all_versions,
)
from geostead.model.job import InputFormat, LoadOperation
from geostead.operations.start_load import LoadRequest

LOAD = b"dataSourceName=Shops&loadOperation=Complete&input=CSV"


@pytest.mark.parametrize(
    ("query_string", "expected"),
    [
        (b"", {}),
        (b"&", {}),
        (b"&a=b", {"a": "b"}),
        (b"a=b&&c=d", {"a": "b", "c": "d"}),
        (b"$skip=", {}),
        (b"$filter", {}),
        (b"a=1&A=2", {"a": "1"}),
        (b"a=&a=2", {"a": "2"}),
        (b"spatialfilter=x&$orderBy=y&Jsonp=z", {"spatialfilter": "x", "$orderby": "y", "jsonp": "z"}),
        (b"%24filter=a%20eq+1", {"$filter": "a eq 1"}),
        (b"a=%2524", {"a": "%24"}),
        (b"a=x=y", {"a": "x=y"}),
        (b"a=%C3%A9", {"a": "é"}),
        ("a=é".encode(), {"a": "é"}),
        (b"a=%ff%zz%", {"a": "\ufffd%zz%"}),
        (b"a=%2B", {"a": "+"}),
    ],
)
def test_a_query_string_is_read_as_clients_write_it(query_string: bytes, expected: dict[str, str]) -> None:
    assert parse(query_string) == expected


@given(st.binary(max_size=200))
def test_any_bytes_are_a_query_string_and_nothing_but_request_errors_comes_of_it(query_string: bytes) -> None:
    found = parse(query_string)
    assert all(name == name.lower() and value for name, value in found.items())
    readers = (partial(read_load, strict=False), partial(read_query, max_page_size=250), read_public, read_staging)
    for read in (*readers, wants_all_versions, output_of, format_of, query_format_of):
        with suppress(RequestError):
            read(found)


@given(
    st.dictionaries(
        st.sampled_from(["dataSourceName", "loadOperation", "input", "setPublic", "strict", "queryKey", "$format"]),
        st.sampled_from(["Shops", "complete", "csv", "1", "0", "true", "kml", "é", "\x00", "a'b", "%41", "x" * 60]),
    )
)
def test_a_load_is_read_or_refused_with_the_name_of_the_parameter(given_: dict[str, str]) -> None:
    found = {name.lower(): value for name, value in given_.items()}
    refused = None
    try:
        read_load(found, strict=False)
    except InvalidParameter as error:
        refused = error.parameter
    assert refused in (None, "dataSourceName", "loadOperation", "input", "setPublic", "strict")


def test_words_are_accepted_in_any_case() -> None:
    query = b"&setPublic=TRUE&queryKey=aB&description=two+words&accessId=0F&strict=1&dataLocation=https%3A%2F%2Fa%2Fb"
    assert read_load(parse(LOAD + query), strict=False) == LoadRequest(
        "Shops",
        LoadOperation.COMPLETE,
        InputFormat.CSV,
        access_id="0F",
        set_public=True,
        query_key="aB",
        description="two words",
        strict=True,
        location="https://a/b",
    )


def test_what_a_load_does_not_say_stays_open() -> None:
    found = read_load(parse(LOAD), strict=False)
    assert found == LoadRequest("Shops", LoadOperation.COMPLETE, InputFormat.CSV)


def test_a_load_may_leave_its_name_to_the_access_id() -> None:
    assert read_load(parse(b"accessId=0f&loadOperation=incremental&input=xml"), strict=False).data_source_name is None


@pytest.mark.parametrize(
    ("word", "operation"),
    [
        ("complete", LoadOperation.COMPLETE),
        ("completeStaging", LoadOperation.COMPLETE_STAGING),
        ("COMPLETESTAGED", LoadOperation.COMPLETE_STAGING),
        ("Incremental", LoadOperation.INCREMENTAL),
        ("incrementalstaging", LoadOperation.INCREMENTAL_STAGING),
    ],
)
def test_every_load_operation_is_read_and_the_spelling_of_one_page_too(word: str, operation: LoadOperation) -> None:
    found = read_load({"datasourcename": "a", "loadoperation": word, "input": "csv"}, strict=False)
    assert found.operation is operation


@pytest.mark.parametrize(
    ("said", "by_default", "strict"), [("", True, True), ("", False, False), ("0", True, False), ("1", False, True)]
)
def test_a_load_is_as_strict_as_it_says_else_as_the_operator_says(said: str, by_default: bool, strict: bool) -> None:
    assert read_load(parse(LOAD + b"&strict=" + said.encode()), strict=by_default).strict is strict


def test_publicity_has_to_be_said() -> None:
    assert (read_public({"setpublic": "1"}), read_public({"setpublic": "False"})) == (True, False)
    with pytest.raises(InvalidParameter, match="setPublic: found ''; expected 1, true, 0 or false"):
        read_public({})


@pytest.mark.parametrize(
    ("query_string", "parameter", "expected"),
    [
        (b"dataSourceName=a%20b&loadOperation=complete&input=csv", "dataSourceName", "1 to 50"),
        (b"dataSourceName=" + b"x" * 51 + b"&loadOperation=complete&input=csv", "dataSourceName", "1 to 50"),
        (b"dataSourceName=a&input=csv", "loadOperation", "complete, completeStaging, incremental or"),
        (b"dataSourceName=a&loadOperation=replace&input=csv", "loadOperation", "complete"),
        (b"dataSourceName=a&loadOperation=complete", "input", "csv, tab, pipe, xml, kml, shp, geojson or geoparquet"),
        (b"dataSourceName=a&loadOperation=complete&input=json", "input", "csv, tab, pipe, xml, kml"),
        (LOAD + b"&strict=very", "strict", "1, true, 0 or false"),
        (LOAD + b"&setPublic=maybe", "setPublic", "1, true, 0 or false"),
    ],
)
def test_a_load_that_is_not_in_order_is_refused_naming_what_was_expected(
    query_string: bytes, parameter: str, expected: str
) -> None:
    with pytest.raises(InvalidParameter) as caught:
        read_load(parse(query_string), strict=False)
    assert caught.value.parameter == parameter
    assert expected in str(caught.value)


@pytest.mark.parametrize("name", ["Shops", "~`!$^_={}-", "0", "x" * 50])
def test_every_documented_character_may_stand_in_a_data_source_name(name: str) -> None:
    found = {"datasourcename": name, "loadoperation": "complete", "input": "tab"}
    assert read_load(found, strict=False).data_source_name == name


def test_the_options_of_a_query_are_handed_on_as_they_stand() -> None:
    query_string = b"$filter=a&spatialFilter=b&$select=c&$orderby=d&$top=e&$skip=f&$inlinecount=g&$pageSize=h"
    found = read_query(parse(query_string), 500)
    assert (found.filter, found.spatial_filter, found.select, found.orderby) == ("a", "b", "c", "d")
    assert (found.top, found.skip, found.inlinecount, found.page_size, found.max_page_size) == ("e", "f", "g", "h", 500)


def test_names_without_their_dollar_are_unknown() -> None:
    assert read_query(parse(b"filter=a&orderBy=b&top=c&select=d&pageSize=e"), 250) == read_query({}, 250)


def test_of_several_names_of_one_parameter_the_first_that_is_there_counts() -> None:
    assert find({"isstaged": "1"}, "isStaging", "isStaged") == "1"
    assert flag({"isstaging": "0", "isstaged": "1"}, "isStaging", "isStaged") is False
    assert flag({}, "isStaging", "isStaged") is None
    assert (read_staging({"isstaged": "true"}), read_staging({})) == (True, False)


def test_one_possible_word_is_named_alone() -> None:
    with pytest.raises(InvalidParameter, match=r"expected xml\.$"):
        choice({"a": "b"}, {"xml": 1}, "a")


@pytest.mark.parametrize(
    ("value", "expected"), [("3", True), ("true", True), ("0", False), ("False", False), ("x", True)]
)
def test_c16_any_value_of_show_all_versions_but_false_and_0_means_true(value: str, expected: bool) -> None:
    assert wants_all_versions({"showallversions": value}) is expected
    assert wants_all_versions({}) is False
