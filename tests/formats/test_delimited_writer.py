"""Downloads as csv: exact bytes."""

from __future__ import annotations

from geostead.formats.delimited.writer import csv_chunks
from tests.formats.reading import load
from tests.formats.test_geojson_writer import ENTITIES, PLACES

HEADER = (
    "Bing Spatial Data Services, 1.0, Water-Places\r\n"
    "PlaceID(Edm.String,primaryKey),Name(Edm.String),Longitude(Edm.Double),Latitude(Edm.Double),"
    "Visits(Edm.Int64),Open(Edm.Boolean),Seen(Edm.DateTime),Outline(Edm.Geography)\r\n"
)


def test_a_download_is_these_bytes() -> None:
    rows = (
        'p-1,"Mühle ""山""\r\n",-0.1,51.5,-9223372036854775808,true,2024-02-29T23:59:59.1234567Z,'
        '"POLYGON ((1 0, 1 1, 0 1, 0 0, 1 0))"\r\n'
        "p-2,,1,2,,false,0001-01-01T00:00:00Z,\r\n"
        "p-3,,,,,,,\r\n"
    )

    assert b"".join(csv_chunks(PLACES, [ENTITIES])).decode() == HEADER + rows


def test_a_download_without_entities_is_its_header() -> None:
    text = b"".join(csv_chunks(PLACES, []))

    assert text.decode() == HEADER
    assert load(text).reader.entity_type == PLACES
