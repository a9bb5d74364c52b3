"""Values that documents are made of: one data source with every Edm type and awkward content, and its jobs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import shapely
from hypothesis import strategies as st

from geostead.model.data_source import DataSource, DataSourceVersions, Version
from geostead.model.entity import EntityPage
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.model.instant import MAX_TICKS, parse_ticks
from geostead.model.job import (
    AccessOrder,
    ChangeOrder,
    DeleteOrder,
    DownloadOrder,
    InputFormat,
    Job,
    JobKind,
    JobStatus,
    LoadOperation,
    LoadOrder,
    PublishOrder,
    RollbackOrder,
)
from geostead.wire.entities_json import render_fragments
from geostead.wire.links import Links
from tests.entities import Entity, columns_of

SHOP = EntityType.declare(
    "Shops",
    [
        Property("ShopId", EdmType.STRING),
        Property("Name", EdmType.STRING),
        Property("Seats", EdmType.INT64),
        Property("Open", EdmType.BOOLEAN),
        Property("Rating", EdmType.DOUBLE),
        Property("Opened", EdmType.DATETIME),
        Property("Ground", EdmType.GEOGRAPHY),
    ],
    ["ShopId"],
)

LINKS = Links("http://places.example:8080")
ACCESS_ID = "0123456789abcdef0123456789abcdef"
TRACE_ID = "f" * 32
JOB_ID = "a" * 32
SHOPS_URL = LINKS.entity_set(ACCESS_ID, "Shops~1", "Shops")
ACCEPTED_AT = datetime(2010, 11, 12, 20, 3, 56, 789_000, tzinfo=UTC)
COMPLETED_AT = ACCEPTED_AT + timedelta(seconds=70)


def wkb(wkt: str) -> bytes:
    return bytes(shapely.to_wkb(shapely.from_wkt(wkt), byte_order=1))


def ticks(text: str) -> int:
    found = parse_ticks(text)
    assert found is not None
    return found


FULL: Entity = {
    "ShopId": "O'Neill/1",
    "Name": 'Café "Löwe" & Söhne <\\> 𝄞\r\n\tHof',
    "Seats": -9_223_372_036_854_775_808,
    "Open": True,
    "Rating": 4.0,
    "Opened": ticks("2010-11-03T23:31:37.1234567Z"),
    "Ground": wkb("POLYGON ((7 50, 7.5 50, 7.5 50.25, 7 50))"),
    "Latitude": 50.083333333333336,
    "Longitude": 7.3333333333333339,
}
EMPTY: Entity = {"ShopId": "ø 2"}
OLD: Entity = {"ShopId": "3", "Name": "Abc", "Seats": 0, "Open": False, "Rating": 1e-7, "Opened": ticks("0001-01-01")}


@dataclass(frozen=True)
class MemoryRows:
    """The rows of a page, in memory."""

    entity_type: EntityType
    rows: pa.RecordBatch

    def __len__(self) -> int:
        return int(self.rows.num_rows)

    def columns(self, names: Sequence[str]) -> pa.RecordBatch:
        return self.rows.select(list(names))

    def json_fragments(self) -> list[bytes]:
        fragments: list[bytes] = render_fragments(self.rows, self.entity_type).to_pylist()
        return fragments


def page_of(
    entities: Sequence[Entity],
    *,
    names: tuple[str, ...] | None = None,
    distances_km: Sequence[float] | None = None,
    total_count: int | None = None,
    intersections: Sequence[bytes | None] | None = None,
) -> EntityPage:
    rows = MemoryRows(SHOP, columns_of(SHOP, entities))
    common = None if intersections is None else pa.array(intersections, pa.binary())
    return EntityPage(SHOP, rows, names, distances_km, total_count, common)


texts = st.text(st.characters(exclude_categories=("Cc", "Cs"), include_characters="\t\r\n"), max_size=20)
doubles = st.floats(allow_nan=False, allow_infinity=False)
places = st.builds(lambda x, y: wkb(f"POINT ({x!r} {y!r})"), doubles, doubles)
entities = st.fixed_dictionaries(
    {
        "ShopId": st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=10),
        "Name": texts,
        "Seats": st.none() | st.integers(-(2**63), 2**63 - 1),
        "Open": st.none() | st.booleans(),
        "Rating": st.none() | doubles,
        "Opened": st.none() | st.integers(0, MAX_TICKS),
        "Ground": st.none() | places,
        "Latitude": st.none() | doubles,
        "Longitude": st.none() | doubles,
    }
)


def version(job_id: str, *, days: int = 0, entity_type: EntityType = SHOP) -> Version:
    return Version(job_id, "ds", f"{job_id}-1", entity_type, 3, COMPLETED_AT + timedelta(days=days))


def data_source(name: str, *, is_public: bool = False, description: str | None = None) -> DataSource:
    return DataSource("ds", "acc", name, ACCESS_ID, "master", None, is_public, description, ACCEPTED_AT)


PUBLISHED = DataSourceVersions(data_source("Shops~1", is_public=True, description="Bread & cake"), version("a" * 32))
STAGED = DataSourceVersions(data_source("Draft", is_public=True), None, version("b" * 32))
ALL_VERSIONS = DataSourceVersions(
    PUBLISHED.data_source,
    version("a" * 32, days=3),
    version("b" * 32, days=4, entity_type=EntityType.declare("Shops", SHOP.properties[::-1], ["ShopId"])),
    (version("c" * 32, days=1), version("d" * 32)),
)

LOAD = Job(
    id=JOB_ID,
    kind=JobKind.LOAD,
    account_id="acc",
    data_source_id="ds",
    data_source_name="Shops~1",
    access_id=ACCESS_ID,
    master_key_id="master",
    order=LoadOrder(LoadOperation.COMPLETE, InputFormat.PIPE, f"uploads/{JOB_ID}"),
    status=JobStatus.PENDING,
    created_at=ACCEPTED_AT,
)
DOWNLOAD = Job(
    id="b" * 32,
    kind=JobKind.DOWNLOAD,
    account_id="acc",
    data_source_id="ds",
    data_source_name="Shops~1",
    access_id=ACCESS_ID,
    master_key_id="master",
    order=DownloadOrder(JOB_ID, f"{JOB_ID}-1"),
    status=JobStatus.PENDING,
    created_at=ACCEPTED_AT,
)


def change(kind: JobKind, order: ChangeOrder) -> Job:
    return replace(LOAD, id="c" * 32, kind=kind, order=order)


PUBLISH = change(JobKind.PUBLISH, PublishOrder())
ROLLBACK = change(JobKind.ROLLBACK, RollbackOrder(JOB_ID))
DELETE = change(JobKind.DELETE, DeleteOrder(staged_only=False))
ACCESS = replace(
    change(JobKind.ACCESS, AccessOrder(is_public=True)), status=JobStatus.COMPLETED, completed_at=ACCEPTED_AT
)
