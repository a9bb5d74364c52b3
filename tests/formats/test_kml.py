from __future__ import annotations

import gzip

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from geostead.errors import LimitReached, LoadError, UnreadableUpload
from geostead.formats.kml import reader as kml_module
from geostead.formats.registry import open_reader
from geostead.model.entity_type import EdmType
from geostead.model.limits import MAX_PROPERTIES
from tests.formats.gis_files import SHAPES, data, kml, kml_geometry, line, placemark, point, polygon, zipped
from tests.formats.reading import KML, LIMITS, SAMPLES, Loaded, load, opened, uploaded

HUT = kml(placemark("<name>Hut</name>" + point("10.8,46.7,2190"), "H-1"))
PLAIN = st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"], exclude_characters='"<&\ufffe\uffff')
SQUARE = "0,0 4,0 4,4 0,4 0,0"


def load_placemarks(*placemarks: str, **limits: int) -> Loaded:
    return load(kml("".join(placemarks)), KML, **limits)


def shapes_of(loaded: Loaded) -> list[str]:
    return [shape and shape.wkt for shape in shapely.from_wkb(loaded.entities.column("Geom").to_pylist())]


def shape_of(geometry: str) -> str:
    loaded = load_placemarks(placemark(geometry))
    assert loaded.errors == []
    return shapes_of(loaded)[0]


def refusal(content: bytes) -> str:
    with pytest.raises(LoadError) as raised:
        load(content, KML)
    return str(raised.value)


def test_a_placemark_becomes_an_entity() -> None:
    loaded = load(HUT, KML)

    assert loaded.entities.drop_columns("Geom").to_pylist() == [
        {"EntityID": "H-1", "Name": "Hut", "Description": "", "Latitude": 46.7, "Longitude": 10.8}
    ]
    assert shapes_of(loaded) == ["POINT (10.8 46.7)"]
    assert loaded.issues == []


def test_properties_of_the_sample_are_typed_by_its_schema() -> None:
    loaded = load((SAMPLES / "huts.kml").read_bytes(), KML)

    assert [(p.name, p.type) for p in loaded.reader.entity_type.properties] == [
        ("EntityID", EdmType.STRING),
        ("Name", EdmType.STRING),
        ("Description", EdmType.STRING),
        ("beds", EdmType.INT64),
        ("staffed", EdmType.BOOLEAN),
        ("Elevation", EdmType.DOUBLE),
        ("inspected_on", EdmType.DATETIME),
        ("Geom", EdmType.GEOGRAPHY),
        ("Latitude", EdmType.DOUBLE),
        ("Longitude", EdmType.DOUBLE),
    ]
    assert loaded.ids == ["H-001", "H-002", "H-003"]
    assert loaded.entities.column("beds").to_pylist() == [24, 80, None]
    assert loaded.entities.column("staffed").to_pylist() == [True, False, None]
    assert loaded.entities.column("Description")[1].as_py() == "<p>line one<br>line two</p>"


def test_the_data_source_names_the_entity_type() -> None:
    assert open_reader(KML, uploaded(HUT), LIMITS, "~huts-{2}").entity_type.name == "_huts__2_"


@pytest.mark.parametrize(
    "namespace",
    [
        "http://earth.google.com/kml/2.0",
        "http://earth.google.com/kml/2.1",
        "http://www.opengis.net/kml/2.2",
        "https://www.opengis.net/kml/2.3",
        "",
    ],
)
def test_every_version_of_kml_is_read_and_so_is_one_without_namespace(namespace: str) -> None:
    content = kml(placemark(point("1,2")), namespace)

    assert load(content, KML).row_count == 1
    assert load(content.replace(b' xmlns=""', b""), KML).row_count == 1


def test_prefixes_are_free_and_need_not_be_declared() -> None:
    content = (
        b"<k:kml><k:Placemark><k:name>A</k:name><gx:Track><gx:coord>1 2 3</gx:coord></gx:Track></k:Placemark></k:kml>"
    )

    assert shapes_of(load(content, KML)) == ["POINT (1 2)"]


def test_folders_are_flattened_and_their_names_are_not_those_of_placemarks() -> None:
    inner = f"<Folder><name>inner</name>{placemark(point('1,2'))}</Folder>"

    loaded = load_placemarks(f"<Folder><name>outer</name>{placemark('<name>A</name>')}{inner}</Folder>")

    assert loaded.entities.column("Name").to_pylist() == ["A", ""]


