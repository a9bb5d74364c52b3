"""The same four huts, the way people and programs save them."""

from __future__ import annotations

import pyarrow as pa
import pytest
import shapely

from geostead.model.entity_type import EdmType
from geostead.model.instant import iso_text
from geostead.model.job import InputFormat
from tests.formats.reading import CSV, GEOJSON, GEOPARQUET, PIPE, SAMPLES, TAB, XML, Loaded, load

FILES = [
    ("huts.csv", CSV),
    ("huts.tab", TAB),
    ("huts.pipe", PIPE),
    ("huts.xml", XML),
    ("huts_spreadsheet.csv", CSV),
    ("huts_spreadsheet.tab", TAB),
    ("huts_dotnet.xml", XML),
    ("huts.geojson", GEOJSON),
    ("huts.geoparquet", GEOPARQUET),
]


def load_sample(name: str, input_format: InputFormat) -> Loaded:
    return load((SAMPLES / name).read_bytes(), input_format)


@pytest.fixture(scope="module")
def huts() -> pa.Table:
    return load_sample("huts.csv", CSV).entities


@pytest.mark.parametrize(("name", "input_format"), FILES)
def test_every_way_of_saving_gives_the_same_entities(name: str, input_format: InputFormat, huts: pa.Table) -> None:
    loaded = load_sample(name, input_format)

    assert loaded.entities.equals(huts)
    assert loaded.issues == []
    assert loaded.reader.entity_type.name == "MountainHuts"
    assert loaded.reader.entity_type.key_name == "HutCode"


def test_all_types_are_read(huts: pa.Table) -> None:
    entity = huts.slice(0, 1).to_pylist()[0]

    assert entity | {"Inspected": iso_text(entity["Inspected"])} == {
        "HutCode": "H-001",
        "Name": "Seehütte am Grünsee",
        "Note": "quiet; 2 h from the lift",
        "Latitude": 46.7512,
        "Longitude": 10.80125,
        "Beds": 24,
        "Staffed": True,
        "Elevation": 2190.5,
        "Inspected": "2023-06-01T08:15:00.1234567",
        "Area": None,
    }


def test_quotes_line_ends_and_offsets_are_read(huts: pa.Table) -> None:
    assert huts.column("Name")[1].as_py() == 'Rifugio "Tre Cime", lato sud'
    assert huts.column("Note")[1].as_py() == "line one\nline two"
    assert iso_text(huts.column("Inspected")[2].as_py()) == "2022-12-31T14:59:59"


def test_a_place_without_coordinates_lies_at_the_centroid_of_its_geography(huts: pa.Table) -> None:
    assert huts.column("Latitude")[1].as_py() == pytest.approx(46.62)
    assert huts.column("Longitude")[1].as_py() == pytest.approx(12.30)
    assert shapely.from_wkb(huts.column("Area")[1].as_py()).geom_type == "Polygon"


def test_missing_values_are_null_and_missing_strings_are_empty(huts: pa.Table) -> None:
    entity = huts.slice(3, 1).to_pylist()[0]

    assert entity == {
        "HutCode": "H-004",
        "Name": "",
        "Note": "",
        "Latitude": -43.59,
        "Longitude": 170.14,
        "Beds": 0,
        "Staffed": False,
        "Elevation": -0.0015,
        "Inspected": None,
        "Area": None,
    }


def test_properties_keep_their_order_and_types() -> None:
    properties = load_sample("huts.xml", XML).reader.entity_type.properties

    assert [(p.name, p.type) for p in properties] == [
        ("HutCode", EdmType.STRING),
        ("Name", EdmType.STRING),
        ("Note", EdmType.STRING),
        ("Latitude", EdmType.DOUBLE),
        ("Longitude", EdmType.DOUBLE),
        ("Beds", EdmType.INT64),
        ("Staffed", EdmType.BOOLEAN),
        ("Elevation", EdmType.DOUBLE),
        ("Inspected", EdmType.DATETIME),
        ("Area", EdmType.GEOGRAPHY),
    ]
