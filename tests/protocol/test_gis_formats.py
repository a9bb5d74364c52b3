"""http-api.md section 3.1, ``input`` = kml, shp, geojson, geoparquet; data-formats.md sections 4 and 5."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet
import pytest
import shapely

from tests.formats.gis_files import data, kml, placemark, point, polygon, shapefile, shapefile_zip, zipped
from tests.protocol.api import Api, Source

SQUARE = "10,40 12,40 12,42 10,42 10,40"
HUTS = [shapely.Point(8.5, 47.25), shapely.Point(-70.5, -33)]
NAMES = ["Älplihütte", "Refugio"]


def as_kml() -> bytes:
    huts = zip(("a", "b"), NAMES, HUTS, strict=True)
    return kml(
        "<Folder>"
        + "".join(
            placemark(f"<name>{name}</name>{data(Beds='8')}{point(f'{hut.x},{hut.y},1200')}", id_)
            for id_, name, hut in huts
        )
        + "</Folder>"
    )


def as_shp() -> bytes:
    columns = {"EntityID": pa.array(["a", "b"]), "Name": pa.array(NAMES), "Beds": pa.array(["8", "8"])}
    return shapefile_zip(shapefile(HUTS, columns))


def as_geojson() -> bytes:
    features = [
        {
            "type": "Feature",
            "id": id_,
            "geometry": {"type": "Point", "coordinates": [hut.x, hut.y]},
            "properties": {"Name": name, "Beds": "8"},
        }
        for id_, name, hut in zip(("a", "b"), NAMES, HUTS, strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def as_geoparquet() -> bytes:
    table = pa.table(
        {
            "EntityID": ["a", "b"],
            "Name": NAMES,
            "Beds": ["8", "8"],
            "geometry": pa.array(shapely.to_wkb(HUTS).tolist(), pa.binary()),
        }
    )
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    geo["columns"]["geometry"]["geometry_types"] = ["Point"]  # type: ignore[index]
    sink = io.BytesIO()
    pyarrow.parquet.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), sink)
    return sink.getvalue()


UPLOADS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "kml": ("kml", as_kml),
    "kml, gzipped": ("kml", lambda: gzip.compress(as_kml())),
    "kmz": ("kml", lambda: zipped({"doc.kml": as_kml(), "files/icon.png": b"\x89PNG"})),
    "shapefile": ("shp", as_shp),
    "geojson": ("geojson", as_geojson),
    "geojson, gzipped": ("geojson", lambda: gzip.compress(as_geojson())),
    "geojson, zipped": ("geojson", lambda: zipped({"huts.geojson": as_geojson()})),
    "geoparquet": ("geoparquet", as_geoparquet),
}


def loaded(api: Api, name: str, what: str, query: str = "") -> Source:
    input_, make = UPLOADS[what]
    return api.source(name, make(), f"input={input_}&{query}")


@pytest.mark.parametrize("what", UPLOADS)
def test_files_of_geographic_programs_are_loaded_and_queried(api: Api, new_name: Callable[[], str], what: str) -> None:
    source = loaded(api, new_name(), what)
    assert (source.job["processedEntityCount"], source.job["failedEntityCount"]) == (2, 0)
    assert [(hut["EntityID"], hut["Name"], hut["Beds"]) for hut in source.results()] == [
        *(("a", NAMES[0], "8"), ("b", NAMES[1], "8")),
    ]
    assert [(hut["Longitude"], hut["Latitude"]) for hut in source.results()] == [(hut.x, hut.y) for hut in HUTS]
    assert source.ids("spatialFilter=nearby(47.25,8.5,1)") == ["a"]
    assert source.ids(f"$filter=Name eq '{NAMES[0]}'") == ["a"]


@pytest.mark.parametrize("what", ["kml", "shapefile", "geojson", "geoparquet"])
def test_they_are_staged_published_and_changed_as_any_other_file(
    api: Api, new_name: Callable[[], str], what: str
) -> None:
    source = loaded(api, new_name(), what, "loadOperation=completeStaging")
    assert source.changed("/$commit")["status"] == "Completed"
    input_, make = UPLOADS[what]
    assert source.load(make(), f"input={input_}&loadOperation=incremental")["status"] == "Completed"
    assert source.ids() == ["a", "b"]
    assert len(source.versions()) == 2


@pytest.mark.parametrize("input_", ["kml", "shp", "geojson", "geoparquet"])
@pytest.mark.parametrize("content", [b"nonsense", b"PK\x03\x04", b"<a/>", b"{}", b"PAR1PAR1", b"\x00" * 1000])
def test_what_is_no_such_file_aborts_and_leaves_what_is_published(api: Api, input_: str, content: bytes) -> None:
    source = api.source("GisKept", as_kml(), "input=kml")
    job = source.load(content, f"input={input_}")
    assert job["status"] == "Aborted"
    assert "Internal" not in job["errorMessage"]
    assert job["errorMessage"] in next(csv.reader(source.api.error_log(job).splitlines()[1:]))
    assert source.ids() == ["a", "b"]


def test_a_polygon_of_a_kml_file_is_the_geography_geom_with_its_centroid(api: Api, new_name: Callable[[], str]) -> None:
    name = new_name()
    source = api.source(name, kml(placemark(polygon(SQUARE), "square")), "input=kml")
    (entity,) = source.results()
    assert source.entity_type == name
    assert entity["Geom"].replace(" (", "(").startswith("POLYGON((10 40, 12 40")
    assert (entity["Latitude"], entity["Longitude"]) == (41, 11)


def test_a_shapefile_of_another_projection_is_moved_to_wgs_84(api: Api, new_name: Callable[[], str]) -> None:
    mercator = [shapely.Point(111319.49079327357, 0)]
    upload = shapefile_zip(shapefile(mercator, {"Name": pa.array(["one"])}, crs="EPSG:3857"), "my-huts")
    source = api.source(new_name(), upload, "input=shp")
    (hut,) = source.results()
    assert (hut["EntityID"], hut["Latitude"]) == ("1", pytest.approx(0, abs=1e-9))
    assert hut["Longitude"] == pytest.approx(1, abs=1e-9)
    assert source.entity_type in ("my-huts", "my_huts")


def test_names_are_made_legal_letter_by_letter_and_told_apart(api: Api, new_name: Callable[[], str]) -> None:
    properties = {"Größe": "1", "2nd": "2", "a b": "3", "a-b": "4", "A_B": "5"}
    feature = {"type": "Feature", "id": "1", "geometry": {"type": "Point", "coordinates": [1, 2]}}
    upload = json.dumps({"type": "FeatureCollection", "features": [{**feature, "properties": properties}]})
    (entity,) = api.source(new_name(), upload.encode(), "input=geojson").results()
    named = {value: name for name, value in entity.items() if value in properties.values() and name != "EntityID"}
    assert {value: named[value] for value in "12345"} == {
        "1": "Gr__e",
        "2": "_2nd",
        "3": "a_b",
        "4": "a_b_2",
        "5": "A_B_3",
    }
