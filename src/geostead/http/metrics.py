"""``/metrics``, for Prometheus.

The numbers tell no secrets, but how much is done here is nobody else's business. So only addresses that the operator
allows may read them, and never through a proxy: what passes for the address of the client there is the proxy's own,
and the world would see what was meant for the machine next door. To everybody else the URL does not exist.
"""

from __future__ import annotations

from starlette.responses import Response

from geostead.errors import NoSuchUrl
from geostead.http.base_urls import is_in, networks
from geostead.http.call import Call
from geostead.http.options import HttpOptions
from geostead.http.replies import NOT_KEPT
from geostead.operations.measure import Measuring
from geostead.operations.services import Services


class Metrics:
    """Tells the metrics of this node to who may know them."""

    def __init__(self, services: Services, options: HttpOptions) -> None:
        self._measuring = Measuring(services)
        self._allowed = tuple(networks(options.metrics_allowed))
        self._proxies = tuple(networks(options.trusted_proxies))

    def tell(self, call: Call) -> Response:
        """Return the metrics. Raises NoSuchUrl for whom they are not."""
        if call.is_forwarded or not is_in(call.client, self._allowed) or is_in(call.client, self._proxies):
            raise NoSuchUrl("/metrics")
        from geostead.wire.metrics_text import MEDIA_TYPE, encode_metrics  # many a server is never asked

        measured = self._measuring.measure()
        text = encode_metrics(measured.node, measured.installation)
        return Response(text, headers={**NOT_KEPT, "Content-Type": MEDIA_TYPE})
