"""One URL of the console: what can be done there, and the role that it takes."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from time import perf_counter
from urllib.parse import quote, urlsplit

from anyio import CapacityLimiter, to_thread
from jinja2 import Environment
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, compile_path
from starlette.types import Receive, Scope, Send

from geostead.console.faults import fault
from geostead.console.file_form import FileForm
from geostead.console.json_replies import JsonHandler, json_fault
from geostead.console.options import ConsoleOptions
from geostead.console.sessions import Sessions
from geostead.console.typed_form import MAX_BYTES, MAX_BYTES_OF_STRANGERS, read_typed_form
from geostead.console.visit import Membership, PageHandler, Visit
from geostead.errors import MethodNotAllowed, NotAuthorized, NotFound
from geostead.http.base_urls import BaseUrls
from geostead.http.errors import log_trouble
from geostead.http.middleware.trace_ids import SCOPE_KEY
from geostead.http.uploads import ClientGone, RequestBody
from geostead.http.watch import Watch
from geostead.model.person import Role
from geostead.operations.services import Services
from geostead.telemetry.trace import Trace, run_in

MAX_DRAINED_BYTES = 16 * 2**20
"""How much of a refused form is read and forgotten."""
CONCURRENT_FILES = 16
"""Files received at once by one process; each occupies a thread, none of those of other pages. Further ones wait."""
PATIENCE_S = 120.0
"""Who takes longer for a form, or for 1 MiB of its file, is not waited for."""


@dataclass(frozen=True, slots=True)
class Office:
    """What all pages share."""

    services: Services
    options: ConsoleOptions
    base_urls: BaseUrls
    environment: Environment
    sessions: Sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What it takes to read a page, and to act on it."""

    to_read: Role | None = Role.VIEWER
    """A role in the account of the URL; where that names none, any session will do. None: no session either."""
    to_act: Role | None = Role.EDITOR
    """Likewise."""


class Page(BaseRoute):
    """A path below the console. ``reads`` answers GET, ``acts`` answers POST."""

    def __init__(
        self,
        path: str,
        office: Office,
        reads: PageHandler | None = None,
        acts: PageHandler | None = None,
        needs: Needs = Needs(),
        *,
        takes_file: bool = False,
    ) -> None:
        """Register a page. ``takes_file``: what is posted has a file, which the handler reads while it arrives."""
        self.path = path
        self.needs = needs
        self._pattern = re.compile(compile_path(path)[0].pattern)
        self._office = office
        self.takes_file = takes_file
        self._threads = CapacityLimiter(CONCURRENT_FILES) if takes_file else None
        self._handlers = {"GET": reads, "HEAD": reads, "POST": acts}

    @property
    def reads(self) -> bool:
        """Whether there is anything to read here."""
        return self._handlers["GET"] is not None

    @property
    def acts(self) -> bool:
        """Whether anything can be changed here."""
        return self._handlers["POST"] is not None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether the path of a request, below the console, is this one."""
        found = self._pattern.fullmatch(_below(scope)) if scope["type"] == "http" else None
        return (Match.NONE, {}) if found is None else (Match.FULL, {"path_params": found.groupdict()})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, errors included."""
        began_s, request = perf_counter(), Request(scope, receive, send)
        handler = self._handlers.get(request.method)
        trace = self._watch.begin(scope[SCOPE_KEY], request.method)
        visit = self._visit(request, trace)
        try:
            visit = await to_thread.run_sync(run_in, trace, self._recognise, visit)
            response = await self._answer(visit, request, handler)
        except Exception as error:
            log_trouble(error, f"{visit.method} /console{self.path}", visit.trace_id)
            self._watch.refused(error)
            response = (json_fault if isinstance(handler, JsonHandler) else fault)(visit, error)
        await response(scope, receive, send)
        self._watch.end(trace, request.method, response.status_code, began_s)

    @cached_property
    def _watch(self) -> Watch:
        """Named after the path: ``console/accounts/{account}/keys``."""
        name = f"console{self.path}".replace(":path", "")
        return Watch(name, self._office.services, logs=self._office.options.access_log)

    def _visit(self, request: Request, trace: Trace) -> Visit:
        scope, office = request.scope, self._office
        headers = dict(scope["headers"])
        base_url = office.base_urls.of(scope, headers)
        return Visit(
            services=office.services,
            options=office.options,
            environment=office.environment,
            method=request.method,
            has_page=self.reads,
            path=request.path_params,
            query=request.query_params,
            headers=request.headers,
            base_url=base_url,
            root=f"{urlsplit(base_url).path}/console",
            trace=trace,
            client=office.base_urls.sender_of(scope, headers),
            cookies=request.cookies,
        )

    async def _answer(self, visit: Visit, request: Request, handler: PageHandler | None) -> Response:
        if handler is None:
            raise MethodNotAllowed(visit.method, tuple(name for name, known in self._handlers.items() if known))
        needed = self.needs.to_act if visit.method == "POST" else self.needs.to_read
        if needed is not None and visit.signed_in is None:
            return _to_sign_in(visit, _below(request.scope))
        _check_role(visit, needed)
        if visit.method == "POST":
            return await self._act(visit, request, handler)
        return await self._made(visit, handler)

    async def _act(self, visit: Visit, request: Request, handler: PageHandler) -> Response:
        """Answer a form. What is refused is read on for a while, so that the sender sees the answer."""
        body = RequestBody(request.receive, dict(request.scope["headers"]), PATIENCE_S)
        try:
            visit = await (self._with_file(visit, body) if self.takes_file else _with_typed(visit, request, body))
            self._office.sessions.check_form(visit)
            return await self._made(visit, handler)
        except ClientGone:
            return Response(status_code=408)
        except Exception:
            with suppress(ClientGone):
                await body.drain(MAX_DRAINED_BYTES)
            raise

    async def _with_file(self, visit: Visit, body: RequestBody) -> Visit:
        kind = visit.headers.get("content-type", "")
        file = await to_thread.run_sync(FileForm, body, kind, limiter=self._threads)
        return replace(visit, file=file, form=FormData(file.fields))

    async def _made(self, visit: Visit, handler: PageHandler) -> Response:
        made = await to_thread.run_sync(run_in, visit.trace, handler, visit, limiter=self._threads)
        return self._office.sessions.mark(visit, made if isinstance(made, Response) else await made)

    def _recognise(self, visit: Visit) -> Visit:
        """Find out who asks, and what they are in the account of the URL."""
        visit = self._office.sessions.recognise(visit)
        memberships = visit.signed_in.memberships if visit.signed_in else ()
        for found in memberships:
            if found.account.name == visit.path.get("account"):
                return replace(visit, membership=Membership(found.account, found.role))
        return visit


