"""Ordinary tables: what is proposed for them, and how they are read."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.errors import LimitReached, UnreadableUpload
from geostead.formats.ordinary.feature_table import FEATURE_ID
from geostead.formats.ordinary.file_kind import find_kind
from geostead.formats.ordinary.plain_values import YES_OR_NO
from geostead.formats.ordinary.proposal import take_sample
from geostead.model.instant import parse_ticks
from geostead.model.job import InputFormat
from geostead.model.table_reading import NUMBERED_KEY, DayOrder, TableForm, TableFormat, TableReading, Use
from tests.formats.ordinary_files import LIMITS, proposed, read, uses
from tests.workbooks import Cell, workbook

GERMAN = (
    "Nr;Straße;PLZ;Ort;Breite;Länge;seit;Umsatz;leer\n"
    "1;Weg 1;01067;Dresden;51,05;13,73;22.11.2026;1.234,50;\n"
    "2;Weg 2;80331;München;48,13;11,57;1.2.2020 13:05;99,5;\n"
)
PLACES = "id,name,lat,lon\n1,A,1,2\n2,B,3,4\n"


def table(header: str, *values: str) -> bytes:
    rows = [["id", header, "lat", "lon"], *([str(i), value, "1", "2"] for i, value in enumerate(values))]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_german_table_is_proposed_as_it_is_meant_in_every_usual_encoding(encoding: str) -> None:
    content = GERMAN.encode(encoding)
    reading = proposed(content, "Läden 2026.csv")
    assert uses(reading) == {
        "Nr": Use.STRING,
        "Straße": Use.STRING,
        "PLZ": Use.STRING,
        "Ort": Use.STRING,
        "Breite": Use.LATITUDE,
        "Länge": Use.LONGITUDE,
        "seit": Use.DATETIME,
        "Umsatz": Use.DOUBLE,
        "leer": Use.STRING,
    }
    assert (reading.key, reading.entity_type_name, reading.decimal_comma) == ("Nr", "Laden_2026", True)
    assert reading.address == ("Strasse", "PLZ", "Ort")
    found = read(content, reading)
    assert found.issues == []
    assert [row["Ort"] for row in found.rows] == ["Dresden", "München"]
    assert [row["Umsatz"] for row in found.rows] == [1234.5, 99.5]
    assert [row["seit"] for row in found.rows] == [parse_ticks("2026-11-22"), parse_ticks("2020-02-01T13:05")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_delimiter_is_found_although_cells_hold_other_ones(delimiter: str) -> None:
    rows = [["id", "note", "lat", "lon"], ["1", "a, b; c | d\te", "1", "2"], ["2", 'x "y", z', "3", "4"]]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    reading = proposed(text.getvalue().encode())
    assert (reading.form.delimiter, len(reading.columns)) == (delimiter, 4)
    assert [row["note"] for row in read(text.getvalue().encode(), reading).rows] == [row[1] for row in rows[1:]]


def test_titles_above_the_names_are_left_out_and_lines_are_still_counted_from_the_top() -> None:
    content = b"All our places\n\n" + PLACES.encode() + b"".join(b"%d,N,1,2\n" % i for i in range(3, 9)) + b"9,C,91,4\n"
    reading = proposed(content)
    assert reading.form.header_rows == 2
    assert read(content, reading).places == {8: "line 12"}


def test_a_table_without_names_is_read_from_its_first_row() -> None:
    content = b"7,1.5,2.5\n8,3.5,4.5\n"
    reading = proposed(content)
    assert (reading.form.header_rows, reading.key, list(uses(reading))) == (
        0,
        None,
        ["Column 1", "Column 2", "Column 3"],
    )
    columns = [
        replace(c, use=u) for c, u in zip(reading.columns, (Use.INT64, Use.LATITUDE, Use.LONGITUDE), strict=True)
    ]
    found = read(content, replace(reading, columns=tuple(columns)))
    assert found.rows[1] == {"EntityID": "2", "Column_1": 8, "Latitude": 3.5, "Longitude": 4.5}


@pytest.mark.parametrize(
    ("values", "use"),
    [
        (("007", "12"), Use.STRING),
        (("+49 1", "+49 2"), Use.STRING),
        (("+5", "6"), Use.STRING),
        (("12345678901234567890", "1"), Use.STRING),
        (("1", "2"), Use.INT64),
        (("1", "2.5"), Use.DOUBLE),
        (("1e5", "2"), Use.DOUBLE),
        (("true", "FALSE"), Use.BOOLEAN),
        (("yes", "no", ""), Use.BOOLEAN),
        (("ja", " Nein "), Use.BOOLEAN),
        (("oui", "non"), Use.BOOLEAN),
        (("ja", "no"), Use.STRING),
        (("NO", "NO"), Use.STRING),
        (("true", "true"), Use.BOOLEAN),
        (("1", "0"), Use.INT64),
        (("2026-11-22", "2026-11-22T10:00:00+01:00"), Use.DATETIME),
        (("22.11.2026", "1.2.2026"), Use.DATETIME),
        (("11/22/2026", "1/2/2026 1:05 PM"), Use.DATETIME),
        (("1/2/2026", "3/4/2026"), Use.STRING),
        (("22/11/2026", "11/22/2026"), Use.STRING),
        (("31.02.2026", "1.2.2026"), Use.STRING),
        (("1,5", "2,25"), Use.DOUBLE),
        (("1,234", "5,678"), Use.STRING),
        (("POINT (1 2)", "POINT (3 4)"), Use.GEOGRAPHY),
        (("POINT (1 2)", "nowhere"), Use.STRING),
        (("", ""), Use.STRING),
        (("nan", "1"), Use.STRING),
    ],
)
def test_a_type_is_proposed_only_where_every_value_says_so(values: tuple[str, ...], use: Use) -> None:
    assert uses(proposed(table("what", *values)))["what"] is use


VALUES = st.one_of(
    st.text(max_size=12),
    st.integers().map(str),
    st.floats(allow_nan=True).map(repr),
    st.dates().map(str),
    st.dates().map(lambda day: f"{day.day}.{day.month}.{day.year:04}"),
    st.dates().map(lambda day: f"{day.month}/{day.day}/{day.year:04}"),
    st.from_regex(r"-?\d{1,4}([.,]\d{1,4}){0,2}", fullmatch=True),
    st.sampled_from(("yes", "no", "true", "0", "1", "", " ", "POINT (1 2)", "007")),
)


@given(st.lists(VALUES, min_size=1, max_size=6))
def test_what_is_proposed_reads_every_sampled_value_back(values: list[str]) -> None:
    content = table("what", *(value.replace("\0", "").replace("\ud800", "") for value in values))
    reading = proposed(content)
    use = uses(reading)["what"]
    if use is Use.STRING:
        return  # as it stands: nothing but control characters can be wrong with it
    assert [issue for issue in read(content, reading).issues if issue.property == "what"] == []


@pytest.mark.parametrize(
    ("values", "use", "read_as"),
    [
        (("1.234,50", "12.500", "7"), Use.DOUBLE, [1234.5, 12500.0, 7.0]),
        (("1.234", "12.500"), Use.STRING, ["1.234", "12.500"]),
        (("123.456.789", "1.000"), Use.STRING, ["123.456.789", "1.000"]),
        (("1.5", "0.123"), Use.DOUBLE, [1.5, 0.123]),
        (("1.5", "1.234"), Use.STRING, ["1.5", "1.234"]),
    ],
)
def test_dots_beside_decimal_commas_are_thousands_where_that_is_certain(
    values: tuple[str, ...], use: Use, read_as: list[object]
) -> None:
    rows = "".join(f"{place};48.137;11,5;{value}\n" for place, value in enumerate(values))
    content = f"id;lat;lon;what\n{rows}".encode()
    reading = proposed(content)
    assert (reading.decimal_comma, uses(reading)["what"]) == (True, use)
    made = list(read(content, reading).rows)
    assert [row["what"] for row in made] == read_as
    assert {row["Latitude"] for row in made} == {48.137}


def test_who_says_that_a_column_has_numbers_gets_thousands_beside_decimal_commas() -> None:
    content = b"id;lat;lon;people\n1;47,1;8,5;1.234\n2;47,2;8,6;12.500\n3;47,3;8,7;1.234.567\n"
    reading = proposed(content)
    for use in (Use.INT64, Use.DOUBLE):
        columns = [replace(column, use=use) if column.name == "people" else column for column in reading.columns]
        rows = read(content, replace(reading, columns=tuple(columns))).rows
        assert [row["people"] for row in rows] == [1234, 12500, 1234567]


def test_numbers_of_a_workbook_have_their_own_points() -> None:
    cells: list[list[Cell]] = [["id", "lat", "lon", "what"], ["1", "47,1", "8,5", 1.234], ["2", "47,2", "8,6", 12.5]]
    content = workbook({"Sheet": cells})
    reading = proposed(content)
    assert reading.decimal_comma
    assert [row["what"] for row in read(content, reading).rows] == [1.234, 12.5]


@pytest.mark.parametrize(("yes", "no"), YES_OR_NO)
def test_yes_and_no_are_read_in_the_languages_of_those_who_write_tables(yes: str, no: str) -> None:
    content = f"lat,lon,open\n1,1,{yes}\n1,2, {no.upper()} \n1,3,{yes.title()}\n1,4,\n".encode()
    rows = read(content, proposed(content)).rows
    assert [row["open"] for row in rows] == [True, False, True, None]


def test_names_are_made_legal_and_those_that_collide_differ() -> None:
    content = "id;Größe (m²);Größe [m²];1st;Latitude;latitude\nx;1;2;3;foo;bar\n".encode()
    assert [column.name for column in proposed(content).columns] == [
        "id",
        "Grosse__m2_",
        "Grosse__m2__2",
        "_1st",
        "Latitude_2",
        "latitude_3",
    ]


@pytest.mark.parametrize("ids", [("1", "1"), ("1", ""), ("1", "x" * 51)])
def test_a_column_that_does_not_tell_entities_apart_is_no_key(ids: tuple[str, str]) -> None:
    content = f"id,lat,lon\n{ids[0]},1,2\n{ids[1]},3,4\n".encode()
    reading = proposed(content)
    assert reading.key is None
    assert [row["EntityID"] for row in read(content, reading).rows] == ["1", "2"]


def test_coordinates_out_of_range_are_not_taken_for_latitude_and_longitude() -> None:
    content = b"id,x,y\n1,500000,5300000\n2,500001,5300001\n"
    assert Use.LATITUDE not in uses(proposed(content)).values()


def test_a_bad_coordinate_among_good_ones_is_a_bad_row() -> None:
    content = b"id,lat,lon\n" + b"".join(b"%d,1,2\n" % i for i in range(9)) + b"9,oops,2\n"
    found = read(content, proposed(content))
    assert [(issue.property, issue.found) for issue in found.issues] == [("Latitude", "oops")]
    assert len(found.rows) == 9


def test_addresses_without_coordinates_are_proposed_to_be_looked_up() -> None:
    reading = proposed(b"name,city,country\nA,Lyon,France\nB,Bern,Switzerland\n")
    assert (reading.address, reading.find_places) == (("city", "country"), True)
    assert reading.entity_type().names == ("EntityID", "name", "city", "country", "Latitude", "Longitude")


def test_rows_in_excel_are_read_with_their_types() -> None:
    content = workbook(
        {
            "Empty": [],
            "Shops": [
                ["Our shops"],
                [],
                ["id", "name", "lat", "lon", "open", "sum"],
                ["a1", "Ä <&>", 48.5, 9.0, True, "<f>1+1</f><v>2</v>"],
                ["a2", "", -1.25, 10.0, False, 3.5],
                ["a3", "C", 95.0, 10.0, False, 3.5],
            ],
        }
    )
    reading = proposed(content, "shops.xlsx")
    assert (reading.form.format, reading.form.sheet, reading.form.header_rows) == (TableFormat.WORKBOOK, "Shops", 2)
    columns = tuple(replace(c, use=Use.LATITUDE) if c.source == "lat" else c for c in reading.columns)
    columns = tuple(replace(c, use=Use.LONGITUDE) if c.source == "lon" else c for c in columns)
    found = read(content, replace(reading, columns=columns))
    assert found.rows[0] == {"id": "a1", "name": "Ä <&>", "Latitude": 48.5, "Longitude": 9.0, "open": True, "sum": 2.0}
    assert (found.issues[0].property, found.places) == ("Latitude", {2: "row 6"})


def test_a_sheet_with_nothing_but_a_heading_is_not_the_one_that_is_proposed() -> None:
    rows: list[list[Cell]] = [["id", "lat", "lon"], ["1", 2.0, 3.0]]
    for cover in ([["Our shops"]], [[None], ["Our shops"], [None]], []):
        assert proposed(workbook({"Cover": cover, "Shops": rows}), "a.xlsx").form.sheet == "Shops"
    with pytest.raises(UnreadableUpload, match="no rows"):
        proposed(workbook({"Cover": [["Our shops"]], "Empty": []}), "a.xlsx")


def test_geojson_without_our_header_is_a_table_with_geometries() -> None:
    features = [
        {"type": "Feature", "id": 7, "properties": {"n": 1}, "geometry": {"type": "Point", "coordinates": [1, 2]}},
        {"type": "Feature", "id": 8, "properties": {"n": "x"}, "geometry": None},
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    reading = proposed(content, "a.geojson")
    assert (reading.geometry, reading.key) == (None, "id_of_the_feature")
    found = read(content, reading)
    assert found.rows[0] == {"id_of_the_feature": "7", "n": "1", "Latitude": 2.0, "Longitude": 1.0}
    assert found.rows[1]["Latitude"] is None
    features[1]["geometry"] = {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    assert proposed(content).geometry == "Geom"
    assert [issue.found for issue in read(content, reading).issues] == ["LINESTRING (1 2, 3 4)"]


@pytest.mark.parametrize("properties", [', "properties": {}', ', "properties": null', ""])
def test_geojson_without_properties_is_a_table_of_geometries_alone(properties: str) -> None:
    feature = f'{{"type": "Feature"{properties}, "geometry": {{"type": "Point", "coordinates": [1, 2]}}}}'
    for content in (feature, f'{{"type": "FeatureCollection", "features": [{feature}]}}'):
        reading = proposed(content.encode(), "a.geojson")
        assert (uses(reading), reading.key) == ({FEATURE_ID: Use.OMIT}, None)
        assert read(content.encode(), reading).rows == [{NUMBERED_KEY: "1", "Latitude": 2.0, "Longitude": 1.0}]


@pytest.mark.parametrize("content", [b'{"a": 1}', b'{"type": "Point", "coordinates": [1, 2]}'])
def test_json_without_features_is_told_row_by_row(content: bytes) -> None:
    assert [issue.expected[:9] for issue in read(content, proposed(content, "a.geojson")).issues] == ["a Feature"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"Bing Spatial Data Services, 1.0, A\nEntityID(Edm.String,primaryKey)|a(Edm.Int64)\n", InputFormat.PIPE),
        (b"Bing Spatial Data Services, 1.0, A\nEntityID(Edm.String,primaryKey),a(Edm.Int64)\n", InputFormat.CSV),
        (b"<?xml version='1.0'?><kml/>", InputFormat.KML),
        (b"<a/>", InputFormat.XML),
        (b"PAR1", InputFormat.GEOPARQUET),
        (b'{"geostead": {}, "features": []}', InputFormat.GEOJSON),
        (b'{"type": "FeatureCollection", "features": []}', TableFormat.GEOJSON),
        (b"a,b\n1,2\n", TableFormat.TEXT),
    ],
)
def test_the_first_bytes_tell_what_a_file_is(content: bytes, kind: object) -> None:
    assert find_kind(lambda: io.BytesIO(content), LIMITS) is kind


def test_a_reading_is_the_same_after_it_was_written_and_read() -> None:
    reading = replace(proposed(GERMAN.encode()), found_address="Found", day_order=DayOrder.MONTH_FIRST)
    assert TableReading.from_dict(json.loads(json.dumps(reading.to_dict()))) == reading


def test_too_many_columns_are_refused_before_anything_is_made_of_them() -> None:
    for content in (b"a," * 1_000_000 + b"\n" + b"1," * 1_000_000, b",".join(b"%d" % i for i in range(1_000_000))):
        with pytest.raises(LimitReached, match="columns is 501"):
            proposed(content)


@pytest.mark.parametrize("content", [b"", b"\n\n\n", b"a,b\n", bytes(range(256)) * 100, b"\x00" * 1000])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableUpload):
        proposed(content)


def test_rows_with_what_does_not_belong_there_are_bad_and_the_others_stay() -> None:
    good = b"".join(b"%d,n,1,2\n" % i for i in range(100))
    bad = b"200,a\0b,1,2\n201,\xff\xfe,1,2\n202,x,1,2,3\n203," + b"y" * 3_000 + b',1,2\n204,"open,1,2\n'
    form = TableForm(TableFormat.TEXT)
    content = b"id,name,lat,lon\n" + good + bad
    reading = replace(proposed(b"id,name,lat,lon\n" + good), form=form)
    found = read(content, reading)
    assert len(found.rows) == 100
    assert [issue.row for issue in found.issues if issue.is_error] == [100, 101, 102, 103, 104]


def test_names_that_come_twice_are_names_all_the_same() -> None:
    content = b"id,id,ID,Latitude,Longitude,Latitude\n1,2,3,48.1,11.5,7\n"
    reading = proposed(content)
    assert reading.form.header_rows == 1
    assert {Use.LATITUDE, Use.LONGITUDE} <= set(uses(reading).values())


def test_a_header_row_that_is_asked_for_makes_other_columns() -> None:
    form = TableForm(TableFormat.TEXT, header_rows=0)
    sample = take_sample(lambda: io.BytesIO(PLACES.encode()), LIMITS, form)
    assert sample.names == ("Column 1", "Column 2", "Column 3", "Column 4")
    assert sample.rows.row_count == 3
