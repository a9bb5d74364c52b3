"""How errors look at each kind of URL (http-api.md, sections 2, 4.1 and 4.5)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from http import HTTPStatus

from geostead.errors import (
    AccountFull,
    InvalidParameter,
    NoCredentials,
    NotFound,
    Unavailable,
    UploadTooLarge,
)
from geostead.http.errors import ANSWERS, answer_to, authentication_result, message_of
from geostead.http.openapi.examples import LINKS, TRACE_ID, Example, example_of
from geostead.http.openapi.nodes import Node, one_of_words, ref, schema
from geostead.http.openapi.replies import JSON, SCRIPT, plain_text, reply, script, xml_only
from geostead.wire import fault

ALWAYS = (500, 503)
"""Statuses that any URL may answer with that asks the catalog."""


class Family(Enum):
    """The kinds of URL, by how their errors look."""

    MANAGEMENT = "Management"
    SERVICE = "Service"
    QUERY = "Query"
    PLAIN = "Plain"


_SAMPLES: dict[int, Exception] = {
    400: InvalidParameter("setPublic", "2", "1, true, 0 or false"),
    401: NoCredentials(),
    403: AccountFull("jobs in process", 101, 100),
    404: NotFound("There is no data source Shops with the access id 20181f26d9e94c81acdf9496133d4f23."),
    413: UploadTooLarge("the size of the upload in bytes", 314_572_801, 314_572_800),
    500: Exception(),
    503: Unavailable("The catalog does not answer."),
}
_MEANINGS = {
    400: "A parameter, or the body, is missing or not what it may be; the message says what was expected.",
    401: "No key, or one that is unknown, has expired, or may not do this.",
    403: "The account has as many data sources or jobs as it may have.",
    404: "There is no such data source, version, entity, job or file; the message says which.",
    413: "The body is larger than the account may upload.",
    500: "A bug; the message is nothing but the id under which it was logged.",
    503: "The catalog or the store does not answer right now.",
}


def faults(family: Family, statuses: Iterable[int]) -> Node:
    """Refer to errors of a kind of URL by status."""
    return {str(status): ref("responses", f"{family.value}{status}") for status in statuses}


def fault_responses(referred: Iterable[tuple[Family, int]]) -> Node:
    """Return errors, each a status at a kind of URL, by the names of their components."""
    return {f"{family.value}{status}": _response(family, status) for family, status in dict.fromkeys(referred)}


def _response(family: Family, status: int) -> Node:
    later = {"Retry_After": "retryAfter"} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return reply(_MEANINGS[status], _content(family, status), Cache_Control="cacheControl", **later)


def _content(family: Family, status: int) -> Node:
    message = message_of(_SAMPLES[status], TRACE_ID)
    match family:
        case Family.MANAGEMENT:
            return _management(status)
        case Family.PLAIN:
            return plain_text(f"{message}\n")
        case Family.SERVICE:
            return _odata(status)
        case Family.QUERY:
            return {**_odata(status), SCRIPT: script()}


def _management(status: int) -> Node:
    error = _SAMPLES[status]
    found = fault.ManagementFault(status, authentication_result(error), (message_of(error, TRACE_ID),), TRACE_ID)
    shown = example_of(fault.management_fault_json(found, LINKS), fault.management_fault_xml(found, LINKS))
    results = _codes(status) if status == HTTPStatus.UNAUTHORIZED else ["ValidCredentials", "None"]
    told: Node = {"statusCode": {"const": status}, "authenticationResultCode": one_of_words(results)}
    return _forms({"allOf": [schema("ManagementError"), {"properties": told}]}, shown)


def _odata(status: int) -> Node:
    code, message = answer_to(_SAMPLES[status]).code, message_of(_SAMPLES[status], TRACE_ID)
    shown = example_of(fault.query_fault_json(code, message), fault.query_fault_xml(code, message))
    told: Node = {"properties": {"error": {"properties": {"code": one_of_words(_codes(status))}}}}
    return _forms({"allOf": [schema("ODataError"), told]}, shown)


def _forms(json_schema: Node, shown: Example) -> Node:
    return {JSON: {"schema": json_schema, "example": shown.json}, **xml_only(shown.xml)}


def _codes(status: int) -> list[str]:
    """Return the words that may stand in an error of this status."""
    codes = {answer.code for answer in ANSWERS.values() if answer.status == status}
    return sorted(codes | {answer_to(_SAMPLES[status]).code})