def test_network_links_overlays_styles_and_changes_of_other_files_are_passed_over() -> None:
    link = "<NetworkLink><name>l</name><Link><href>http://127.0.0.1:9/x.kml</href></Link></NetworkLink>"
    overlay = (
        "<GroundOverlay><Icon><href>x.png</href></Icon></GroundOverlay><PhotoOverlay>"
        + point("7,7")
        + "</PhotoOverlay>"
    )
    style = '<Style id="s"><IconStyle/></Style><StyleMap id="m"/>'
    change = f"<NetworkLinkControl><Update><Create>{placemark(point('3,3'))}</Create></Update></NetworkLinkControl>"
    tour = f"<gx:Tour><Update><Change>{placemark(point('4,4'))}</Change></Update></gx:Tour>"

    loaded = load_placemarks(link, overlay, style, change, tour, placemark(style + point("1,2") + "<LookAt/>"))

    assert shapes_of(loaded) == ["POINT (1 2)"]


def test_ids_are_numbers_where_none_are_given() -> None:
    loaded = load_placemarks(*[placemark(point("1,2"))] * 3)

    assert loaded.ids == ["1", "2", "3"]


def test_numbers_begin_after_the_greatest_that_is_given_as_an_id() -> None:
    loaded = load_placemarks(
        placemark(), placemark(entity_id="2"), placemark(entity_id="x9"), placemark(entity_id="07")
    )

    assert loaded.ids == ["3", "2", "x9", "07"]


def test_an_id_that_is_too_long_makes_a_bad_row() -> None:
    loaded = load_placemarks(placemark(entity_id="x" * 51), placemark(entity_id="x" * 50))

    assert [(row, name) for row, name, _, _ in loaded.errors] == [(0, "EntityID")]


def test_data_without_a_schema_is_text_and_its_names_are_made_legal() -> None:
    more = '<Data name="opening hours"><displayName>Open</displayName><value> 9 to 17 </value></Data>'

    loaded = load_placemarks(
        placemark(data(Beds="24", name="inner", Geom="x", latitude="7")),
        placemark(f"<ExtendedData>{more}</ExtendedData>"),
    )

    assert loaded.reader.entity_type.names[3:7] == ("Beds", "name_2", "Geom_2", "latitude_2")
    assert loaded.entities.column("Beds").to_pylist() == ["24", ""]
    assert loaded.entities.column("opening_hours").to_pylist() == ["", "9 to 17"]


def test_data_outside_of_placemarks_is_none_of_theirs() -> None:
    loaded = load_placemarks(data(Author="me"), f"<Folder>{data(Folder='f')}{placemark(data(Beds='1'))}</Folder>")

    assert loaded.reader.entity_type.names[3:-3] == ("Beds",)


def test_a_schema_may_come_after_its_use_and_types_that_contradict_each_other_make_text() -> None:
    schemas = (
        '<Schema id="a"><SimpleField name="n" type="uint"/><SimpleField name="x" type="double"/></Schema>'
        '<Schema id="b"><SimpleField name="x" type="string"/><SimpleField name="y" type="xsd:geometry"/></Schema>'
    )
    values = '<SchemaData><SimpleData name="n">7</SimpleData><SimpleData name="x">1.0</SimpleData></SchemaData>'

    loaded = load_placemarks(placemark(f"<ExtendedData>{values}</ExtendedData>"), schemas)

    assert loaded.entities.select(["n", "x", "y"]).to_pylist() == [{"n": 7, "x": "1.0", "y": ""}]


def test_a_value_that_does_not_fit_its_schema_makes_a_bad_row() -> None:
    schema = '<Schema id="a"><SimpleField name="beds" type="int"/></Schema>'

    loaded = load_placemarks(schema, placemark(data(beds="many")), placemark(data(beds="")))

    assert loaded.errors == [(0, "beds", "many", "a whole number of at most 64 bits")]
    assert loaded.entities.column("beds").to_pylist() == [None]


def test_an_elevation_that_is_no_number_is_an_attribute_like_others() -> None:
    assert load_placemarks(placemark(data(elevation="2190 m"))).entities.column("elevation_2").to_pylist() == ["2190 m"]


def test_a_value_that_is_given_twice_makes_a_bad_row() -> None:
    twice = "<name>a</name><name>b</name>"

    assert load_placemarks(placemark(twice)).errors == [(0, "Name", "two values", "one value of this name")]


def test_a_description_may_hold_markup_that_is_not_escaped() -> None:
    loaded = load_placemarks(placemark("<description>a <b>bold</b><name>x</name> word</description>"))

    assert loaded.entities.column("Description").to_pylist() == ["a boldx word"]


def test_a_string_beyond_the_limit_makes_a_bad_row() -> None:
    loaded = load_placemarks(placemark(f"<description>{'x' * 2561}</description>"), placemark(data(a="x" * 10_000_000)))

    assert [(row, name) for row, name, _, _ in loaded.errors] == [(0, "Description"), (1, "a")]


def test_deletions_are_told_by_data() -> None:
    loaded = load_placemarks(placemark(data(__deleteEntity="true") + point("x"), "a"), placemark(point("1,2"), "b"))

    assert loaded.deletions == [(0, "a")]
    assert loaded.ids == ["b"]
    assert "__deleteEntity" not in loaded.reader.entity_type.names


