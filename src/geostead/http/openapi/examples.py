"""Examples of replies, written by the encoders that write the replies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pyarrow as pa

from geostead.model.columns import arrow_schema
from geostead.model.data_source import DataSource, DataSourceVersions, Version
from geostead.model.entity import EntityPage
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.model.job import (
    AccessOrder,
    DownloadOrder,
    InputFormat,
    Job,
    JobKind,
    JobStatus,
    LoadOperation,
    LoadOrder,
    PublishOrder,
    RollbackOrder,
    kind_of,
)
from geostead.wire import (
    dataflow_json,
    dataflow_xml,
    entities_atom,
    entities_json,
    metadata_edmx,
    service_atom,
    service_json,
)
from geostead.wire.links import Links
from geostead.wire.management_reply import reply_about

LINKS = Links("https://places.example.com")
TRACE_ID = "5a8e1f0c2b7d4e6f9a3b8c1d0e2f4a6b"
ACCESS_ID = "20181f26d9e94c81acdf9496133d4f23"
JOB_ID = "5f0c6f2e8b534a0c9f0d6a9b1c2d3e4f"
NAME = "Shops"
ENTITY_TYPE = "CoffeeShop"
ENTITY_ID = "2"
UPLOAD = (
    "Bing Spatial Data Services, 1.0, CoffeeShop\n"
    "EntityID(Edm.String,primaryKey)|Name(Edm.String)|Seats(Edm.Int64)|Latitude(Edm.Double)|Longitude(Edm.Double)\n"
    "1|Pier One|24|53.5434|9.9662\n"
    "2|Speicher Nine|60|53.5441|9.9886\n"
)
_AT = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
_SHOP = EntityType.declare(
    ENTITY_TYPE,
    [
        Property("EntityID", EdmType.STRING),
        Property("Name", EdmType.STRING),
        Property("Seats", EdmType.INT64),
        Property("Latitude", EdmType.DOUBLE),
        Property("Longitude", EdmType.DOUBLE),
    ],
    ["EntityID"],
)


@dataclass(frozen=True)
class Example:
    """One reply in both forms of its URL."""

    json: Any
    xml: str


@dataclass(frozen=True)
class _Rows:
    """Rows that are not in a snapshot."""

    rows: pa.RecordBatch

    def __len__(self) -> int:
        return int(self.rows.num_rows)

    def columns(self, names: Sequence[str]) -> pa.RecordBatch:
        return self.rows.select(list(names))

    def json_fragments(self) -> list[bytes]:
        fragments: list[bytes] = entities_json.render_fragments(self.rows, _SHOP).to_pylist()
        return fragments


@cache
def jobs() -> dict[str, Example]:
    """Return replies about jobs, by the operation that gives them."""
    load = _job(LoadOrder(LoadOperation.COMPLETE, InputFormat.PIPE, ""))
    loaded = replace(_completed(load), total_count=2, processed_count=2)
    publish, access = _job(PublishOrder()), _completed(_job(AccessOrder(is_public=True)))
    rollback, download = _job(RollbackOrder(JOB_ID)), _job(DownloadOrder(JOB_ID, ""))
    return {
        "loadDataSource": _about(load, 201),
        "getLoad": _about(loaded, 200),
        "cancelLoad": _about(_cancelled(load), 200),
        "rollBack": _about(rollback, 201),
        "getRollback": _about(_completed(rollback), 200),
        "createDownload": _about(download, 201),
        "getDownload": _about(_completed(download), 200),
        "publishStaged": _about(publish, 202),
        "getChange": _about(_completed(publish), 200),
        "cancelChange": _about(_cancelled(publish), 200),
        "setPublic": _about(access, 201),
        "listJobs": _about(loaded, 200, listing=True),
    }


@cache
def service_documents() -> dict[str, Example]:
    """Return service documents, by the operation that gives them."""
    source = _source()
    return {
        "listDataSources": example_of(
            service_json.encode_account([source], LINKS), service_atom.encode_account([source], LINKS)
        ),
        "describeDataSource": example_of(
            service_json.encode_data_source(source, LINKS), service_atom.encode_data_source(source, LINKS)
        ),
        "listPublicDataSources": example_of(
            service_json.encode_public([source], LINKS), service_atom.encode_public([source], LINKS)
        ),
    }


@cache
def entities() -> dict[str, Example]:
    """Return replies to queries, by the operation that gives them."""
    version = _version()
    row = {"EntityID": ENTITY_ID, "Name": "Speicher Nine", "Seats": 60, "Latitude": 53.5441, "Longitude": 9.9886}
    rows = _Rows(pa.RecordBatch.from_pylist([row], arrow_schema(_SHOP)))
    page = EntityPage(_SHOP, rows)
    found = EntityPage(_SHOP, rows, _SHOP.names, pa.array([0.66]).to_numpy(), 1)
    url = LINKS.entity_set(ACCESS_ID, NAME, ENTITY_TYPE)
    return {
        "queryEntities": example_of(
            entities_json.encode_page(found, url), entities_atom.encode_page(found, url, version)
        ),
        "getEntity": example_of(
            entities_json.encode_entity(page, url), entities_atom.encode_entity(page, url, version)
        ),
    }


def metadata() -> str:
    """Return a ``$metadata`` document."""
    return metadata_edmx.encode_data_source(_source()).decode()


def example_of(as_json: bytes, as_xml: bytes) -> Example:
    """Return the example of a document that was written in both forms."""
    return Example(json.loads(as_json), as_xml.decode())


def _about(job: Job, status: int, *, listing: bool = False) -> Example:
    reply = reply_about([job], LINKS, TRACE_ID, status, listing=listing)
    return example_of(dataflow_json.encode_reply(reply), dataflow_xml.encode_reply(reply))


def _job(order: Any) -> Job:
    kind = kind_of(order)
    id_ = JOB_ID if kind is JobKind.LOAD else f"{JOB_ID[:-1]}0"
    return Job(id_, kind, "", "", NAME, ACCESS_ID, "", order, JobStatus.PENDING, _AT)


def _completed(job: Job) -> Job:
    return replace(job, status=JobStatus.COMPLETED, completed_at=_AT + timedelta(seconds=2))


def _cancelled(job: Job) -> Job:
    return replace(_completed(job), status=JobStatus.ABORTED, error_message="cancelled")


def _version() -> Version:
    return Version(JOB_ID, "", "", _SHOP, 2, _AT)


def _source() -> DataSourceVersions:
    source = DataSource("", "", NAME, ACCESS_ID, None, None, is_public=True, description=None, created_at=_AT)
    return DataSourceVersions(source, _version())
