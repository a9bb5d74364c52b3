"""Requests to one server with one key: what is repeated, and what is an error."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias
from urllib.request import getproxies, proxy_bypass

import httpx

from geostead.client.errors import ClientError, NoReply
from geostead.client.refusals import error_of
from geostead.client.retries import Retries
from geostead.client.secret_parameters import WithSecrets, hidden, redacted

Parameters: TypeAlias = Mapping[str, str]
NONE: Parameters = {}

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_TRY_AGAIN = frozenset({429, 502, 503, 504})
_KEPT_AFTER_S = 300.0
"""How long to wait at least for the reply to an upload, which comes when all of it is kept."""


class Connection:
    """Speak HTTP to one Geostead. Raises ValueError if the URL is no http(s) URL, or there is no key."""

    def __init__(self, url: str, key: str, *, timeout_s: float, retries: Retries) -> None:
        self.url = _base_url(url)
        self._key = key.strip()
        if not self._key:
            raise ValueError("There is no key: it is empty.")
        self._timeout_s = timeout_s
        self._retries = retries
        self._client = httpx.Client(
            base_url=self.url, timeout=timeout_s, transport=WithSecrets(_transport(self.url), self._key)
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def read(self, path: str, parameters: Parameters = NONE) -> httpx.Response:
        """Get what only reads; repeat it while that may help. Raises NoReply, Refused, UnexpectedReply."""
        request = self._client.build_request("GET", path, params=parameters)
        return self._tried(lambda: self._client.send(request), is_repeatable=True)

    def fetch(self, path: str, parameters: Parameters, take: Callable[[httpx.Response], None]) -> None:
        """Get what only reads and may be large; ``take`` reads the reply, from its beginning each time.

        Raises what :meth:`read` raises, and what ``take`` does.
        """
        request = self._client.build_request("GET", path, params=parameters)

        def send() -> httpx.Response:
            reply = self._client.send(request, stream=True)
            try:
                if reply.is_success:
                    take(reply)
                else:
                    reply.read()
            finally:
                reply.close()
            return reply

        self._tried(send, is_repeatable=True)

    def act(self, method: str, path: str, parameters: Parameters = NONE, secrets: Parameters = NONE) -> httpx.Response:
        """Send what changes something. Raises NoReply, Refused, UnexpectedReply.

        It is repeated only where no connection was made: nothing can have happened then. After a 503 it is not: the
        database may have gone away just after it had kept the job.
        """
        request = self._client.build_request(method, path, params=parameters, extensions=hidden(secrets))
        return self._tried(lambda: self._client.send(request), is_repeatable=False, secrets=secrets)

    def post(
        self,
        path: str,
        parameters: Parameters,
        content: Callable[[], Iterator[bytes]],
        size_bytes: int | None,
        secrets: Parameters = NONE,
    ) -> httpx.Response:
        """Send a body piece by piece; ``content`` begins to make it. It is repeated as in :meth:`act`, still whole."""
        headers = {} if size_bytes is None else {"Content-Length": str(size_bytes)}
        timeout = httpx.Timeout(self._timeout_s, read=max(self._timeout_s, _KEPT_AFTER_S))

        def send() -> httpx.Response:
            request = self._client.build_request(
                "POST",
                path,
                params=parameters,
                content=content(),
                headers=headers,
                timeout=timeout,
                extensions=hidden(secrets),
            )
            return self._client.send(request)

        return self._tried(send, is_repeatable=False, secrets=secrets)

    def _tried(
        self, send: Callable[[], httpx.Response], *, is_repeatable: bool, secrets: Parameters = NONE
    ) -> httpx.Response:
        """Send a request until there is no use in sending it again. Raises RuntimeError once this is closed."""
        if self._client.is_closed:
            raise RuntimeError("This Geostead is closed: call it before close(), or within its with block.")
        failures = 0
        while True:
            try:
                return self._once(send, secrets)
            except ClientError as error:
                failures += 1
                can_help = _may_help(error, is_repeatable=is_repeatable)
                wait_s = self._retries.wait_s(failures, error.retry_after_s) if can_help else None
                if wait_s is None:
                    raise
                time.sleep(wait_s)

    def _once(self, send: Callable[[], httpx.Response], secrets: Parameters) -> httpx.Response:
        try:
            reply = send()
        except (httpx.TransportError, httpx.DecodingError) as cause:
            raise NoReply(self._redacted(f"{self.url} does not answer: {_words(cause)}", secrets)) from cause
        if not reply.is_success:
            raise error_of(reply, lambda text: self._redacted(text, secrets))
        return reply

    def _redacted(self, text: str, secrets: Parameters) -> str:
        return redacted(text, (self._key, *secrets.values()))


def _may_help(error: ClientError, *, is_repeatable: bool) -> bool:
    """Tell whether a request may go well, and do no harm, when it is sent again."""
    if not is_repeatable:
        return isinstance(error.__cause__, _NOT_SENT)
    return isinstance(error, NoReply) or error.status in _TRY_AGAIN


def _words(cause: Exception) -> str:
    return str(cause) or type(cause).__name__


def _base_url(text: str) -> str:
    """Return a base URL as it may be shown, without a slash at its end."""
    try:
        url = httpx.URL(text.strip())
    except httpx.InvalidURL as error:
        raise ValueError(f"The URL of the server cannot be read: {error}.") from None
    if url.userinfo or url.query:  # which may be secrets
        raise ValueError("The URL of a server has no user and no '?': expected one such as https://places.example.com.")
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError(f"{text!r} is no URL of a server: expected one such as https://places.example.com.")
    return str(url).rstrip("/")


def _transport(url: str) -> httpx.HTTPTransport:
    is_tls = url.startswith("https:")
    return httpx.HTTPTransport(verify=is_tls, proxy=_proxy_for(url))  # else certificates are read for nothing, 30 ms


def _proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for a URL (HTTPS_PROXY, NO_PROXY …); None: there is none.

    httpx does not look there when it is given a transport.
    """
    parts = httpx.URL(url)
    if proxy_bypass(parts.host):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")
