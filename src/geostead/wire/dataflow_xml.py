"""Jobs as XML (http-api.md, section 4.2). Elements stand in the order that is documented there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from geostead.wire.branding import COPYRIGHT
from geostead.wire.dates import iso_date
from geostead.wire.management_reply import NAMESPACE, JobResource, ManagementReply, RoleLink
from geostead.wire.markup import DECLARATION, element, text_element

_NAMESPACES = {
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xmlns:xsd": "http://www.w3.org/2001/XMLSchema",
    "xmlns": NAMESPACE,
}


def encode_reply(reply: ManagementReply) -> bytes:
    """Encode a management reply."""
    return (DECLARATION + element("Response", _NAMESPACES, _members(reply))).encode()


def _members(reply: ManagementReply) -> Iterator[str]:
    yield text_element("Copyright", COPYRIGHT)
    yield text_element("BrandLogoUri", reply.logo_url)
    yield text_element("StatusCode", reply.status_code)
    yield text_element("StatusDescription", reply.status_description)
    yield text_element("AuthenticationResultCode", reply.authentication_result_code)
    yield text_element("TraceId", reply.trace_id)
    if reply.error_details:
        yield element("ErrorDetails", {}, [text_element("string", detail) for detail in reply.error_details])
    yield element("ResourceSets", {}, _resource_sets(reply.jobs))


def _resource_sets(jobs: Sequence[JobResource] | None) -> Iterator[str]:
    if jobs is not None:
        total = text_element("EstimatedTotal", len(jobs))
        resources = element("Resources", {}, [element(job.type, {}, _resource(job)) for job in jobs])
        yield element("ResourceSet", {}, [total, resources])


def _resource(resource: JobResource) -> Iterator[str]:
    job = resource.job
    yield text_element("Name", job.data_source_name)
    yield text_element("Id", job.id)
    yield from (_link(link) for link in resource.links)
    if resource.description is not None:
        yield text_element("Description", resource.description)
    yield text_element("Status", resource.status)
    yield text_element("CreatedDate", iso_date(job.created_at))
    if resource.completed_at is None:
        yield element("CompletedDate", {"xsi:nil": "true"})
    else:
        yield text_element("CompletedDate", iso_date(resource.completed_at))
    if job.error_message is not None:
        yield text_element("ErrorMessage", job.error_message)
    if resource.counts is not None:
        for name, count in zip(("Total", "Processed", "Failed"), resource.counts, strict=True):
            yield text_element(f"{name}EntityCount", count)
    if job.fetched_bytes is not None:
        yield text_element("FetchedByteCount", job.fetched_bytes)


def _link(link: RoleLink) -> str:
    name = {} if link.name is None else {"name": link.name}
    return text_element("Link", link.url, {"role": link.role, **name})