@pytest.mark.parametrize(
    ("geometry", "wkt"),
    [
        (point("1,2,3"), "POINT (1 2)"),
        (line("1,2,3 4,5,6"), "LINESTRING (1 2, 4 5)"),
        ("<LinearRing><coordinates>0,0 1,0 1,1</coordinates></LinearRing>", "LINESTRING (0 0, 1 0, 1 1, 0 0)"),
        (polygon(SQUARE), "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"),
        (polygon("0,0 4,0 4,4 0,4"), "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"),
        (
            polygon(SQUARE, "1,1 2,1 2,2 1,1", "3,3 3,3.5 3.5,3.5"),
            "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 2 1, 2 2, 1 1), (3 3, 3 3.5, 3.5 3.5, 3 3))",
        ),
        (f"<MultiGeometry>{point('1,2')}</MultiGeometry>", "POINT (1 2)"),
        (f"<MultiGeometry>{point('1,2')}{point('3,4')}</MultiGeometry>", "MULTIPOINT ((1 2), (3 4))"),
        (
            f"<MultiGeometry>{line('1,2 3,4')}<MultiGeometry>{line('5,6 7,8')}</MultiGeometry></MultiGeometry>",
            "MULTILINESTRING ((1 2, 3 4), (5 6, 7 8))",
        ),
        (
            f"<GeometryCollection>{point('1,2')}{line('5,6 7,8')}</GeometryCollection>",
            "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (5 6, 7 8))",
        ),
        (
            "<gx:Track><when/><when/><gx:coord>1 2 3</gx:coord><gx:coord/><gx:coord>4 5 6</gx:coord></gx:Track>",
            "LINESTRING (1 2, 4 5)",
        ),
        (
            "<gx:MultiTrack><gx:Track><gx:coord>1 2 3</gx:coord><gx:coord>4 5 6</gx:coord></gx:Track>"
            "<gx:Track><gx:coord>7 8 9</gx:coord><gx:coord>8 9 9</gx:coord></gx:Track></gx:MultiTrack>",
            "MULTILINESTRING ((1 2, 4 5), (7 8, 8 9))",
        ),
    ],
)
def test_every_kind_of_geometry_is_read(geometry: str, wkt: str) -> None:
    assert shape_of(geometry) == wkt


@pytest.mark.parametrize(
    "geometry",
    ["", point(""), line(" "), polygon(""), "<MultiGeometry/>", "<Polygon/>", "<Model><Location/></Model>", "<Point/>"],
)
def test_a_placemark_without_geometry_is_kept_and_noted(geometry: str) -> None:
    loaded = load_placemarks(placemark(geometry))

    assert shapes_of(loaded) == [None]
    assert loaded.notes == [(0, "", "", "a location: Latitude and Longitude, or Geom")]


@pytest.mark.parametrize(
    ("geometry", "found", "expected"),
    [
        (point("north"), "north", "longitude,latitude or longitude,latitude,altitude as numbers"),
        (point("181,2"), "POINT (181 2)", "longitudes from -180 to 180 and latitudes from -90 to 90, longitude first"),
        (point("1,2 3,4"), "a point with 2 coordinates", "one longitude,latitude"),
        (line("1,2"), "a line of one point", "at least 2 points"),
        (polygon("1,2 3,4"), "a ring of 3 points", "a ring of at least 4 points, the last one as the first"),
        (polygon("", SQUARE), "a polygon with 0 outer boundaries", "one outer boundary"),
        (point("1,2") + point("x"), "x", "longitude,latitude or longitude,latitude,altitude as numbers"),
        ("<gx:Track><gx:coord>1,2,3</gx:coord></gx:Track>", "1,2,3", "longitude latitude altitude as numbers"),
    ],
)
def test_a_geometry_that_cannot_be_read_makes_a_bad_row(geometry: str, found: str, expected: str) -> None:
    loaded = load_placemarks(placemark(point("1,2")), placemark(geometry))

    assert loaded.errors == [(1, "Geom", found, expected)]
    assert loaded.rows == [0]
    assert loaded.reader.locate([1]) == {1: "placemark 2"}


def test_extended_data_of_other_namespaces_is_neither_a_value_nor_a_geometry() -> None:
    foreign = f"<ExtendedData><camp:number>14</camp:number>{point('9,9')}<value>v</value></ExtendedData>"

    assert shape_of(foreign + point("1,2")) == "POINT (1 2)"


