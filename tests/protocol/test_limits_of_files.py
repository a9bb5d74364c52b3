"""http-api.md section 5: what a file may hold, by profile and with single numbers changed."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from io import BytesIO

import pyarrow as pa
import pytest
import shapely

from tests.formats.gis_files import kml, placemark, polygon, shapefile, shapefile_zip
from tests.protocol.api import LOAD, Api, pipe
from tests.protocol.envelopes import error_details
from tests.servers import administer, create_account, run_cli

KEY = "EntityID(Edm.String,primaryKey)"
NAMED = f"{KEY}|Name(Edm.String)"
AREA = f"{KEY}|Area(Edm.Geography)"

TABLE = {
    "basic": (2, 50, 5, 2_500, 300 * 2**20, 50, 250, 250),
    "enterprise": (10, 50, 25, 200_000, 300 * 2**20, 200_000, 100_000, 250),
    "self-hosted": (100, None, None, 5_000_000, 4 * 2**30, 5_000_000, 100_000, 10_000),
}
"""The rows of the limits table that differ between profiles, in its order."""
LIMITS = ["jobs_in_process", "jobs_per_day", "data_sources", "entities", "upload_bytes", "shapes_per_file"]
LIMITS += ["points_per_shape", "query_points"]


@pytest.fixture(scope="module")
def accounts(api: Api) -> dict[str, Api]:
    """An account of each profile, and a tiny one with numbers of its own."""
    data_dir = api.server.data_dir
    arguments = {
        "basic": ["--limits", "basic"],
        "enterprise": ["--limits", "enterprise"],
        "self-hosted": [],
        "tiny": [],
    }
    made = {
        name: api.with_key(create_account(data_dir, f"files-{name}", *options)["master"])
        for name, options in arguments.items()
    }
    numbers = {"entities": 4, "shapes-per-file": 3, "points-per-shape": 12, "upload-bytes": 4_000}
    options = [option for name, number in numbers.items() for option in (f"--{name}", str(number))]
    administer(data_dir, "account", "set-limits", "files-tiny", *options)
    return made


def places(count: int) -> bytes:
    return pipe(KEY, *(f"{number}|1|2" for number in range(count)))


def triangles(count: int, in_each: int) -> bytes:
    """A KML file of placemarks with so many polygons in each, and what is left over in the last one."""
    each = [polygon(f"{at},0 {at}.5,0 {at},0.5 {at},0") for at in range(count)]
    shapes = ("".join(each[at : at + in_each]) for at in range(0, count, in_each))
    return kml("".join(placemark(f"<MultiGeometry>{inside}</MultiGeometry>") for inside in shapes))


def line(points: int) -> str:
    return f"LINESTRING ({','.join(f'{at % 100} {at // 100 % 90}' for at in range(points))})"


def kmz(content: bytes) -> bytes:
    sink = BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", content)
    return sink.getvalue()


def test_the_numbers_of_each_profile_are_those_of_the_table(api: Api, accounts: dict[str, Api]) -> None:
    done = run_cli(api.server.data_dir, "account", "list", "--json")
    listed = {account["account"]: account for account in json.loads(done.stdout)}
    for profile, numbers in TABLE.items():
        assert tuple(listed[f"files-{profile}"][name] for name in LIMITS) == numbers


@pytest.mark.parametrize(("who", "maximum"), [("tiny", 4), ("basic", 2_500), ("enterprise", 200_000)])
def test_too_many_entities_abort_the_load(accounts: dict[str, Api], who: str, maximum: int) -> None:
    account = accounts[who]
    source = account.source("Many", places(maximum))
    message = f"Limit exceeded: entities is {maximum + 1:,}; the maximum is {maximum:,}."
    one_more = [
        source.load(places(maximum + 1)),
        source.load(pipe(KEY, "new|1|2"), "loadOperation=incremental"),
        source.load(pipe(KEY, "new|1|2"), "loadOperation=incrementalStaging"),
    ]
    assert [(job["status"], job["errorMessage"]) for job in one_more] == [("Aborted", message)] * 3
    assert message in account.error_log(one_more[0])
    assert source.json("$inlinecount=allpages&$top=1")["__count"] == str(maximum)
    assert source.load(pipe(KEY, "0|3|4"), "loadOperation=incremental")["status"] == "Completed"


def test_rows_with_one_id_are_one_entity(accounts: dict[str, Api]) -> None:
    job = accounts["tiny"].load("Repeated", pipe(KEY, *("same|1|2" for _ in range(5))))
    assert (job["status"], job["failedEntityCount"]) == ("Completed", 4)


@pytest.mark.parametrize(("who", "maximum"), [("tiny", 3), ("basic", 50)])
@pytest.mark.parametrize("in_each", [1, 3])
def test_too_many_polygons_in_one_kml_file_abort_the_load(
    accounts: dict[str, Api], who: str, maximum: int, in_each: int
) -> None:
    assert accounts[who].load("Polygons", triangles(maximum, in_each), "input=kml")["status"] == "Completed"
    for content in (triangles(maximum + 1, in_each), kmz(triangles(maximum + 1, in_each))):
        job = accounts[who].load("Polygons", content, "input=kml")
        message = f"Limit exceeded: polygons in one file is {maximum + 1}; the maximum is {maximum}."
        assert (job["status"], job["errorMessage"]) == ("Aborted", message)


def test_too_many_polygons_in_one_shapefile_abort_the_load(accounts: dict[str, Api]) -> None:
    def upload(count: int) -> bytes:
        squares = [shapely.box(at, 0, at + 1, 1) for at in range(count)]
        names = {"Name": pa.array([str(at) for at in range(count)])}
        return shapefile_zip(shapefile(squares, names, geometry_type="Polygon"))

    assert accounts["basic"].load("Shapes", upload(50), "input=shp")["status"] == "Completed"
    job = accounts["basic"].load("Shapes", upload(51), "input=shp")
    assert job["errorMessage"] == "Limit exceeded: polygons in one file is 51; the maximum is 50."


@pytest.mark.parametrize(("who", "maximum"), [("tiny", 12), ("basic", 250)])
def test_a_geography_with_too_many_points_is_a_bad_row_in_every_format(
    accounts: dict[str, Api], who: str, maximum: int
) -> None:
    def ring(points: int) -> str:
        return "0,0 " + " ".join(f"{at / 100},1" for at in range(points - 2)) + " 0,0"

    as_text = pipe(AREA, f"fits|{line(maximum)}", f"long|{line(maximum + 1)}")
    as_kml = kml(placemark(polygon(ring(maximum)), "fits") + placemark(polygon(ring(maximum + 1)), "long"))
    for input_, upload in (("pipe", as_text), ("kml", as_kml)):
        job = accounts[who].load(f"Points-{input_}", upload, f"input={input_}")
        assert (job["status"], job["totalEntityCount"], job["failedEntityCount"]) == ("Completed", 2, 1)
        (row,) = [row for row in accounts[who].error_log(job).splitlines() if "long" in row]
        assert f"{maximum:,} points" in row
        assert accounts[who].source_of(job).ids() == ["fits"]


@pytest.mark.parametrize("output", ["json", "xml"])
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_too_large_is_413_in_either_form_with_name_value_and_maximum(
    accounts: dict[str, Api], output: str, announced: bool
) -> None:
    content = b"x" * 4_001
    body = content if announced else iter([content[:4_000], content[4_000:]])
    query = f"dataSourceName=Large&loadOperation=complete&input=pipe&output={output}"
    reply = accounts["tiny"].request("POST", f"{LOAD}?{query}", content=body)
    assert (reply.status_code, reply.headers["content-type"].split(";")[0]) == (413, f"application/{output}")
    assert error_details(reply) == ["Limit exceeded: the size of the upload in bytes is 4,001; the maximum is 4,000."]


@pytest.mark.parametrize("packing", ["gzip", "zip", "kmz"])
def test_an_upload_too_large_when_unpacked_aborts_with_name_and_maximum(accounts: dict[str, Api], packing: str) -> None:
    blank = b"\n" * 1_000_000
    content = {"gzip": gzip.compress(places(1) + blank), "zip": kmz(places(1) + blank), "kmz": kmz(kml("") + blank)}
    input_ = "kml" if packing == "kmz" else "pipe"
    job = accounts["tiny"].load("Unpacked", content[packing], f"input={input_}")
    assert job["status"] == "Aborted"
    assert job["errorMessage"].startswith("Limit exceeded: uncompressed upload bytes is ")
    assert job["errorMessage"].endswith("; the maximum is 4,000.")


def test_351_properties_are_told_with_name_value_and_maximum(api: Api, new_name: Callable[[], str]) -> None:
    columns = "|".join([KEY, *(f"P{number}(Edm.Int64)" for number in range(350))])
    job = api.load(new_name(), pipe(columns, "1" + "|5" * 350 + "|1|2"))
    assert job["errorMessage"] == "Limit exceeded: properties is 351; the maximum is 350."


@pytest.mark.parametrize(
    ("row", "column", "expected"),
    [(f"{'x' * 51}|n|1|2", "EntityID", "50"), (f"1|{'x' * 2561}|1|2", "Name", "2,560")],
)
def test_a_string_or_id_too_long_is_a_bad_row_whose_log_names_property_and_maximum(
    api: Api, new_name: Callable[[], str], row: str, column: str, expected: str
) -> None:
    job = api.load(new_name(), pipe(NAMED, "good|n|1|2", row))
    assert (job["status"], job["failedEntityCount"]) == ("Completed", 1)
    (told,) = [told for told in api.error_log(job).splitlines() if column in told]
    assert expected in told


@pytest.mark.parametrize(
    ("columns", "entity_type"),
    [
        (f"{KEY}|{'n' * 51}(Edm.Int64)", "Place"),
        (f"{'k' * 51}(Edm.String,primaryKey)|N(Edm.Int64)", "Place"),
        (f"{KEY}|N(Edm.Int64)", "T" * 51),
    ],
)
def test_a_name_of_51_characters_aborts_and_the_message_says_50(
    api: Api, new_name: Callable[[], str], columns: str, entity_type: str
) -> None:
    job = api.load(new_name(), pipe(columns, "1|1|1|2", entity_type=entity_type))
    assert (job["status"], "50" in job["errorMessage"]) == ("Aborted", True), job["errorMessage"]
