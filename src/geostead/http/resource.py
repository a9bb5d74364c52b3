"""One URL of the management side: which methods it has, and how its errors look."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter

from anyio import CapacityLimiter, to_thread
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, compile_path
from starlette.types import Receive, Scope, Send

from geostead.errors import MethodNotAllowed, NoSuchUrl
from geostead.http import parameters
from geostead.http.authorize import page_of
from geostead.http.base_urls import BaseUrls
from geostead.http.call import Call, Handler
from geostead.http.errors import log_trouble
from geostead.http.middleware.trace_ids import SCOPE_KEY
from geostead.http.operation_names import OTHER, operation_name
from geostead.http.options import HttpOptions
from geostead.http.uploads import ClientGone, RequestBody
from geostead.http.watch import Watch
from geostead.operations.services import Services
from geostead.telemetry.request_counts import GONE
from geostead.telemetry.trace import Trace, run_in
from geostead.wire.links import Links

Fault = Callable[[Call, Exception], Response]
"""Makes the reply that reports an error of a call. Raises nothing."""

_READING = ("GET", "HEAD")
MARKS_OF_PROXIES = frozenset((b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"via"))
"""Headers that a request has which came through a proxy."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What all resources share."""

    services: Services
    options: HttpOptions
    base_urls: BaseUrls


class Resource(BaseRoute):
    """A path and what can be done there. Fixed words are matched in any case."""

    def __init__(
        self,
        path: str,
        desk: Desk,
        fault: Fault,
        methods: Mapping[str, Handler],
        threads: CapacityLimiter | None = None,
        *,
        on_loop: bool = False,
    ) -> None:
        """Serve a path like ``/data/{access_id}``.

        ``threads`` are those in which the handlers run; None for the ones that anyio has for everybody. ``on_loop``:
        they run in none, but on the event loop, which they must not hold up.
        """
        self.path = path
        self._pattern = re.compile(compile_path(path)[0].pattern, re.IGNORECASE)
        self._desk = desk
        self._fault = fault
        self._methods = methods
        self._threads = threads
        self._on_loop = on_loop
        self._operations = {method: operation_name(method, path) for method in methods}
        self._watches = {method: self._watch(operation_name(method, path)) for method in methods}
        self._watch_others = self._watch(OTHER)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether the path of a request is this one."""
        found = self._pattern.fullmatch(scope["path"]) if scope["type"] == "http" else None
        return (Match.NONE, {}) if found is None else (Match.FULL, {"path_params": found.groupdict()})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, errors included."""
        began_s = perf_counter()
        method: str = scope["method"]
        watch = self._watches.get(method, self._watch_others)
        trace = watch.begin(scope[SCOPE_KEY], method)
        call = self._call(scope, receive, trace)
        try:
            response = await self._answer(method, call, trace, watch)
        except ClientGone:
            watch.end(trace, method, GONE, began_s)
            return
        await (_head_of(response) if method == "HEAD" else response)(scope, receive, send)
        watch.end(trace, method, response.status_code, began_s)
        if response.status_code < 400:
            self._count(method, call)

    def _count(self, method: str, call: Call) -> None:
        """Take note of a request that somebody's key opened."""
        key = call.asker.key
        if key is not None:
            call.services.uses.add((key.id, key.account_id, call.asker.source, self._operations[method]))

    def _watch(self, operation: str) -> Watch:
        return Watch(operation, self._desk.services, logs=self._desk.options.access_log)

    def _call(self, scope: Scope, receive: Receive, trace: Trace) -> Call:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        return Call(
            services=self._desk.services,
            method=scope["method"],
            parameters=parameters.parse(scope["query_string"]),
            path=scope["path_params"],
            body=RequestBody(receive, headers),
            links=Links(self._desk.base_urls.of(scope, headers)),
            options=self._desk.options,
            trace_id=trace.id,
            client=scope["client"][0] if scope.get("client") else "",
            is_forwarded=not MARKS_OF_PROXIES.isdisjoint(headers),
            page=page_of(headers),
            if_none_match=headers.get(b"if-none-match", b""),
        )

    async def _answer(self, method: str, call: Call, trace: Trace, watch: Watch) -> Response:
        try:
            handler = self._handler(method, call)
            if self._on_loop:
                made = handler(call)
            else:
                made = await to_thread.run_sync(run_in, trace, handler, call, limiter=self._threads)
            return made if isinstance(made, Response) else await made
        except ClientGone:
            raise
        except Exception as error:
            log_trouble(error, f"{method} {self.path}", call.trace_id)
            watch.refused(error)
            if method not in _READING:
                await call.body.drain(self._desk.options.drain_bytes)
            return self._fault(call, error)

    def _handler(self, method: str, call: Call) -> Handler:  # noqa: ARG002  what is missing depends on the call
        if method not in self._methods:
            raise MethodNotAllowed(method, tuple(self._methods))
        return self._methods[method]


class Nothing(Resource):
    """Every path below another, to say that nothing is there."""

    def __init__(self, root: str, desk: Desk, fault: Fault) -> None:
        """Refuse all paths below ``root``, which is '' or begins with a slash, and ``root`` itself."""
        super().__init__(root, desk, fault, {})

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether the path of a request is below the root."""
        if scope["type"] != "http" or not f"{scope['path']}/".lower().startswith(f"{self.path}/".lower()):
            return Match.NONE, {}
        return Match.FULL, {"path_params": {"whole": scope["path"]}}

    def _handler(self, method: str, call: Call) -> Handler:  # noqa: ARG002  nothing is there for any method
        raise NoSuchUrl(call.path["whole"])


def _head_of(response: Response) -> Response:
    """Return the same reply without its body, whose length is still told."""
    head = Response(status_code=response.status_code)
    head.raw_headers = response.raw_headers
    return head
