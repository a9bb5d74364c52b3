"""What the JSON documents of replies hold (http-api.md, sections 4.1, 4.3 and 4.5)."""

from __future__ import annotations

from geostead.http.openapi.nodes import Node, array_of, closed_object, one_of_words, schema
from geostead.model.entity_type import DISTANCE, INTERSECTED_GEOM
from geostead.model.job import JobStatus
from geostead.wire.management_reply import ACCEPTED, LISTED_LOADS, NAMESPACE, ResourceType

HEX_ID: Node = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_TEXT: Node = {"type": "string"}
_URL: Node = {"type": "string", "format": "uri"}
_COUNT: Node = {"type": "integer", "minimum": 0}
_HTTP_DATE: Node = {"type": "string", "pattern": "^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT$"}
_LISTED = (
    *LISTED_LOADS.values(),
    "DataSourcePublishFromStaged",
    "DataSourceRollback",
    "DataSourceDelete",
    "DataSourceAccess",
)


def schemas() -> Node:
    """Return all schemas by name."""
    return {**_jobs(), **_management(), **_service_documents(), **_entities(), "ODataError": _odata_error()}


def management_reply(resources: str, *, reasons: bool) -> Node:
    """Describe a management reply that is no error; with ``reasons`` those of an aborted job may be repeated (C18)."""
    details = {"errorDetails": array_of(_TEXT, minItems=1)} if reasons else {}
    sets = array_of(schema(resources), minItems=1, maxItems=1)
    return _envelope(sets, {"const": "ValidCredentials"}, details, optional=details)


def _envelope(sets: Node, authentication: Node, details: Node, optional: Node | tuple[()] = ()) -> Node:
    members = {
        "authenticationResultCode": authentication,
        "brandLogoUri": _URL,
        "copyright": _TEXT,
        "resourceSets": sets,
        "statusCode": {"type": "integer"},
        "statusDescription": _TEXT,
        "traceId": HEX_ID,
        **details,
    }
    return closed_object(members, optional=optional)


def _management() -> Node:
    no_sets = array_of({}, maxItems=0)
    return {
        "DataflowJobStatus": management_reply("OneDataflowJob", reasons=True),
        "DataServiceJobStatus": management_reply("OneDataServiceJob", reasons=True),
        "DataflowJobAccepted": management_reply("OneDataflowJob", reasons=False),
        "DataServiceJobAccepted": management_reply("OneDataServiceJob", reasons=False),
        "JobList": management_reply("ListedJobs", reasons=False),
        "ManagementError": _envelope(no_sets, _TEXT, {"errorDetails": array_of(_TEXT, minItems=1)}),
    }


def _jobs() -> Node:
    counts = ("totalEntityCount", "processedEntityCount", "failedEntityCount")
    dataflow = _job(ResourceType.DATAFLOW_JOB, {**dict.fromkeys(counts, _COUNT), "fetchedByteCount": _COUNT})
    service = _job(ResourceType.DATA_SERVICE_JOB, {})
    any_job = {"oneOf": [schema("DataflowJob"), schema("DataServiceJob")]}
    listed = {"allOf": [any_job, {"properties": {"description": one_of_words(_LISTED)}, "required": ["description"]}]}
    return {
        "Link": closed_object({"role": _TEXT, "name": _TEXT, "url": _URL}, optional=["name"]),
        "DataflowJob": dataflow,
        "DataServiceJob": service,
        "OneDataflowJob": _resource_set(array_of(schema("DataflowJob"), minItems=1, maxItems=1)),
        "OneDataServiceJob": _resource_set(array_of(schema("DataServiceJob"), minItems=1, maxItems=1)),
        "ListedJobs": _resource_set(array_of(listed)),
    }


