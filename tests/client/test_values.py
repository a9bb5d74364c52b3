"""What needs no server: formats by name, back-off, geographies, entities as GeoJSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geostead.client import (
    Entity,
    Geography,
    Retries,
    UnknownFormat,
    download_format,
    upload_format,
)
from geostead.client.entities import read_entity, read_types
from geostead.client.retries import retry_after_s


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("shops.csv", "csv"),
        ("Shops.TSV", "tab"),
        ("a/b.c/shops.txt", "pipe"),
        ("shops.2026.xml.gz", "xml"),
        ("huts.kmz", "kml"),
        ("shops.csv.zip", "csv"),
        ("huts.zip", "shp"),
        ("huts.2026.zip", "shp"),
        ("shops.json", "geojson"),
        ("shops.parquet", "geoparquet"),
    ],
)
def test_the_name_of_a_file_tells_its_format(name: str, found: str):
    assert upload_format(name) == found


@pytest.mark.parametrize("name", ["shops", "-", "", ".csv", "shops.doc", "shops.gz", "shops.doc.gz"])
def test_a_name_that_tells_nothing_is_not_guessed(name: str):
    with pytest.raises(UnknownFormat, match="say which of csv, tab"):
        upload_format(name)


def test_a_download_has_fewer_formats():
    assert [download_format(f"x.{suffix}") for suffix in ("xml", "CSV", "geojson", "parquet")] == [
        "xml",
        "csv",
        "geojson",
        "geoparquet",
    ]
    for name in ("x.kml", "x.txt", "x", "x.csv.gz"):
        with pytest.raises(UnknownFormat, match="say which of xml, csv"):
            download_format(name)


@given(failures=st.integers(1, 10_000), first_s=st.floats(0.001, 10), longest_s=st.floats(0.001, 100))
def test_a_wait_grows_up_to_the_longest_and_never_is_nothing(failures: int, first_s: float, longest_s: float):
    wait_s = Retries(attempts=20_000, first_wait_s=first_s, longest_wait_s=longest_s).wait_s(failures)

    full_s = min(longest_s, first_s * 2.0 ** min(failures - 1, 60))
    assert wait_s is not None
    assert full_s / 2 <= wait_s <= full_s


@given(asked_s=st.floats(0, 30))
def test_a_wait_that_is_asked_for_is_kept_and_hardly_more(asked_s: float):
    wait_s = Retries(first_wait_s=1e-9).wait_s(1, asked_s)

    assert wait_s is not None
    assert asked_s <= wait_s <= asked_s * 1.1 + 1e-9


def test_after_the_last_attempt_and_where_too_much_is_asked_for_nothing_is_waited():
    assert Retries(attempts=3).wait_s(3) is None
    assert Retries(longest_wait_s=30).wait_s(1, 31) is None
    assert Retries(attempts=0).wait_s(1) is None


def test_retry_after_is_seconds_or_a_date():
    assert retry_after_s(" 17 ") == 17
    assert retry_after_s(format_datetime(datetime.now(UTC) - timedelta(hours=1))) == 0
    later_s = retry_after_s(format_datetime(datetime.now(UTC) + timedelta(hours=1)))
    assert later_s is not None
    assert 3500 < later_s <= 3600
    assert [retry_after_s(text) for text in (None, "", "soon", "-1", "1.5")] == [None] * 5


def test_a_geography_is_read_wherever_its_interface_is_understood():
    line = Geography("SRID=4326;LINESTRING (179 1, -179 2)")

    assert shapely.geometry.shape(line).equals(line.shape)
    assert line.__geo_interface__ == {"type": "LineString", "coordinates": ((179.0, 1.0), (-179.0, 2.0))}
    assert Geography("POLYGON EMPTY").__geo_interface__ == {"type": "Polygon", "coordinates": ()}
    collection = Geography("GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (1 2, 3 4))").__geo_interface__
    assert [part["type"] for part in collection["geometries"]] == ["Point", "LineString"]


def test_an_entity_is_a_feature_wherever_its_interface_is_understood():
    entity = Entity(
        "1", {"Name": "x", "Opened": datetime(2026, 3, 1, 12, tzinfo=UTC), "Latitude": 1.0, "Longitude": 2.0}
    )

    assert entity.__geo_interface__ == {
        "type": "Feature",
        "id": "1",
        "geometry": {"type": "Point", "coordinates": [2.0, 1.0]},
        "properties": {"Name": "x", "Opened": "2026-03-01T12:00:00Z", "Latitude": 1.0, "Longitude": 2.0},
    }


def test_an_entity_is_a_mapping():
    entity = Entity("1", {"Name": "x", "Size": None})

    assert (list(entity), len(entity), dict(entity)) == (["Name", "Size"], 2, {"Name": "x", "Size": None})
    assert "Name" in entity
    with pytest.raises(KeyError):
        entity["Other"]


def test_values_that_do_not_fit_their_type_are_left_as_they_are():
    xml = b"""<feed xmlns="http://www.w3.org/2005/Atom"
      xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
      xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices"><entry><content><m:properties>
      <d:At m:type="Edm.DateTime">2026-03-01T12:00:00</d:At><d:Name/></m:properties></content></entry></feed>"""
    types = read_types(xml)
    entity = read_entity({"__metadata": {"uri": "http://x/Y('a%2Fb''c')"}, "At": "noon", "Name": "n", "New": 1}, types)

    assert types.keys() == {"At", "Name"}
    assert (entity.id, dict(entity)) == ("a/b'c", {"At": "noon", "Name": "n", "New": 1})
