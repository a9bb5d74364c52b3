"""``/metrics``, for Prometheus. To everybody but insiders the URL does not exist."""

from __future__ import annotations

from starlette.responses import Response

from geostead.errors import NoSuchUrl
from geostead.http.call import Call
from geostead.http.insiders import Insiders
from geostead.http.replies import NOT_KEPT
from geostead.operations.measure import Measuring
from geostead.operations.services import Services


class Metrics:
    """Tells the metrics of this node to who may know them."""

    def __init__(self, services: Services, insiders: Insiders) -> None:
        self._measuring = Measuring(services)
        self._insiders = insiders

    def tell(self, call: Call) -> Response:
        """Return the metrics. Raises NoSuchUrl for whom they are not."""
        if not self._insiders.include(call):
            raise NoSuchUrl("/metrics")
        from geostead.wire.metrics_text import MEDIA_TYPE, encode_metrics  # many a server is never asked

        measured = self._measuring.measure()
        text = encode_metrics(measured.node, measured.installation)
        return Response(text, headers={**NOT_KEPT, "Content-Type": MEDIA_TYPE})