def test_polygons_are_counted_in_the_file_and_points_in_each_placemark() -> None:
    two = f"<MultiGeometry>{polygon(SQUARE)}{polygon('5,5 6,5 6,6')}</MultiGeometry>"

    assert load_placemarks(placemark(two), placemark(point("1,2")), shapes_per_file=2).row_count == 2
    with pytest.raises(LimitReached, match="polygons in one file is 4; the maximum is 3"):
        load_placemarks(placemark(two), placemark(two), shapes_per_file=3)
    assert load_placemarks(placemark(two), points_per_shape=9).errors == []
    assert load_placemarks(placemark(two), points_per_shape=7).errors == [
        (0, "Geom", "over 7 points", "a geography of at most 7 points")
    ]


def test_too_many_properties_are_refused() -> None:
    with pytest.raises(LimitReached, match="properties"):
        load_placemarks(*(placemark(data(**{f"p{number}": "x"})) for number in range(MAX_PROPERTIES + 1)))


def test_rows_are_cut_into_batches_and_keep_their_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kml_module, "BATCH_ROWS", 100)
    content = kml("".join(placemark(point("x" if number == 8000 else "1,2")) for number in range(9000)))

    batches = list(opened(content, KML).batches())

    assert len(batches) > 1
    assert [row for batch in batches for row in batch.rows.tolist()] == [row for row in range(9000) if row != 8000]
    assert [issue.entity_id for batch in batches for issue in batch.issues] == ["8001"]


@pytest.mark.parametrize(
    "files",
    [
        {"doc.kml": HUT},
        {"files/": b"", "files/a.png": b"\x89PNG\0\0", "DOC.KML": HUT, "a.kml": b"junk"},
        {"huts.kml": HUT, "other.kml": b"junk", "images/doc.kml": b"junk"},
        {"images/icon.jpg": b"\xff\xd8", "my places/huts.kml": HUT, "__MACOSX/._doc.kml": b"\0"},
    ],
)
def test_a_kmz_has_a_main_file_and_whatever_else(files: dict[str, bytes]) -> None:
    assert load(zipped(files), KML).ids == ["H-1"]


def test_a_gzipped_file_is_unpacked() -> None:
    assert load(gzip.compress(HUT), KML).ids == ["H-1"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (zipped({"a.txt": b"x"}), "must hold a KML file, usually doc.kml; found 'a.txt'"),
        (zipped({"doc.kml": zipped({"doc.kml": HUT})}), "an archive within an archive"),
        (gzip.compress(zipped({"doc.kml": HUT})), "an archive within an archive"),
        (zipped({"doc.kml": HUT, "../evil.png": b""}), "leads outside"),
        (b"", "empty"),
        (b"id,name\n1,a", "Expected KML, whose root element is <kml>; is input= right?"),
        (b"<gpx><wpt/></gpx>", "The root element is <gpx>; expected KML"),
        (b"<!DOCTYPE kml [<!ENTITY a 'b'>]><kml/>", "document type declaration"),
        (b"<kml>&a;</kml>", "undefined entity"),
        (HUT.replace(b"</Document>", b""), "Placemark 1 (line 2, column"),
        (kml("<Folder>" * 99 + placemark() + "</Folder>" * 99), "nested over 100 levels"),
        (HUT.replace(b"Hut", b"H\xfctte"), "not well-formed XML in UTF-8"),
        (HUT.decode().encode("utf-16"), "UTF-16"),
    ],
)
def test_what_is_no_kml_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    assert reason in refusal(content)


def test_far_too_many_placemarks_are_refused_before_their_properties_are_known() -> None:
    with pytest.raises(LimitReached, match="rows, bad ones included, is 21; the maximum is 20"):
        opened(kml(placemark() * 21), KML, entities=2)


def test_a_placemark_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kml_module, "_MAX_PLACEMARK_BYTES", 2**20)

    with pytest.raises(UnreadableUpload, match="Placemark 2 is longer than 1 MB"):
        load_placemarks(placemark(), placemark("<description>" + "x" * 2_000_000 + "</description>"))


@settings(max_examples=60, deadline=None)
@given(st.lists(SHAPES, min_size=1, max_size=5))
def test_geometries_come_back_as_they_were_written(shapes: list[BaseGeometry]) -> None:
    loaded = load_placemarks(*(placemark(kml_geometry(shape)) for shape in shapes))

    assert loaded.entities.column("Geom").to_pylist() == [shapely.to_wkb(shape, byte_order=1) for shape in shapes]


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(PLAIN, max_size=20), st.text(PLAIN, max_size=20), max_size=5))
def test_values_come_back_as_they_were_written(values: dict[str, str]) -> None:
    loaded = load_placemarks(placemark(data(**values)))

    given_names = [name for name in values if name.strip()]
    names = loaded.reader.entity_type.names[3 : 3 + len(given_names)]
    assert loaded.entities.select(names).to_pylist() == [
        {name: values[given_name].strip() for name, given_name in zip(names, given_names, strict=True)}
    ]
