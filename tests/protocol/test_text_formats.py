"""data-formats.md sections 1 and 2: csv, tab and pipe files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from tests.protocol.api import Api, Source, pipe

LINE_1 = "Bing Spatial Data Services, 1.0, Place"
LINE_2 = "EntityID(Edm.String,primaryKey)|Name(Edm.String)|Latitude(Edm.Double)|Longitude(Edm.Double)"


def values(source: Source, name: str) -> list[Any]:
    return [entity[name] for entity in source.results()]


def test_utf_8_with_and_without_byte_order_mark(api: Api, new_name: Callable[[], str]) -> None:
    upload = f"{LINE_1}\n{LINE_2}\n1|Zürich|1|2\n".encode()
    for content in (upload, b"\xef\xbb\xbf" + upload):
        assert values(api.source(new_name(), content), "Name") == ["Zürich"]


@pytest.mark.parametrize(
    "line_1",
    [
        "Bing Spatial Data Services,1.0,Place",
        "Bing Spatial Data Services ,  1.0 ,  Place ",
        "Bing Spatial Data Services, 1.0, Place,,,",
        "Bing Spatial Data Services, 1.0, Place|||",
    ],
)
def test_spaces_around_commas_are_optional_and_trailing_delimiters_tolerated(
    api: Api, new_name: Callable[[], str], line_1: str
) -> None:
    assert api.source(new_name(), f"{line_1}\n{LINE_2}\n1|x|1|2\n".encode()).entity_type == "Place"


def test_the_first_line_of_a_tab_file_is_separated_by_commas_too(api: Api, new_name: Callable[[], str]) -> None:
    upload = f"{LINE_1}\t\t\n{LINE_2}\n1|x|1|2\n".replace("|", "\t").encode()
    assert api.source(new_name(), upload, "input=tab").ids() == ["1"]


def test_header_cells_may_be_quoted(api: Api, new_name: Callable[[], str]) -> None:
    upload = (
        f'{LINE_1}\n"EntityID(Edm.String,primaryKey)",Name(Edm.String),"Latitude(Edm.Double)","Longitude(Edm.Double)"\n'
    )
    assert api.source(new_name(), f"{upload}1,x,1,2\n".encode(), "input=csv").ids() == ["1"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_end_in_every_common_way(api: Api, new_name: Callable[[], str], ending: str) -> None:
    upload = ending.join([LINE_1, LINE_2, "1|x|1|2", "", "2|y|1|2"]).encode()
    assert values(api.source(new_name(), upload), "Name") == ["x", "y"]


def test_quoted_values_may_hold_quotes_delimiters_and_line_ends(api: Api, new_name: Callable[[], str]) -> None:
    upload = f'{LINE_1}\n{LINE_2}\n1|"a ""b"" | c\nd"|1|2\n'.encode()
    assert values(api.source(new_name(), upload), "Name") == ['a "b" | c\nd']


def test_a_row_with_fewer_cells_is_padded_and_one_with_more_is_bad(api: Api, new_name: Callable[[], str]) -> None:
    source = api.source(new_name(), f"{LINE_1}\n{LINE_2}\n1|short\n2|long|1|2|3\n\n3|fits|1|2\n".encode())
    assert [(e["EntityID"], e["Latitude"]) for e in source.results()] == [("1", None), ("3", 1)]
    assert (source.job["failedEntityCount"], source.job["totalEntityCount"]) == (1, 3)
    assert "4" in source.api.error_log(source.job)


@pytest.mark.parametrize(
    "type_",
    ["Edm.Int64", "edm.int64", "int", "Integer", "Edm.Integer", "EDM.INT"],
)
def test_names_of_types_are_read_in_any_case_and_with_their_synonyms(
    api: Api, new_name: Callable[[], str], type_: str
) -> None:
    source = api.source(new_name(), pipe(f"EntityID(Edm.String,primaryKey)|Size({type_})", "1|7|1|2"))
    assert values(source, "Size") == [7]


def test_every_synonym_is_understood(api: Api, new_name: Callable[[], str]) -> None:
    columns = "EntityID(varchar,primaryKey)|A(text)|B(float)|C(decimal)|D(bool)|E(date)|F(string)|G(Edm.Float)"
    source = api.source(new_name(), pipe(columns, "1|a|1.5|2.5|yes|2020-01-02|f|0.5|1|2"))
    (entity,) = source.results()
    assert [entity[name] for name in "ABCDEFG"] == ["a", 1.5, 2.5, True, "/Date(1577923200000)/", "f", 0.5]


def test_booleans_are_read_in_every_documented_form(api: Api, new_name: Callable[[], str]) -> None:
    words = ["true", "FALSE", "1", "0", "Yes", "no", "Y", "n", ""]
    rows = [f"{at}|{word}|1|2" for at, word in enumerate(words)]
    source = api.source(new_name(), pipe("EntityID(Edm.String,primaryKey)|Open(Edm.Boolean)", *rows))
    assert values(source, "Open") == [True, False, True, False, True, False, True, False, None]


def test_dates_are_read_in_every_documented_form(api: Api, new_name: Callable[[], str]) -> None:
    dates = ["2020-01-02", "2020-01-02T03:04:05", "2020-01-02T03:04:05Z", "2020-01-02T03:04:05.1234567Z"]
    dates += ["2020-01-02T03:04:05+01:00", "2020-01-02T03:04:05.5-09:30", "0001-01-01", "9999-12-31T23:59:59Z"]
    rows = [f"{at}|{date}|1|2" for at, date in enumerate(dates)]
    source = api.source(new_name(), pipe("EntityID(Edm.String,primaryKey)|At(Edm.DateTime)", *rows))
    ms = [1577923200000, 1577934245000, 1577934245000, 1577934245123, 1577930645000, 1577968445500]
    ms += [-62135596800000, 253402300799000]
    assert values(source, "At") == [f"/Date({value})/" for value in ms]


BAD = [
    ("Size(Edm.Int64)", "1.5", "Size"),
    ("Size(Edm.Int64)", "12a", "Size"),
    ("Size(Edm.Int64)", "9223372036854775808", "Size"),
    ("Size(Edm.Double)", "NaN", "Size"),
    ("Size(Edm.Double)", "Infinity", "Size"),
    ("Size(Edm.Double)", "1e999", "Size"),
    ("Size(Edm.Double)", "1,5", "Size"),
    ("Open(Edm.Boolean)", "maybe", "Open"),
    ("At(Edm.DateTime)", "02/01/2020", "At"),
    ("At(Edm.DateTime)", "2020-02-30", "At"),
    ("At(Edm.DateTime)", "2020-01-02T03:04:05.12345678Z", "At"),
    ("Name(Edm.String)", "a\x01b", "Name"),
    ("Name(Edm.String)", "x" * 2561, "Name"),
]


def test_a_bad_value_makes_a_bad_row_that_the_log_describes(api: Api) -> None:
    for at, (column, value, name) in enumerate(BAD):
        upload = pipe(f"EntityID(Edm.String,primaryKey)|{column}", "good||1|2", f"bad-row|{value}|1|2")
        job = api.load(f"Bad{at}", upload)
        assert (job["status"], job["failedEntityCount"], job["totalEntityCount"]) == ("Completed", 1, 2), (
            column,
            value,
        )
        log = api.error_log(job)
        assert "4" in log
        assert "bad-row" in log
        assert name in log
        assert api.source_of(job).ids() == ["good"]


BAD_PLACES = ["91|0", "-90.1|0", "0|180.5", "0|-181", "5|", "|5", "north|5"]


def test_a_bad_location_makes_a_bad_row_but_none_at_all_is_kept_and_noted(
    api: Api, new_name: Callable[[], str]
) -> None:
    rows = [f"bad{at}|{place}" for at, place in enumerate(BAD_PLACES)]
    source = api.source(new_name(), pipe("EntityID(Edm.String,primaryKey)", *rows, "edge|90|-180", "none||"))
    assert source.ids() == ["edge", "none"]
    assert source.job["failedEntityCount"] == len(BAD_PLACES)
    log = source.api.error_log(source.job)
    assert [at for at in range(len(BAD_PLACES)) if f"bad{at}" not in log] == []
    assert "none" in log


def test_of_rows_with_one_id_the_first_stays_and_the_others_are_bad(api: Api, new_name: Callable[[], str]) -> None:
    source = api.source(new_name(), f"{LINE_1}\n{LINE_2}\na|first|1|2\nb|other|1|2\na|second|1|2\n".encode())
    assert values(source, "Name") == ["first", "other"]
    assert source.job["failedEntityCount"] == 1


def test_an_id_that_is_missing_or_over_50_characters_is_a_bad_row(api: Api, new_name: Callable[[], str]) -> None:
    rows = ["|none|1|2", f"{'x' * 51}|long|1|2", f"{'x' * 50}|fits|1|2"]
    source = api.source(new_name(), "\n".join([LINE_1, LINE_2, *rows]).encode())
    assert values(source, "Name") == ["fits"]
    assert source.job["failedEntityCount"] == 2


def test_a_string_of_2560_characters_is_kept_whole(api: Api, new_name: Callable[[], str]) -> None:
    text = "é" * 2560
    assert values(api.source(new_name(), f"{LINE_1}\n{LINE_2}\n1|{text}|1|2\n".encode()), "Name") == [text]


def test_names_of_up_to_50_letters_digits_and_underscores_are_accepted(api: Api, new_name: Callable[[], str]) -> None:
    columns = f"_Key9(Edm.String,primaryKey)|{'n' * 50}(Edm.Int64)"
    source = api.source(new_name(), pipe(columns, "1|5|1|2", entity_type="My-Place_2"))
    assert source.entity_type == "My-Place_2"
    assert values(source, "n" * 50) == [5]


BAD_SCHEMAS = {
    "no first line": (f"{LINE_2}\n1|x|1|2\n", "Bing Spatial Data Services"),
    "wrong product": (f"Acme, 1.0, Place\n{LINE_2}\n1|x|1|2\n", "Bing Spatial Data Services"),
    "wrong version": (f"Bing Spatial Data Services, 2.0, Place\n{LINE_2}\n1|x|1|2\n", "1.0"),
    "no entity type": (f"Bing Spatial Data Services, 1.0\n{LINE_2}\n1|x|1|2\n", "Bing Spatial Data Services"),
    "bad entity type": (f"Bing Spatial Data Services, 1.0, 2 Places\n{LINE_2}\n1|x|1|2\n", "2 Places"),
    "no second line": (f"{LINE_1}\n", ""),
    "no key": (f"{LINE_1}\nEntityID(Edm.String)|{LINE_2.partition('|')[2]}\n1|x|1|2\n", "primaryKey"),
    "two keys": (f"{LINE_1}\nA(Edm.String,primaryKey)|{LINE_2}\na|1|x|1|2\n", "primaryKey"),
    "numeric key": (f"{LINE_1}\nA(Edm.Int64,primaryKey)|{LINE_2.partition('|')[2]}\n1|x|1|2\n", "Edm.String"),
    "unknown type": (f"{LINE_1}\n{LINE_2}|Money(Edm.Money)\n1|x|1|2|3\n", "Edm.Money"),
    "no type": (f"{LINE_1}\n{LINE_2}|Money\n1|x|1|2|3\n", "Money"),
    "doubled name": (f"{LINE_1}\n{LINE_2}|NAME(Edm.String)\n1|x|1|2|3\n", "NAME"),
    "illegal name": (f"{LINE_1}\n{LINE_2}|A b(Edm.String)\n1|x|1|2|3\n", "A b"),
    "reserved name": (f"{LINE_1}\n{LINE_2}|__hidden(Edm.String)\n1|x|1|2|3\n", "__hidden"),
    "long name": (f"{LINE_1}\n{LINE_2}|{'n' * 51}(Edm.String)\n1|x|1|2|3\n", "50"),
    "no location": (f"{LINE_1}\nEntityID(Edm.String,primaryKey)|Name(Edm.String)\n1|x\n", "Latitude"),
    "half a location": (f"{LINE_1}\n{LINE_2.replace('Longitude', 'Long')}\n1|x|1|2\n", "Longitude"),
    "text latitude": (
        f"{LINE_1}\n{LINE_2.replace('Latitude(Edm.Double)', 'Latitude(Edm.String)')}\n1|x|1|2\n",
        "Latitude",
    ),
    "whole elevation": (f"{LINE_1}\n{LINE_2}|Elevation(Edm.Int64)\n1|x|1|2|3\n", "Elevation"),
    "two geographies": (f"{LINE_1}\n{LINE_2}|A(Edm.Geography)|B(Edm.Geography)\n1|x|1|2||\n", "Edm.Geography"),
    "no rows": (f"{LINE_1}\n{LINE_2}\n", ""),
    "no valid row": (f"{LINE_1}\n{LINE_2}\n1|x|north|2\n", ""),
    "nothing but a space": (" ", "Bing Spatial Data Services"),
}


@pytest.mark.parametrize("case", BAD_SCHEMAS)
def test_a_bad_schema_aborts_with_a_reason_and_leaves_what_is_published(api: Api, case: str) -> None:
    content, reason = BAD_SCHEMAS[case]
    source = api.source("BadSchemas", f"{LINE_1}\n{LINE_2}\nkept|x|1|2\n".encode())
    job = api.load("BadSchemas", content.encode())
    assert job["status"] == "Aborted"
    assert reason in job["errorMessage"]
    assert job["errorMessage"] in api.error_log(job)
    assert source.ids() == ["kept"]


def test_351_properties_are_too_many_but_coordinates_do_not_count(api: Api, new_name: Callable[[], str]) -> None:
    def upload(count: int) -> bytes:
        others = [f"P{number}(Edm.Int64)" for number in range(count - 1)]
        return pipe("|".join(["EntityID(Edm.String,primaryKey)", *others]), "1" + "|5" * (count - 1) + "|1|2")

    assert api.load(new_name(), upload(350))["status"] == "Completed"
    job = api.load(new_name(), upload(351))
    assert job["status"] == "Aborted"
    assert "350" in job["errorMessage"]


def zipped(*names: str, content: bytes = pipe("EntityID(Edm.String,primaryKey)", "1|1|2")) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize("name", ["data.txt", "folder/data.csv", "data"])
def test_a_zip_of_one_data_file_is_unpacked(api: Api, new_name: Callable[[], str], name: str) -> None:
    assert api.source(new_name(), zipped(name)).ids() == ["1"]


@pytest.mark.parametrize("names", [("a.txt", "b.txt"), ("../a.txt",), ("/etc/a.txt",), ()])
def test_any_other_zip_is_refused(api: Api, new_name: Callable[[], str], names: tuple[str, ...]) -> None:
    job = api.load(new_name(), zipped(*names))
    assert (job["status"], bool(job["errorMessage"])) == ("Aborted", True)


def test_an_encrypted_archive_is_refused(api: Api, new_name: Callable[[], str]) -> None:
    packed = bytearray(zipped("data.txt"))
    packed[6] |= 1  # the flag in the entry's own header
    packed[packed.index(b"PK\x01\x02") + 8] |= 1  # and in the directory
    job = api.load(new_name(), bytes(packed))
    assert job["status"] == "Aborted"
    assert "encrypted" in job["errorMessage"]


def test_a_nested_archive_is_refused(api: Api, new_name: Callable[[], str]) -> None:
    job = api.load(new_name(), zipped("inner.zip", content=zipped("data.txt")))
    assert (job["status"], bool(job["errorMessage"])) == ("Aborted", True)


# Geographies


def test_wkt_that_is_no_geography_makes_a_bad_row(api: Api, new_name: Callable[[], str]) -> None:
    rows = ["bad|POLYGON ((0 0", "worse|square", "far|POINT (200 100)", "good|POINT (7 46)", "none|"]
    source = api.source(new_name(), pipe("EntityID(Edm.String,primaryKey)|Area(Edm.Geography)", *rows))
    assert [entity["EntityID"] for entity in source.results()] == ["good", "none"]
    assert source.job["failedEntityCount"] == 3


def test_a_polygon_that_is_not_valid_is_repaired_and_noted(api: Api, new_name: Callable[[], str]) -> None:
    bow_tie = "POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))"
    source = api.source(new_name(), pipe("EntityID(Edm.String,primaryKey)|Area(Edm.Geography)", f"tie|{bow_tie}"))
    (entity,) = source.results()
    assert entity["Area"].startswith("MULTIPOLYGON")
    assert (entity["Latitude"], entity["Longitude"]) == (pytest.approx(1), pytest.approx(1))
    assert source.job["failedEntityCount"] == 0


def test_a_centroid_is_computed_before_an_edge_takes_the_short_way(api: Api, new_name: Callable[[], str]) -> None:
    wide = "POLYGON ((-170 0, 170 0, 170 2, -170 2, -170 0))"
    source = api.source(new_name(), pipe("EntityID(Edm.String,primaryKey)|Area(Edm.Geography)", f"wide|{wide}"))
    (entity,) = source.results()
    assert (entity["Latitude"], entity["Longitude"]) == (pytest.approx(1), pytest.approx(0, abs=1e-9))
    assert entity["Area"].replace(" (", "(") == wide.replace(" (", "(")


def test_a_geography_of_over_100_000_points_is_a_bad_row(api: Api, new_name: Callable[[], str]) -> None:
    def line(points: int) -> str:
        return f"LINESTRING ({','.join(f'{at % 100} {at // 100 % 90}' for at in range(points))})"

    columns = "EntityID(Edm.String,primaryKey)|Area(Edm.Geography)"
    source = api.source(new_name(), pipe(columns, f"fits|{line(100_000)}", f"long|{line(100_001)}"))
    assert source.ids("$select=EntityID") == ["fits"]
    assert "100,000" in source.api.error_log(source.job)


def test_given_coordinates_stay_beside_a_geography(api: Api, new_name: Callable[[], str]) -> None:
    columns = "EntityID(Edm.String,primaryKey)|Area(Edm.Geography)|Latitude(Edm.Double)|Longitude(Edm.Double)"
    source = api.source(new_name(), pipe(columns, "given|POINT (7 46)|1|2", "computed|POINT (7 46)||"))
    found = {entity["EntityID"]: (entity["Latitude"], entity["Longitude"]) for entity in source.results()}
    assert found == {"given": (1, 2), "computed": (46, 7)}
