"""Replies of the management side: jobs, service documents, and errors in the envelope of the URL (C19)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.responses import PlainTextResponse, Response

from geostead.errors import InvalidParameter, MethodNotAllowed, Unavailable
from geostead.http.call import Call
from geostead.http.errors import answer_to, authentication_result, message_of
from geostead.http.negotiation import Format, Output, entity_tag, format_of, names_tag, output_of
from geostead.model.job import Job
from geostead.wire import dataflow_json, dataflow_xml, fault
from geostead.wire.management_reply import reply_about

JSON = "application/json; charset=utf-8"
XML = "application/xml; charset=utf-8"
_ASK_AGAIN = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
NOT_KEPT = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def document(content: bytes, media_type: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Make a reply that no cache keeps."""
    return Response(content, status, {**NOT_KEPT, **(headers or {})}, media_type)


def kept(call: Call, content: bytes, media_type: str, headers: Mapping[str, str] | None = None) -> Response:
    """Make a reply that a cache may keep, but must ask about before it uses it; 304 where it has it already."""
    tag = entity_tag(content)
    told = {"ETag": f'"{tag.decode()}"', **_ASK_AGAIN, **(headers or {})}
    if names_tag(call.if_none_match, tag):
        return Response(status_code=304, headers=told)
    return Response(content, headers=told, media_type=media_type)


def job_status(call: Call, job: Job) -> Response:
    """Tell where a job stands, in the form that ``output`` asks for."""
    call.asker.source = job.data_source_name
    return _about([job], call, 200)


def job_accepted(call: Call, job: Job, status: int = 201) -> Response:
    """Tell that a job was accepted, and where its status is (C22)."""
    call.asker.source = job.data_source_name
    return _about([job], call, status, headers=_location(call, job))


def deletion_accepted(call: Call, job: Job) -> Response:
    """Tell that a deletion was accepted, without a word (section 3)."""
    call.asker.source = job.data_source_name
    return Response(status_code=202, headers={**NOT_KEPT, **_location(call, job)})


def job_list(call: Call, jobs: Sequence[Job]) -> Response:
    """List jobs with what they do."""
    return _about(jobs, call, 200, listing=True)


def management_fault(call: Call, error: Exception) -> Response:
    """Report an error in the envelope of the endpoints that are ruled by ``output`` (section 4.1, 4.2)."""
    answer = answer_to(error)
    messages = (message_of(error, call.trace_id),)
    found = fault.ManagementFault(answer.status, authentication_result(error), messages, call.trace_id)
    if _output_or_json(call) is Output.XML:
        return document(fault.management_fault_xml(found, call.links), XML, answer.status, fault_headers(error))
    return document(fault.management_fault_json(found, call.links), JSON, answer.status, fault_headers(error))


def service_fault(call: Call, error: Exception) -> Response:
    """Report an error in the form of the endpoints that are ruled by ``$format`` (section 4.5)."""
    answer = answer_to(error)
    message = message_of(error, call.trace_id)
    if _format_or_atom(call) is Format.JSON:
        return document(fault.query_fault_json(answer.code, message), JSON, answer.status, fault_headers(error))
    return document(fault.query_fault_xml(answer.code, message), XML, answer.status, fault_headers(error))


def described_fault(call: Call, error: Exception) -> Response:
    """Report an error at a URL that describes a data source; ``DELETE`` there is management (section 3)."""
    return management_fault(call, error) if call.method == "DELETE" else service_fault(call, error)


def plain_fault(call: Call, error: Exception, *, to_operator: bool = False) -> Response:
    """Report an error outside of ``/REST/``, where no envelope is agreed upon."""
    text = message_of(error, call.trace_id, to_operator=to_operator) + "\n"
    return PlainTextResponse(text, answer_to(error).status, {**NOT_KEPT, **fault_headers(error)})


def fault_headers(error: Exception) -> dict[str, str]:
    """Return the headers that HTTP wants with an error."""
    match error:
        case MethodNotAllowed(allowed=allowed):
            return {"Allow": ", ".join(allowed)}
        case Unavailable():
            return {"Retry-After": "5"}
        case _:
            return {}


def _location(call: Call, job: Job) -> dict[str, str]:
    return {"Location": call.links.job(job)}


def _about(
    jobs: Sequence[Job], call: Call, status: int, *, listing: bool = False, headers: Mapping[str, str] | None = None
) -> Response:
    reply = reply_about(jobs, call.links, call.trace_id, status, listing=listing)
    if output_of(call.parameters) is Output.XML:
        return document(dataflow_xml.encode_reply(reply), XML, status, headers)
    return document(dataflow_json.encode_reply(reply), JSON, status, headers)


def _output_or_json(call: Call) -> Output:
    try:
        return output_of(call.parameters)
    except InvalidParameter:
        return Output.JSON


def _format_or_atom(call: Call) -> Format:
    try:
        return format_of(call.parameters)
    except InvalidParameter:
        return Format.ATOM
