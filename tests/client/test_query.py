"""Queries through the client: every value, every page, GeoJSON and GeoDataFrames."""

from __future__ import annotations

import builtins
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from geostead.client import BadRequest, Entity, Geography, Geostead, NotFound, NotInstalled, PropertyType
from tests.cli.shell import succeed
from tests.client.stumbling_server import Reply, stumbling_server
from tests.servers import Server
from tests.uploads import changes_upload, pipe_upload

ACROSS = "POLYGON ((179 -17, -179 -17, -179 -16, 179 -16, 179 -17))"
AWKWARD = (
    "Bing Spatial Data Services, 1.0, Odd-Thing\n"
    "Code(Edm.String,primaryKey)|Name(Edm.String)|Size(Edm.Int64)|Rate(Edm.Double)|Open(Edm.Boolean)"
    "|Opened(Edm.DateTime)|Geom(Edm.Geography)|Latitude(Edm.Double)|Longitude(Edm.Double)\n"
    f'O\'Hara/é(1)|Łódź 🚋 "quoted"|9007199254740993|5|true|2015-10-29T21:25:09.123Z|{ACROSS}||\n'
    "empty||||||||\n"
    "point|/Date(5)/|-1|1e-7|false|0001-01-01|POINT (180 -90)|-90|180\n"
    "bare|POINT (1 2)|0|0||9999-12-31T23:59:59Z||12.5|-0.25\n"
)
ODD_ID = "O'Hara/é(1)"
MANY = 618
FRAMES = Path(__file__).parents[2] / ".tools" / "geodataframe"
"""Where `make test` puts geopandas."""


@pytest.fixture(scope="module", autouse=True)
def data_sources(server: Server, keys: dict[str, str]) -> None:
    with Geostead(server.url, keys["master"]) as geostead:
        jobs = [
            geostead.load("Odd", AWKWARD.encode(), input="pipe"),
            geostead.load("Many", pipe_upload(MANY), input="pipe", query_key=keys["query"]),
            geostead.load("None", pipe_upload(1), input="pipe"),
            geostead.load("None", changes_upload("P0000000|||||1"), input="pipe", operation="incremental"),
        ]
        assert [geostead.wait(job).failed_count for job in jobs] == [0, 0, 0, 0]
        geostead.wait(geostead.load("Many", pipe_upload(3), input="pipe", operation="completeStaging"))


def odd(geostead: Geostead) -> dict[str, Entity]:
    return {entity.id: entity for entity in geostead.query("odd")}


def test_values_come_in_the_types_of_their_properties(geostead: Geostead):
    found = odd(geostead)

    assert dict(found[ODD_ID]) == {
        "Code": ODD_ID,
        "Name": 'Łódź 🚋 "quoted"',
        "Size": 9007199254740993,
        "Rate": 5.0,
        "Open": True,
        "Opened": datetime(2015, 10, 29, 21, 25, 9, 123000, UTC),
        "Geom": found[ODD_ID]["Geom"],
        "Latitude": found[ODD_ID]["Latitude"],
        "Longitude": found[ODD_ID]["Longitude"],
    }
    assert isinstance(found[ODD_ID]["Rate"], float)
    assert isinstance(found[ODD_ID]["Geom"], Geography)
    assert str(found["point"]["Geom"]) == "POINT (180 -90)"
    assert found["point"]["Opened"] == datetime(1, 1, 1, tzinfo=UTC)
    assert found["bare"]["Opened"] == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_a_text_stays_a_text_whatever_it_looks_like(geostead: Geostead):
    found = odd(geostead)

    assert found["point"]["Name"] == "/Date(5)/"
    assert found["bare"]["Name"] == "POINT (1 2)"


def test_missing_values_are_none_and_missing_texts_empty(geostead: Geostead):
    empty = odd(geostead)["empty"]

    assert (empty["Code"], empty["Name"]) == ("empty", "")
    assert {value for name, value in empty.items() if name not in ("Code", "Name")} == {None}
    assert (empty.position, empty.geography_name, empty.distance_km) == (None, None, None)


