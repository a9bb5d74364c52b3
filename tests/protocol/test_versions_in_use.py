"""http-api.md sections 3, 3.2 and 4.4: versions of every kind in every format, and while they change places."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator

import pyarrow.parquet
import pytest
from lxml import etree

from tests.protocol.api import DOWNLOAD, Api, Source, pipe
from tests.protocol.test_metadata import parsed
from tests.servers import resource

COLUMNS = "EntityID(Edm.String,primaryKey)|Name(Edm.String)"
STAGED = "loadOperation=completeStaging"
EDM = "{http://schemas.microsoft.com/ado/2008/09/edm}"


def version(number: int) -> bytes:
    """A version, whose entities all say its number; each has another number of them."""
    return pipe(COLUMNS, *(f"{row:03}|v{number}|1|2" for row in range(200 + number)))


@pytest.fixture(scope="module")
def source(api: Api) -> Source:
    """A data source with a published, a staged and three previous versions; the staged one has another schema."""
    source = api.source("InEveryForm", version(0))
    for number in (1, 2, 3):
        source.load(version(number))
    other = pipe(f"{COLUMNS}|More(Edm.Int64)", "1|staged|7|1|2", "2|staged|8|1|2")
    assert source.load(other, STAGED)["status"] == "Completed"
    return source


def names_in_csv(content: bytes) -> list[str]:
    _, header, *rows = content.decode().splitlines()
    at = re.findall(r"(\w+)\(", header).index("Name")
    return [row[at] for row in csv.reader(rows)]


NAMES: dict[str, Callable[[bytes], list[str]]] = {
    "xml": lambda content: [name.text for name in etree.fromstring(content).iterfind("Place/Name")],
    "csv": names_in_csv,
    "geojson": lambda content: [feature["properties"]["Name"] for feature in json.loads(content)["features"]],
    "geoparquet": lambda content: pyarrow.parquet.read_table(io.BytesIO(content)).column("Name").to_pylist(),
}
"""How to read the names of all entities, by dataFormat."""

KINDS = {
    "published": ("v3", 203),
    "staged": ("staged", 2),
    "previous": ("v2", 202),
    "second previous": ("v1", 201),
    "third previous": ("v0", 200),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_version_of_every_kind_is_downloaded_by_its_job_id_in_every_data_format(source: Source, kind: str) -> None:
    job_id = dict(zip(KINDS, source.versions(), strict=True))[kind]["JobId"]
    job = source.api.followed(source.api.get(f"{DOWNLOAD}{source.path.removeprefix('/data')}?jobId={job_id}"))
    name, count = KINDS[kind]
    assert (job["status"], job["totalEntityCount"], job["processedEntityCount"]) == ("Completed", count, count)
    for data_format, read in NAMES.items():
        reply = source.api.get(f"{DOWNLOAD}/{job['id']}/output/succeeded?dataFormat={data_format}")
        assert read(reply.content) == [name] * count, data_format


def test_the_id_of_another_job_names_no_version(source: Source) -> None:
    download = resource(source.api.get(DOWNLOAD + source.path.removeprefix("/data")))["id"]
    failed = source.load(b"nonsense")["id"]
    for job_id in (download, failed):
        assert source.api.get(f"{DOWNLOAD}{source.path.removeprefix('/data')}?jobId={job_id}").status_code == 404
        assert source.roll_back(job_id).status_code == 404


@pytest.mark.parametrize("query", ["", "showAllVersions=true", "showAllVersions=3"])
def test_a_standard_odata_v2_parser_reads_the_metadata_of_all_versions(source: Source, query: str) -> None:
    content = source.api.get(f"{source.path}/$metadata?{query}").content
    containers = list(etree.fromstring(content).iter(f"{EDM}EntityContainer"))
    assert len(containers) == (5 if query else 1)
    schema = parsed(content)
    types = {type_.name: [prop.name for prop in type_.proprties()] for type_ in schema.entity_types}
    published = ["EntityID", "Name", "Latitude", "Longitude"]
    staged = ["EntityID", "Name", "More", "Latitude", "Longitude"]
    assert {name: sorted(names) for name, names in types.items()} == (
        {"Place": sorted(published), "Place_2": sorted(staged)} if query else {"Place": sorted(published)}
    )
    assert {entity_set.name for entity_set in schema.entity_sets} == {"Place"}


def test_metadata_of_the_account_is_read_whatever_its_data_sources_are_called(source: Source) -> None:
    for name in ("In`1^2", "In_x0060_1", "in-every-form", "9"):
        source.api.source(name, version(0))
    content = source.api.get("/data/$metadata").content
    namespaces = [schema.get("Namespace").lower() for schema in etree.fromstring(content).iter(f"{EDM}Schema")]
    assert len(set(namespaces)) == len(namespaces)
    assert {"in_x0060_1_x005e_2", "in_x005f_x0060_1", "in_x002d_every_x002d_form", "_x0039_"} <= set(namespaces)
    assert parsed(content).entity_sets


def seen(source: Source, job_url: str) -> Iterator[str]:
    """Query a data source while a job is pending, and once more; yield the version that each reply is of."""
    pending = True
    while pending:
        pending = resource(source.api.get(job_url))["status"] == "Pending"
        entities = source.results("$top=250")
        (name,) = {entity["Name"] for entity in entities}
        assert len(entities) == 200 + int(name.removeprefix("v"))
        yield name


def test_a_query_sees_the_version_before_a_publish_or_a_rollback_or_the_one_after_whole(
    api: Api, new_name: Callable[[], str]
) -> None:
    source = api.source(new_name(), version(0))
    before = "v0"
    for number in range(1, 8):
        staged = source.load(version(number), STAGED)["id"]
        publishes = number % 2
        reply = api.get(f"{source.path}/$commit") if publishes else source.roll_back(staged)
        path = reply.headers["location"].partition("/REST/v1")[2]
        found = list(seen(source, path))
        after = f"v{number}"
        assert found == [before] * found.count(before) + [after] * found.count(after)
        assert found[-1] == after
        before = after
