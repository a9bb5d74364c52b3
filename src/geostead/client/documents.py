"""Replies that are no errors, from bytes to values."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from xml.etree import ElementTree

import httpx
import orjson

from geostead.client.errors import UnexpectedReply
from geostead.client.values import DataSource, Job, JobKind, JobStatus, Property, PropertyType, RowIssue, Version

P = ParamSpec("P")
T = TypeVar("T")

_CSDL = "{http://schemas.microsoft.com/ado/2008/09/edm}"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4}(?:[0-9A-Fa-f]{4})?)_")
_KINDS = {"DataSourceRollback": JobKind.ROLLBACK, "DataSourceDownload": JobKind.DOWNLOAD}
_NOT_OURS = (KeyError, IndexError, TypeError, ValueError, AttributeError, ElementTree.ParseError)


def _of_a_geostead(read: Callable[P, T]) -> Callable[P, T]:
    """Let what cannot be read be an UnexpectedReply."""

    @wraps(read)
    def checked(*arguments: P.args, **named: P.kwargs) -> T:
        try:
            return read(*arguments, **named)
        except _NOT_OURS as error:
            raise UnexpectedReply("The server answers, but not as a Geostead does; is the URL right?") from error

    return checked


@_of_a_geostead
def json_members(reply: httpx.Response) -> dict[str, Any]:
    """Return what is under ``d``. Raises UnexpectedReply."""
    members: dict[str, Any] = orjson.loads(reply.content)["d"]
    return members


@_of_a_geostead
def data_sources_of(reply: httpx.Response) -> list[DataSource]:
    """Read a service document. Raises UnexpectedReply."""
    return [_data_source(found) for found in json_members(reply)["DataSources"]]


@_of_a_geostead
def versions_of(reply: httpx.Response) -> tuple[DataSource, tuple[Version, ...]]:
    """Read the service document of one data source with all its versions. Raises UnexpectedReply."""
    members = json_members(reply)
    return _data_source(members), tuple(_version(found) for found in members["Versions"])


@_of_a_geostead
def properties_of(reply: httpx.Response) -> tuple[Property, ...]:
    """Read the first entity type of a metadata document. Raises UnexpectedReply."""
    entity_type = next(ElementTree.fromstring(reply.content).iter(f"{_CSDL}EntityType"))  # noqa: S314  expat bounds it
    keys = {key.attrib["Name"] for key in entity_type.iter(f"{_CSDL}PropertyRef")}
    return tuple(
        Property(_name(found.attrib["Name"]), PropertyType(found.attrib["Type"]), found.attrib["Name"] in keys)
        for found in entity_type.iter(f"{_CSDL}Property")
    )


@_of_a_geostead
def job_of(reply: httpx.Response, kind: JobKind) -> Job:
    """Read the one job of a management reply. Raises UnexpectedReply."""
    return _job(orjson.loads(reply.content)["resourceSets"][0]["resources"][0], kind)


@_of_a_geostead
def jobs_of(reply: httpx.Response) -> list[Job]:
    """Read the job list. Raises UnexpectedReply."""
    found = orjson.loads(reply.content)["resourceSets"][0]["resources"]
    return [_job(members, _kind(members)) for members in found]


@_of_a_geostead
def issues_of(reply: httpx.Response) -> tuple[RowIssue, ...]:
    """Read an error log. Raises UnexpectedReply."""
    lines = csv.reader(io.StringIO(reply.content.decode("utf-8"), newline=""))
    next(lines)
    return tuple(RowIssue(*cells) for cells in lines)


def remarks_of(reply: httpx.Response) -> Iterator[str]:
    """Return what the server remarks on a query: the texts of its ``Warning`` headers."""
    for header in reply.headers.get_list("Warning"):
        for text in re.findall(r'"((?:[^"\\]|\\.)*)"', header):
            yield re.sub(r"\\(.)", r"\1", text)


def _data_source(members: Mapping[str, Any]) -> DataSource:
    return DataSource(
        name=members["Name"],
        access_id=members["AccessId"],
        entity_type=members["EntitySets"][0],
        is_public=members["IsPublic"] in (True, "true"),
        updated_at=_instant(members["Updated"]),
        query_url=members["QueryUrl"],
    )


def _version(members: Mapping[str, Any]) -> Version:
    return Version(
        job_id=members["JobId"],
        is_published=members["IsActive"],
        is_staged=members["IsStaging"],
        entity_count=members["EntityCount"],
        created_at=_instant(members.get("Updated") or members["Uploaded"]),
    )


def _job(members: Mapping[str, Any], kind: JobKind) -> Job:
    pending = {"Accepted": JobStatus.PENDING}
    completed = members.get("completedDate")
    return Job(
        id=members["id"],
        kind=kind,
        status=pending.get(members["status"]) or JobStatus(members["status"]),
        data_source=members.get("name"),
        description=members.get("description"),
        created_at=_instant(members["createdDate"]),
        completed_at=None if completed is None else _instant(completed),
        error_message=members.get("errorMessage"),
        total_count=members.get("totalEntityCount"),
        failed_count=members.get("failedEntityCount"),
        fetched_bytes=members.get("fetchedByteCount"),
        has_error_log=any((link["role"], link.get("name")) == ("output", "failed") for link in members["links"]),
    )


def _kind(members: Mapping[str, Any]) -> JobKind:
    """Tell the kind of a job in the list, whose description there is always what it does."""
    if members["__type"].startswith("DataServiceJob"):
        return JobKind.CHANGE
    return _KINDS.get(members.get("description", ""), JobKind.LOAD)


def _instant(text: str) -> datetime:
    return parsedate_to_datetime(text).astimezone(UTC)


def _name(identifier: str) -> str:
    """Undo what makes a name an EDM identifier: ``Caf_x002D_2`` is ``Caf-2``."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), identifier)