def _job(type_: ResourceType, counts: Node) -> Node:
    members: Node = {
        "__type": {"const": f"{type_}:{NAMESPACE}", "description": "Always the first member."},
        "id": {**HEX_ID, "description": "The id of a load names the version that it makes, too."},
        "links": array_of(schema("Link"), minItems=1),
        "name": {**_TEXT, "description": "Name of the data source."},
        "completedDate": {**_HTTP_DATE, "description": "Absent while the job is pending."},
        "createdDate": _HTTP_DATE,
        "description": _TEXT,
        "errorMessage": {**_TEXT, "description": "Why the job was aborted; absent otherwise."},
        "status": one_of_words([*JobStatus, ACCEPTED] if type_ is ResourceType.DATA_SERVICE_JOB else JobStatus),
        **counts,
    }
    return closed_object(members, optional=("completedDate", "description", "errorMessage", "fetchedByteCount"))


def _resource_set(resources: Node) -> Node:
    return closed_object({"estimatedTotal": _COUNT, "resources": resources})


def _service_documents() -> Node:
    where: Node = {
        "EntitySets": array_of(_TEXT, minItems=1, maxItems=1),
        "AccessId": HEX_ID,
        "QueryUrl": _URL,
    }
    own: Node = {"Name": _TEXT, "IsPublic": one_of_words(["true", "false"]), "Updated": _HTTP_DATE, **where}
    public: Node = {
        "Name": _TEXT,
        "Disclaimer": _TEXT,
        "IsPublic": {"type": "boolean"},
        "Uploaded": _HTTP_DATE,
        "Updated": _HTTP_DATE,
        **where,
    }
    versions = array_of(schema("Version"), minItems=1)
    one = closed_object({"Copyright": _TEXT, **own, "Versions": versions}, optional=["Versions"])
    return {
        "DataSource": closed_object(own),
        "PublicDataSource": closed_object(public),
        "Version": _version(),
        "DataSources": _d(closed_object({"Copyright": _TEXT, "DataSources": array_of(schema("DataSource"))})),
        "OneDataSource": _d(one),
        "PublicDataSources": _d(
            closed_object({"Copyright": _TEXT, "DataSources": array_of(schema("PublicDataSource"))})
        ),
    }


def _version() -> Node:
    members: Node = {
        "JobId": HEX_ID,
        "IsActive": {"type": "boolean"},
        "IsStaging": {"type": "boolean"},
        "EntityCount": _COUNT,
        "Uploaded": {**_HTTP_DATE, "description": "Of a staged version."},
        "Updated": {**_HTTP_DATE, "description": "Of any other version."},
    }
    return closed_object(members, optional=["Uploaded", "Updated"])


def _entities() -> Node:
    metadata = closed_object({"uri": {**_URL, "description": "The URL of this entity alone."}})
    members: Node = {
        "__metadata": metadata,
        INTERSECTED_GEOM: {"type": ["string", "null"], "description": "WKT, where `$select` asked for it."},
        DISTANCE: {"type": "number", "minimum": 0, "description": "Kilometres, where `$select` asked for it; last."},
    }
    entity: Node = {
        "type": "object",
        "description": "The properties of the entity type, after `__metadata`, in schema order or that of `$select`.",
        "properties": members,
        "required": ["__metadata"],
        "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
    }
    page = closed_object(
        {
            "__copyright": _TEXT,
            "__count": {"type": "string", "pattern": "^[0-9]+$", "description": "Only with `$inlinecount=allpages`."},
            "results": array_of(schema("Entity")),
        },
        optional=["__count"],
    )
    by_id = {"allOf": [schema("Entity"), {"required": ["__copyright"], "properties": {"__copyright": _TEXT}}]}
    return {"Entity": entity, "Entities": _d(page), "OneEntity": _d(by_id)}


def _odata_error() -> Node:
    message = closed_object({"lang": {"const": "en-US"}, "value": {**_TEXT, "minLength": 1}})
    return closed_object({"error": closed_object({"code": _TEXT, "message": message})})


def _d(content: Node) -> Node:
    """Describe a document of OData: everything is under ``d``."""
    return closed_object({"d": content})