def _check_role(visit: Visit, needed: Role | None) -> None:
    """Raise NotFound for an account that is not theirs, NotAuthorized where they may not do that in it."""
    if "account" not in visit.path or visit.signed_in is None:
        return
    if visit.membership is None:
        raise NotFound(f"There is no account {visit.path['account']}, or you are not a member of it.")
    if needed is not None and not visit.may(needed):
        raise NotAuthorized(
            f"This takes the role {needed} in the account {visit.account.name}; yours is {visit.membership.role}."
        )


async def _with_typed(visit: Visit, request: Request, body: RequestBody) -> Visit:
    max_bytes = MAX_BYTES_OF_STRANGERS if visit.signed_in is None else MAX_BYTES
    return replace(visit, form=await read_typed_form(request.scope, body, max_bytes))


def _below(scope: Scope) -> str:
    """Return the path of a request below the console."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _to_sign_in(visit: Visit, wanted: str) -> Response:
    """Lead to the page to sign in at, and from there back: to the page with the form, where something was sent."""
    is_act = visit.method == "POST"
    if is_act or visit.is_live_part:
        wanted = _page_before(visit)
    elif visit.query:
        wanted += f"?{visit.query}"
    asked = {"next": wanted if wanted.strip("/") else "", "ended": "1" if is_act else ""}
    parts = "&".join(f"{name}={quote(value, safe='')}" for name, value in asked.items() if value)
    url = f"{visit.root}/sign-in" + (f"?{parts}" if parts else "")
    if visit.is_live_part:
        return Response(status_code=401, headers={"HX-Redirect": url})
    return RedirectResponse(url, 303)


def _page_before(visit: Visit) -> str:
    """Return the path, below the console, of the page that something was sent from; '' if the browser does not say."""
    before, console = visit.headers.get("referer", ""), f"{visit.base_url}/console"
    return before.removeprefix(console) if before.startswith(f"{console}/") else ""