def test_an_entity_is_found_by_its_id_whatever_is_in_it(geostead: Geostead):
    assert geostead.entity("ODD", ODD_ID) == odd(geostead)[ODD_ID]
    assert geostead.entity("Many", "P0000002", staged=True)["Size"] == 2
    with pytest.raises(NotFound):
        geostead.entity("Odd", "unknown")


def test_all_pages_come_one_after_the_other_without_repeats(geostead: Geostead):
    found = geostead.query("Many")

    assert [len(page) for page in found.pages()] == [250, 250, 118]
    assert [entity.id for entity in found] == [f"P{number:07d}" for number in range(MANY)]
    assert found.count() == MANY


@pytest.mark.parametrize(("top", "pages"), [(0, []), (7, [7]), (250, [250]), (251, [250, 1]), (None, [250, 250, 118])])
def test_no_more_come_than_were_asked_for(geostead: Geostead, top: int | None, pages: list[int]):
    assert [len(page) for page in geostead.query("Many", top=top, page_size=9_999).pages()] == pages


def test_numbers_that_no_query_can_have_are_refused_before_anything_is_asked(geostead: Geostead):
    with pytest.raises(ValueError, match="top: found -1; expected 0 or more"):
        geostead.query("Many", top=-1)
    with pytest.raises(ValueError, match="page_size: found 0; expected 1 or more"):
        geostead.query("Many", page_size=0)


def test_pages_are_asked_for_when_they_are_needed(geostead: Geostead):
    page = {"d": {"results": [{"__metadata": {"uri": f"http://x/Shop('{n}')"}, "N": n} for n in range(250)]}}
    atom = b'<feed xmlns="http://www.w3.org/2005/Atom"/>'
    source = geostead.data_source("Many")
    script = (Reply(body=json.dumps(page).encode()), Reply(body=atom))
    with stumbling_server(*script) as server, Geostead(server.url, "key") as stumbling:
        found = stumbling.query(source)
        assert server.requests == []
        next(iter(found))
        assert len(server.requests) == 2


def test_filters_orders_and_selections_are_those_of_the_query_language(geostead: Geostead):
    found = geostead.query(
        "Many",
        filter="Size ge 300 and startswith(Name,'Place')",
        spatial_filter="bbox(-90,-180,90,180)",
        select=["Size", "__Distance"],
        order_by="Size desc",
        top=2,
    )

    assert [entity["Size"] for entity in found] == [617, 616]
    assert [list(entity) for entity in found] == [["Size", "__Distance"]] * 2
    assert all(isinstance(entity.distance_km, float) for entity in found)
    assert [entity.id for entity in found] == ["P0000617", "P0000616"]
    assert found.count() == MANY - 300
    assert geostead.count("Many", staged=True) == 3


def test_a_remark_of_the_server_is_kept(geostead: Geostead):
    found = geostead.query("Many", select="Name,Nonsense", top=1)

    assert [list(entity) for entity in found] == [["Name"]]
    assert len(found.remarks) == 1
    assert "Nonsense" in found.remarks[0]


def test_further_parameters_are_passed_on_as_they_are(geostead: Geostead):
    with pytest.raises(BadRequest, match="travelMode"):
        list(geostead.query("Many", spatial_filter="nearRoute('1,1','1,2')", more={"travelMode": "flying"}))


def test_a_query_that_cannot_be_understood_says_where(geostead: Geostead):
    with pytest.raises(BadRequest, match="position") as caught:
        list(geostead.query("Many", filter="Size gt"))
    assert caught.value.code == "InvalidFilter"


def test_what_is_public_is_queried_with_a_key_of_anybody(server: Server, geostead: Geostead):
    geostead.set_public("Odd", True)
    account = json.loads(succeed(server.data_dir, "account", "create", "anybody", "--json"))
    with Geostead(server.url, account["keys"][0]["key"]) as anybody:
        (source,) = [source for source in anybody.public_data_sources() if source.name == "Odd"]
        assert isinstance(anybody.entity(source, "point")["Geom"], Geography)
        assert anybody.count(source) == 4


