"""Parameters that open something: how they get into a URL, and how they stay out of everything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

import httpx

_NAME = "geostead.secrets"


class WithSecrets(httpx.BaseTransport):
    """Add the key, and the other secrets of a request, to its URL below httpx's client.

    So that neither the client's log lines nor its requests and errors, which show their URL, ever hold one.
    """

    def __init__(self, inner: httpx.BaseTransport, key: str) -> None:
        self._inner = inner
        self._key = key

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request with its secrets."""
        url = request.url.copy_merge_params({**request.extensions.get(_NAME, {}), "key": self._key})
        whole = httpx.Request(
            request.method, url, headers=request.headers, stream=request.stream, extensions=request.extensions
        )
        return self._inner.handle_request(whole)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


def hidden(secrets: Mapping[str, str]) -> dict[str, object]:
    """Return the extensions of a request that has these secret parameters, besides the key."""
    return {_NAME: secrets}


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Take secrets out of a text, as they are and as they stand in URLs."""
    for secret in secrets:
        for spelling in {secret, quote(secret, safe=""), quote(secret), quote_plus(secret)}:
            text = text.replace(spelling, "[redacted]")
    return text
