from __future__ import annotations

import csv

import pytest

from geostead.errors import InvalidSchema
from geostead.formats.delimited.schema_line import read_first_line, read_second_line
from geostead.model.entity_type import EdmType


@pytest.mark.parametrize(
    "line",
    [
        "Bing Spatial Data Services, 1.0, CoffeeShops",
        "Bing Spatial Data Services,1.0,CoffeeShops",
        "  Bing Spatial Data Services ,  1.0 , CoffeeShops  ",
        "Bing Spatial Data Services, 1.0, CoffeeShops,,,,",
        "Bing Spatial Data Services, 1.0, CoffeeShops, , ,",
        "Bing Spatial Data Services, 1.0, CoffeeShops\t\t\t",
        "Bing Spatial Data Services, 1.0, CoffeeShops|||",
        '"Bing Spatial Data Services, 1.0, CoffeeShops"\t\t',
        '"Bing Spatial Data Services","1.0","CoffeeShops"',
        "bing spatial data services, 1.0, CoffeeShops",
    ],
)
def test_the_first_line_names_the_entity_type(line: str) -> None:
    assert read_first_line(line) == "CoffeeShops"


def test_an_ordinary_header_is_recognised_and_the_expected_line_shown() -> None:
    with pytest.raises(InvalidSchema) as raised:
        read_first_line("Id,Name,Lat,Lon")

    assert "Line 1 is 'Id,Name,Lat,Lon', which looks like an ordinary header" in str(raised.value)
    assert "Bing Spatial Data Services, 1.0, NameOfTheEntityType" in str(raised.value)


def test_a_file_that_begins_with_its_property_line_is_told_so() -> None:
    with pytest.raises(InvalidSchema, match="Line 1 is missing: the file begins with its property line"):
        read_first_line("EntityID(Edm.String,primaryKey),Name(Edm.String)")


@pytest.mark.parametrize("line", ["Bing Spatial Data Services", "Bing Spatial Data Services, 1.0", "a, 1.0, b", ""])
def test_a_first_line_with_parts_missing_is_refused(line: str) -> None:
    with pytest.raises(InvalidSchema, match=r"expected the line: Bing Spatial Data Services, 1\.0, "):
        read_first_line(line)


@pytest.mark.parametrize(
    "line", ["x" * 1_000_000, '"' + "x" * 1_000_000, "Bing Spatial Data Services, 1.0, " + "x" * 1_000_000]
)
def test_a_first_line_that_is_far_too_long_is_refused_like_others(line: str) -> None:
    csv.field_size_limit(131_072)  # the default; a reader may have raised it
    with pytest.raises(InvalidSchema, match=r"expected the line: Bing Spatial Data Services, 1\.0, ") as raised:
        read_first_line(line)
    assert len(str(raised.value)) < 500


def test_another_version_is_refused() -> None:
    with pytest.raises(InvalidSchema, match=r"version '2\.0'; the only one there is is 1\.0"):
        read_first_line("Bing Spatial Data Services, 2.0, Shops")


@pytest.mark.parametrize(
    ("line", "delimiter"),
    [
        ("ID(Edm.String,primaryKey),Name(Edm.String),Size(Edm.Int64)", ","),
        ("ID(Edm.String,primaryKey)|Name(Edm.String)|Size(Edm.Int64)", "|"),
        ("ID(Edm.String,primaryKey)\tName(Edm.String)\tSize(Edm.Int64)", "\t"),
        ('"ID(Edm.String,primaryKey)","Name(Edm.String)","Size(Edm.Int64)"', ","),
        ('"ID(Edm.String,primaryKey)"\tName(Edm.String)\tSize(Edm.Int64)', "\t"),
        (" ID ( Edm.String , primaryKey ) , Name (Edm.String) , Size( Edm.Int64 ) ", ","),
        ("ID(edm.string,PRIMARYKEY),Name(String),Size(int)", ","),
        ("ID(Edm.String, primary key),Name(varchar),Size(integer)", ","),
        ("ID(Edm.String\tprimaryKey)\tName(Edm.String)\tSize(Edm.Int64)", "\t"),
    ],
)
def test_the_second_line_declares_the_properties(line: str, delimiter: str) -> None:
    declared = read_second_line(line, delimiter)

    assert [(p.name, p.type) for p in declared.properties] == [
        ("ID", EdmType.STRING),
        ("Name", EdmType.STRING),
        ("Size", EdmType.INT64),
    ]
    assert declared.keys == ("ID",)
    assert declared.surplus == 0


@pytest.mark.parametrize(("line", "surplus"), [("ID(String),Name(Text),", 1), ("ID(String),Name(Text), ,,", 3)])
def test_empty_columns_at_the_end_are_counted(line: str, surplus: int) -> None:
    declared = read_second_line(line, ",")

    assert [p.name for p in declared.properties] == ["ID", "Name"]
    assert declared.surplus == surplus


@pytest.mark.parametrize(
    ("word", "edm_type"),
    [
        ("Edm.String", EdmType.STRING),
        ("TEXT", EdmType.STRING),
        ("Edm.varchar", EdmType.STRING),
        ("edm.int64", EdmType.INT64),
        ("Int", EdmType.INT64),
        ("Integer", EdmType.INT64),
        ("Edm.Double", EdmType.DOUBLE),
        ("float", EdmType.DOUBLE),
        ("Edm.Decimal", EdmType.DOUBLE),
        ("bool", EdmType.BOOLEAN),
        ("Edm.Boolean", EdmType.BOOLEAN),
        ("date", EdmType.DATETIME),
        ("Edm.DateTime", EdmType.DATETIME),
        ("Edm.Geography", EdmType.GEOGRAPHY),
    ],
)
def test_types_are_known_by_their_names_and_common_synonyms(word: str, edm_type: EdmType) -> None:
    assert read_second_line(f"Thing({word})", ",").properties[0].type is edm_type


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ID(Edm.String,primaryKey),Name", r"Line 2, column 2: found 'Name'; expected a name and a type"),
        ("ID(Edm.String),,Name(Edm.String)", r"Line 2, column 2: found ''; expected a name and a type"),
        ("ID(Edm.Strin)", r"Line 2, column 1: 'Edm\.Strin' is not a type; expected Edm\.String, .* for 'ID'"),
        ("ID(Edm.String,key)", r"column 1: found 'ID\(Edm\.String,key\)'; after the comma only primaryKey"),
        ("ID;Name;Lat", r"column 1: found 'ID;Name;Lat'"),
        ("ID(Edm.String", r"column 1: found 'ID\(Edm\.String'"),
    ],
)
def test_a_cell_that_declares_nothing_is_shown(line: str, message: str) -> None:
    with pytest.raises(InvalidSchema, match=message):
        read_second_line(line, ",")