def test_geojson_has_the_geography_where_there_is_one_else_the_point(geostead: Geostead):
    document: dict[str, Any] = json.loads(json.dumps(geostead.query("Odd").to_geojson()))
    features = {feature["id"]: feature for feature in document["features"]}

    assert document["type"] == "FeatureCollection"
    assert features[ODD_ID]["geometry"]["type"] in ("Polygon", "MultiPolygon")
    assert features["point"]["geometry"] == {"type": "Point", "coordinates": [180, -90]}
    assert features["bare"]["geometry"] == {"type": "Point", "coordinates": [-0.25, 12.5]}
    assert features["empty"]["geometry"] is None
    assert "Geom" not in features[ODD_ID]["properties"]
    assert features[ODD_ID]["properties"]["Opened"] == "2015-10-29T21:25:09.123000Z"
    assert features["empty"]["properties"]["Size"] is None


def test_an_intersection_stands_for_the_shape_where_no_geography_was_selected(geostead: Geostead):
    part = "intersection('POLYGON ((179.5 -18, 180 -18, 180 -15, 179.5 -15, 179.5 -18))')"
    found = geostead.query("Odd", select=f"Code,{part}", filter="Open eq true")
    (alone,) = found.to_geojson()["features"]
    (both,) = geostead.query("Odd", select=f"Geom,{part}", filter="Open eq true")

    assert alone["geometry"]["type"] == "Polygon"
    assert both.geography_name == "Geom"
    assert isinstance(both.__geo_interface__["properties"]["__IntersectedGeom"], str)


@pytest.fixture
def geopandas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(FRAMES)
    pytest.importorskip("geopandas", reason="geopandas is missing: `make test` installs it")


@pytest.mark.usefixtures("geopandas")
def test_a_geodataframe_has_the_types_of_the_properties(geostead: Geostead):
    frame = geostead.query("Odd").to_geodataframe()

    assert list(frame.index) == sorted(["bare", "empty", "point", ODD_ID])
    assert str(frame.crs) == "EPSG:4326"
    assert {name: str(frame[name].dtype) for name in ("Name", "Size", "Rate", "Open", "Opened")} == {
        "Name": "string",
        "Size": "Int64",
        "Rate": "float64",
        "Open": "boolean",
        "Opened": "datetime64[ms, UTC]",
    }
    assert frame["Size"][ODD_ID] == 9007199254740993
    assert frame.geometry["bare"].wkt == "POINT (-0.25 12.5)"
    assert frame.geometry["empty"] is None
    assert "Geom" not in frame.columns


@pytest.mark.usefixtures("geopandas")
def test_a_geodataframe_without_rows_has_its_columns_all_the_same(geostead: Geostead):
    frame = geostead.query("Odd", filter="Size eq 77").to_geodataframe()

    assert len(frame) == 0
    assert {"Code", "Size", "geometry"} <= set(frame.columns)
    assert str(frame["Size"].dtype) == "Int64"
    assert len(geostead.query("None").to_geodataframe()) == 0


def test_without_geopandas_the_error_says_how_to_install_it(geostead: Geostead, monkeypatch: pytest.MonkeyPatch):
    real = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name == "geopandas":
            raise ImportError(name)
        return real(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(NotInstalled, match=r"geostead\[geodataframe\]"):
        geostead.query("Odd").to_geodataframe()


def test_a_data_source_without_entities_has_none(geostead: Geostead):
    found = geostead.query("None")

    assert (list(found), found.count(), found.types) == ([], 0, {})
    assert found.to_geojson() == {"type": "FeatureCollection", "features": []}


def test_the_types_of_the_staged_version_are_its_own(geostead: Geostead):
    assert geostead.query("Many", staged=True).types["Size"] is PropertyType.INT64
    with pytest.raises(NotFound):
        list(geostead.query("Odd", staged=True))
