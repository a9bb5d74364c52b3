"""Who may read what is the operator's business alone.

How much is done here, and what the installation stands on, is nobody else's. So only addresses that the operator allows
may read it, and never through a proxy: what passes for the address of the client there is the proxy's own, and the
world would see what was meant for the machine next door.
"""

from __future__ import annotations

from geostead.http.base_urls import is_in, networks
from geostead.http.call import Call
from geostead.http.options import HttpOptions


class Insiders:
    """The addresses that the setting ``metrics_allowed`` names, as far as they are no proxies."""

    def __init__(self, options: HttpOptions) -> None:
        self._allowed = tuple(networks(options.metrics_allowed))
        self._proxies = tuple(networks(options.trusted_proxies))

    def include(self, call: Call) -> bool:
        """Tell whether a request comes from one of them, and straight."""
        return not call.is_forwarded and is_in(call.client, self._allowed) and not is_in(call.client, self._proxies)
