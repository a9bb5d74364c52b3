"""Jobs as JSON (http-api.md, section 4.1: C17, C18, C20, C22). Members stand in the order that is documented there."""

from __future__ import annotations

from collections.abc import Sequence

from geostead.wire.branding import COPYRIGHT
from geostead.wire.dates import http_date
from geostead.wire.escapes import json_document
from geostead.wire.management_reply import NAMESPACE, JobResource, ManagementReply, RoleLink


def encode_reply(reply: ManagementReply) -> bytes:
    """Encode a management reply."""
    document = {
        "authenticationResultCode": reply.authentication_result_code,
        "brandLogoUri": reply.logo_url,
        "copyright": COPYRIGHT,
        "resourceSets": _resource_sets(reply.jobs),
        "statusCode": reply.status_code,
        "statusDescription": reply.status_description,
        "traceId": reply.trace_id,
    }
    if reply.error_details:
        document["errorDetails"] = reply.error_details
    return json_document(document)


def _resource_sets(jobs: Sequence[JobResource] | None) -> list[dict[str, object]]:
    if jobs is None:
        return []
    return [{"estimatedTotal": len(jobs), "resources": [_resource(job) for job in jobs]}]


def _resource(resource: JobResource) -> dict[str, object]:
    job = resource.job
    total_count, processed_count, failed_count = resource.counts or (None, None, None)
    members = {
        "__type": f"{resource.type}:{NAMESPACE}",
        "id": job.id,
        "links": [_link(link) for link in resource.links],
        "name": job.data_source_name,
        "completedDate": resource.completed_at and http_date(resource.completed_at),
        "createdDate": http_date(job.created_at),
        "description": resource.description,
        "errorMessage": job.error_message,
        "failedEntityCount": failed_count,
        "processedEntityCount": processed_count,
        "status": resource.status,
        "totalEntityCount": total_count,
        "fetchedByteCount": job.fetched_bytes,
    }
    return {name: value for name, value in members.items() if value is not None}


def _link(link: RoleLink) -> dict[str, str]:
    name = {} if link.name is None else {"name": link.name}
    return {"role": link.role, **name, "url": link.url}
