"""Downloads (data-formats.md, section 3): exact bytes, and nothing is lost on the way out and in again."""

from __future__ import annotations

import io
from functools import partial

import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from lxml import etree

from geostead.formats.rows.batch_parts import parts_of
from geostead.formats.xml import dataset as xml_dataset
from geostead.formats.xml.dataset import write_dataset
from geostead.model.columns import arrow_schema
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.model.instant import parse_ticks
from tests.entities import columns_of
from tests.formats.data_sources import data_sources
from tests.formats.reading import SAMPLES, XML, load

PLACES = EntityType.declare(
    "Water-Places",
    [
        Property("PlaceID", EdmType.STRING),
        Property("Name", EdmType.STRING),
        Property("Longitude", EdmType.DOUBLE),
        Property("Latitude", EdmType.DOUBLE),
        Property("Visits", EdmType.INT64),
        Property("Open", EdmType.BOOLEAN),
        Property("Depth", EdmType.DOUBLE),
        Property("Seen", EdmType.DATETIME),
        Property("Outline", EdmType.GEOGRAPHY),
    ],
    ["PlaceID"],
)


def written(entity_type: EntityType, *batches: pa.RecordBatch) -> bytes:
    sink = io.BytesIO()
    write_dataset(entity_type, batches, sink)
    return sink.getvalue()


def written_places(*entities: dict[str, object]) -> bytes:
    return written(PLACES, columns_of(PLACES, entities))


def wkb(text: str) -> bytes:
    return shapely.to_wkb(shapely.from_wkt(text), byte_order=1)


def test_a_download_is_these_bytes() -> None:
    found = written_places(
        {
            "PlaceID": "p-1",
            "Name": "Mill & <Pond>\r\n\t\u00e9",
            "Longitude": -0.1,
            "Latitude": 51.5,
            "Visits": -12,
            "Open": True,
            "Depth": 1e-7,
            "Seen": parse_ticks("2024-02-29T23:59:59.1234567Z"),
            "Outline": wkb("POLYGON ((0 0, 1 0, 1 1, 0 0))"),
        },
        {"PlaceID": "p-2", "Open": False, "Longitude": 1.0, "Latitude": 2.0, "Seen": parse_ticks("0001-01-01")},
    )

    assert found == (SAMPLES / "download.xml").read_bytes()


def test_old_readers_find_what_they_look_for_by_position() -> None:
    root = etree.fromstring(written_places({"PlaceID": "a"}, {"PlaceID": "b"}))
    xs = "{http://www.w3.org/2001/XMLSchema}"

    assert [child.tag for child in root] == [f"{xs}schema", "Water-Places", "Water-Places"]
    assert root.getprevious() is None
    assert root.text is None
    data_set = root[0][0]
    assert data_set.get("{urn:schemas-microsoft-com:xml-msdata}IsDataSet") == "true"
    assert data_set.get("name") != root.tag
    assert data_set[-1].tag == f"{xs}unique"
    assert data_set[-1][-1].get("xpath") == "PlaceID"
    assert root[0].prefix == "xs"


def test_missing_values_have_no_element() -> None:
    root = etree.fromstring(written_places({"PlaceID": "a"}))

    assert [child.tag for child in root[1]] == ["PlaceID"]


def test_a_download_without_entities_is_still_a_data_set() -> None:
    assert load(written(PLACES), XML).reader.entity_type == PLACES


@given(data_sources())
@settings(deadline=None, max_examples=100)
def test_downloading_and_loading_again_gives_the_same_entities(source: tuple[EntityType, pa.RecordBatch]) -> None:
    entity_type, entities = source

    loaded = load(written(entity_type, entities), XML)

    assert loaded.reader.entity_type == entity_type
    assert loaded.errors == []
    assert loaded.entities.equals(pa.Table.from_batches([entities]))
    for name in entity_type.names:  # equals() takes -0.0 for 0.0
        assert list(map(repr, loaded.entities.column(name).to_pylist())) == list(
            map(repr, entities.column(name).to_pylist())
        )


def test_large_batches_are_written_in_parts_without_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    entities = [{"PlaceID": f"p{n}", "Name": "n" * n, "Latitude": float(n), "Longitude": 0.5} for n in range(50)]
    whole = written_places(*entities)
    monkeypatch.setattr(xml_dataset, "parts_of", partial(parts_of, max_cells=20, max_bytes=200))

    batch = columns_of(PLACES, entities)
    assert written(PLACES, batch.slice(0, 17), batch.slice(17, 0), batch.slice(17)) == whole


def test_columns_that_are_slices_are_written_as_what_they_are() -> None:
    batch = columns_of(PLACES, [{"PlaceID": "a<"}, {"PlaceID": "b"}, {"PlaceID": "c&"}])

    assert load(written(PLACES, batch.slice(1)), XML).ids == ["b", "c&"]
    assert batch.schema == arrow_schema(PLACES)


def test_a_sample_survives_a_round_trip() -> None:
    first = load((SAMPLES / "huts.xml").read_bytes(), XML)

    again = load(written(first.reader.entity_type, *first.entities.to_batches()), XML)

    assert again.entities.equals(first.entities)
    assert again.reader.entity_type == first.reader.entity_type
