"""Error replies of both families: those chosen by ``output`` (C19) and those chosen by ``$format`` (section 4.5)."""

from __future__ import annotations

from dataclasses import dataclass

from geostead.wire import dataflow_json, dataflow_xml
from geostead.wire.escapes import json_document
from geostead.wire.links import Links
from geostead.wire.management_reply import ManagementReply
from geostead.wire.markup import DECLARATION, element, text_element

_NAMESPACE = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
_LANGUAGE = "en-US"


@dataclass(frozen=True, slots=True)
class ManagementFault:
    """What went wrong with a request to a management endpoint."""

    status_code: int
    authentication_result_code: str
    messages: tuple[str, ...]
    """What was wrong; at least one (C19)."""
    trace_id: str

    def __post_init__(self) -> None:
        if not self.messages:
            raise ValueError("An error reply without a message breaks clients.")

    def reply(self, links: Links) -> ManagementReply:
        """Return the envelope: no resource sets, but error details."""
        return ManagementReply(
            self.status_code,
            self.trace_id,
            links.logo,
            error_details=self.messages,
            authentication_result_code=self.authentication_result_code,
        )


def management_fault_json(fault: ManagementFault, links: Links) -> bytes:
    """Encode the JSON envelope of an error."""
    return dataflow_json.encode_reply(fault.reply(links))


def management_fault_xml(fault: ManagementFault, links: Links) -> bytes:
    """Encode the XML envelope of an error."""
    return dataflow_xml.encode_reply(fault.reply(links))


def query_fault_json(code: str, message: str) -> bytes:
    """Encode the JSON error of a query or service endpoint; ``code`` is a word of section 4.5."""
    return json_document({"error": {"code": code, "message": {"lang": _LANGUAGE, "value": message}}})


def query_fault_xml(code: str, message: str) -> bytes:
    """Encode the OData v2 XML error of a query or service endpoint; ``code`` is a word of section 4.5."""
    children = [text_element("code", code), text_element("message", message, {"xml:lang": _LANGUAGE})]
    return (DECLARATION + element("error", {"xmlns": _NAMESPACE}, children)).encode()
