"""The envelopes of http-api.md section 4, read strictly: what is not as documented fails here."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
from lxml import etree

TYPE = "http://schemas.microsoft.com/search/local/ws/rest/v1"
WS = f"{{{TYPE}}}"
XSI_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
RFC_1123 = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
ISO_8601 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)")
HEX_32 = re.compile(r"[0-9a-f]{32}")
FAULT = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"

MEMBERS = ["authenticationResultCode", "brandLogoUri", "copyright", "resourceSets"]
MEMBERS += ["statusCode", "statusDescription", "traceId"]


def json_envelope(reply: httpx.Response) -> dict[str, Any]:
    """Read a management reply in JSON."""
    assert reply.headers["content-type"].startswith("application/json"), reply.headers
    assert b"\n" not in reply.content
    envelope: dict[str, Any] = json.loads(reply.content)
    assert [name for name in envelope if name != "errorDetails"] == MEMBERS
    assert envelope["statusCode"] == reply.status_code
    assert envelope["traceId"] == reply.headers["x-request-id"]
    return envelope


def xml_envelope(reply: httpx.Response) -> Any:
    """Read a management reply in XML."""
    assert reply.headers["content-type"].startswith("application/xml"), reply.headers
    root = etree.fromstring(reply.content)
    assert root.tag == f"{WS}Response"
    names = [etree.QName(child).localname for child in root if etree.QName(child).localname != "ErrorDetails"]
    assert names == [*(f"{name[0].upper()}{name[1:]}" for name in XML_MEMBERS), "ResourceSets"]
    assert root.findtext(f"{WS}StatusCode") == str(reply.status_code)
    assert root.findtext(f"{WS}TraceId") == reply.headers["x-request-id"]
    return root


XML_MEMBERS = ["copyright", "brandLogoUri", "statusCode", "statusDescription", "authenticationResultCode", "traceId"]


def error_details(reply: httpx.Response) -> list[str]:
    """Return the messages of a refused management request, in whichever format it came (C19)."""
    if reply.headers["content-type"].startswith("application/json"):
        envelope = json_envelope(reply)
        assert envelope["resourceSets"] == []
        details = envelope["errorDetails"]
    else:
        details = [element.text for element in xml_envelope(reply).findall(f"{WS}ErrorDetails/{WS}string")]
    assert details
    assert all(isinstance(detail, str) and detail for detail in details)
    return list(details)


def odata_error(reply: httpx.Response) -> tuple[str, str]:
    """Return code and message of a refused query or service document, in whichever format it came."""
    if reply.headers["content-type"].startswith("application/json"):
        error = json.loads(reply.content)["error"]
        assert (set(error), set(error["message"])) == ({"code", "message"}, {"lang", "value"})
        assert error["message"]["lang"] == "en-US"
        code, message = error["code"], error["message"]["value"]
    else:
        assert reply.headers["content-type"].split(";")[0] in ("application/xml", "application/atom+xml")
        root = etree.fromstring(reply.content)
        assert root.tag == f"{FAULT}error"
        code, message = root.findtext(f"{FAULT}code"), root.findtext(f"{FAULT}message")
    assert code
    assert message
    return code, message


def is_an_error_envelope(reply: httpx.Response) -> bool:
    """Tell whether a refusal has one of the documented envelopes."""
    if reply.headers["content-type"].startswith("application/json"):
        document = json.loads(reply.content)
        return bool(document.get("errorDetails")) or set(document) == {"error"}
    root = etree.fromstring(reply.content)
    return root.tag == f"{FAULT}error" or bool(root.findall(f"{WS}ErrorDetails/{WS}string"))
