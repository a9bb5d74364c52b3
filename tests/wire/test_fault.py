"""Error replies of both families."""

import json
from collections.abc import Callable

import pytest
from lxml import etree

from geostead.wire.fault import (
    ManagementFault,
    management_fault_json,
    management_fault_xml,
    query_fault_json,
    query_fault_xml,
)
from tests.wire.examples import LINKS, TRACE_ID

FAULT = ManagementFault(400, "ValidCredentials", ("input: found 'xls'; expected <csv>.", "Größe: 1"), TRACE_ID)
REST = "{http://schemas.microsoft.com/search/local/ws/rest/v1}"
M = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"


def test_golden_faults(golden: Callable[[str, bytes], None]) -> None:
    golden("fault.json", management_fault_json(FAULT, LINKS))
    golden("fault.xml", management_fault_xml(FAULT, LINKS))
    golden("query-fault.json", query_fault_json("InvalidFilter", "$filter: found 'a' at position 3; expected ')'."))
    golden("query-fault.xml", query_fault_xml("InvalidFilter", "$filter: found '<' at position 3; expected ')'."))


def test_c19_a_json_error_is_the_envelope_with_error_details_and_without_resources() -> None:
    found = json.loads(management_fault_json(FAULT, LINKS))
    assert found["errorDetails"] == list(FAULT.messages)
    assert found["resourceSets"] == []
    assert (found["statusCode"], found["statusDescription"], found["traceId"]) == (400, "Bad Request", TRACE_ID)


def test_c19_an_xml_error_is_the_envelope_with_error_details_and_without_resources() -> None:
    found = etree.fromstring(management_fault_xml(FAULT, LINKS))
    assert [e.text for e in found.iterfind(f"{REST}ErrorDetails/{REST}string")] == list(FAULT.messages)
    assert len(found.findall(f"{REST}ResourceSets")) == 1
    assert found.find(f"{REST}ResourceSets/*") is None


def test_c19_an_error_without_a_message_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="without a message"):
        ManagementFault(404, "ValidCredentials", (), TRACE_ID)


def test_the_authentication_result_is_told() -> None:
    fault = ManagementFault(401, "CredentialsExpired", ("The key has expired.",), TRACE_ID)
    assert json.loads(management_fault_json(fault, LINKS))["authenticationResultCode"] == "CredentialsExpired"


def test_a_query_error_in_json_is_that_of_odata_v2() -> None:
    message = {"lang": "en-US", "value": "„nein“ </script>"}
    document = query_fault_json("NotFound", "„nein“ </script>")
    assert json.loads(document) == {"error": {"code": "NotFound", "message": message}}
    assert b"</script>" not in document


def test_a_query_error_in_xml_is_that_of_odata_v2() -> None:
    found = etree.fromstring(query_fault_xml("NotFound", "a & b"))
    assert found.tag == f"{M}error"
    assert [e.tag for e in found] == [f"{M}code", f"{M}message"]
    assert found.findtext(f"{M}message") == "a & b"
