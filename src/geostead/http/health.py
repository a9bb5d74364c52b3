"""What supervisors and load balancers ask: ``/healthz`` and ``/readyz`` (architecture.md)."""

from __future__ import annotations

from starlette.responses import PlainTextResponse, Response

from geostead.http.call import Call
from geostead.http.replies import NOT_KEPT
from geostead.operations.check_readiness import check_readiness


def get_health(_call: Call) -> Response:
    """Tell that the process is alive."""
    return PlainTextResponse("ok\n", headers=NOT_KEPT)


def get_readiness(call: Call) -> Response:
    """Tell that catalog and store answer."""
    check_readiness(call.services)
    return PlainTextResponse("ok\n", headers=NOT_KEPT)
