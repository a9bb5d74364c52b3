"""Makes KML and shapefiles out of geometries."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pyarrow as pa
import pyogrio
import shapely
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

KML_NAMESPACE = "http://www.opengis.net/kml/2.2"

LONGITUDES, LATITUDES = st.floats(-180, 180), st.floats(-90, 90)
PLACES = st.tuples(LONGITUDES, LATITUDES)
POINTS = st.builds(shapely.Point, PLACES)
LINES = st.lists(PLACES, min_size=2, max_size=6, unique=True).map(shapely.LineString)
MULTI_POINTS = st.lists(PLACES, min_size=2, max_size=4).map(shapely.MultiPoint)
MULTI_LINES = st.lists(LINES, min_size=2, max_size=3).map(shapely.MultiLineString)


@st.composite
def polygons(draw: st.DrawFn, west: float = -180) -> shapely.Polygon:
    """Make a valid polygon that is less than 60 degrees wide, with or without a hole."""
    left, right = west + draw(st.floats(0, 20)), west + draw(st.floats(40, 59))
    bottom, top = draw(st.floats(-90, -10)), draw(st.floats(10, 90))
    outer = [(left, bottom), (right, bottom), (right, top), (draw(st.floats(west + 31, west + 39)), 5.5), (left, top)]
    inner = [(west + 25, 0), (west + 29, draw(st.floats(-5, -1))), (west + draw(st.floats(26, 28)), 4.25)]
    return shapely.Polygon(outer, [inner] if draw(st.booleans()) else [])


MULTI_POLYGONS = st.tuples(polygons(-180), polygons(-60), polygons(60)).map(shapely.MultiPolygon)
COLLECTIONS = st.tuples(POINTS, LINES, polygons()).map(shapely.GeometryCollection)
SHAPES = st.one_of(POINTS, LINES, polygons(), MULTI_POINTS, MULTI_LINES, MULTI_POLYGONS, COLLECTIONS)
"""Valid shapes, within the world, of every kind."""


def kml(body: str, namespace: str = KML_NAMESPACE) -> bytes:
    """Put Placemarks into a document."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="{namespace}"><Document>{body}</Document></kml>'.encode()
    )


def placemark(inside: str = "", entity_id: str = "") -> str:
    """Write a Placemark."""
    attribute = f' id="{entity_id}"' if entity_id else ""
    return f"<Placemark{attribute}>{inside}</Placemark>"


def point(coordinates: str) -> str:
    return f"<Point><coordinates>{coordinates}</coordinates></Point>"


def line(coordinates: str) -> str:
    return f"<LineString><coordinates>{coordinates}</coordinates></LineString>"


def polygon(outer: str, *inner: str) -> str:
    holes = "".join(f"<innerBoundaryIs>{_ring(ring)}</innerBoundaryIs>" for ring in inner)
    return f"<Polygon><outerBoundaryIs>{_ring(outer)}</outerBoundaryIs>{holes}</Polygon>"


def data(**values: str) -> str:
    """Write extended data without a schema."""
    inside = "".join(f'<Data name="{name}"><value>{escape(value)}</value></Data>' for name, value in values.items())
    return f"<ExtendedData>{inside}</ExtendedData>"


def kml_geometry(shape: BaseGeometry) -> str:
    """Write a geometry, every digit of it."""
    match shape.geom_type:
        case "Point":
            return point(_coordinates(shape))
        case "LineString":
            return line(_coordinates(shape))
        case "Polygon":
            return polygon(_coordinates(shape.exterior), *map(_coordinates, shape.interiors))
    return f"<MultiGeometry>{''.join(map(kml_geometry, shape.geoms))}</MultiGeometry>"


def zipped(files: Mapping[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return sink.getvalue()


def shapefile(
    shapes: Sequence[BaseGeometry | None],
    columns: Mapping[str, pa.Array] | None = None,
    *,
    geometry_type: str = "Point",
    crs: str | None = "EPSG:4326",
    encoding: str = "UTF-8",
) -> dict[str, bytes]:
    """Return the files of a shapefile by suffix."""
    table = pa.table({**(columns or {}), "geometry": pa.array(shapely.to_wkb(list(shapes)).tolist(), pa.binary())})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.shp"
        pyogrio.write_arrow(
            table,
            path,
            driver="ESRI Shapefile",
            geometry_name="geometry",
            geometry_type=geometry_type,
            crs=crs or "EPSG:4326",
            encoding=encoding,
        )
        files = {file.suffix: file.read_bytes() for file in Path(folder).iterdir()}
    return files if crs else {suffix: content for suffix, content in files.items() if suffix != ".prj"}


def shapefile_zip(files: Mapping[str, bytes], stem: str = "Huts") -> bytes:
    return zipped({stem + suffix: content for suffix, content in files.items()})


def _ring(coordinates: str) -> str:
    return f"<LinearRing><coordinates>{coordinates}</coordinates></LinearRing>"


def _coordinates(shape: BaseGeometry) -> str:
    return " ".join(f"{place[0]!r},{place[1]!r}" for place in shapely.get_coordinates(shape).tolist())
