"""Entity queries: the URLs that the world calls all day, answered with no framework between (decision 0001).

Time is counted in microseconds here: one regular expression for the path, one pass over the headers, headers of
replies prepared beforehand. What takes long goes to a thread, so that it holds up nobody else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from time import perf_counter
from typing import NamedTuple

from anyio import CapacityLimiter, to_thread
from starlette.types import Receive, Scope, Send

from geostead import __version__
from geostead.errors import MethodNotAllowed, SnapshotDamaged, SnapshotMissing
from geostead.http import parameters
from geostead.http.authorize import page_of
from geostead.http.bare_replies import KEPT, PREFLIGHT, SCRIPT, BareReply, Headers, refusal, send_reply
from geostead.http.base_urls import BaseUrls
from geostead.http.entity_paths import EntityPath
from geostead.http.errors import log_trouble
from geostead.http.glance import Glance
from geostead.http.lookups import Lookups
from geostead.http.negotiation import Format, accepts_gzip, callback_of, entity_tag, names_tag, query_format_of
from geostead.http.openings import Openings
from geostead.http.operation_names import GET_ENTITY, QUERY_ENTITIES
from geostead.http.options import HttpOptions
from geostead.http.parameters import Parameters
from geostead.http.searches import Searches
from geostead.http.travel import read_travel
from geostead.http.uploads import ClientGone, RequestBody
from geostead.http.warnings import warning_headers
from geostead.http.watch import Watch, trace_of
from geostead.model.travel import TravelOptions
from geostead.operations.find_entity import find_entity
from geostead.operations.open_version import EntitySetAddress, OpenVersion, Target, unreadable
from geostead.operations.open_versions import OpenVersions
from geostead.operations.query_entities import EntityQuery, ReadQuery, locate_query, query_at_once, read_query
from geostead.operations.services import Services
from geostead.query.options import QueryText
from geostead.telemetry.request_counts import GONE
from geostead.telemetry.trace import Trace, run_in
from geostead.wire import entities_atom, entities_json, jsonp
from geostead.wire.links import Links

METHODS = ("GET", "HEAD", "OPTIONS")

_MEDIA_TYPES = {Format.JSON: b"application/json; charset=utf-8", Format.ATOM: b"application/atom+xml; charset=utf-8"}


class EntityRequest(NamedTuple):
    """One request for entities, taken apart."""

    path: EntityPath
    parameters: Parameters
    headers: Mapping[bytes, bytes]
    base_url: str
    raw_path: bytes
    query_string: bytes
    trace: Trace

    @property
    def gzip(self) -> bool:
        """Whether the reader can take a compressed reply."""
        return accepts_gzip(self.headers.get(b"accept-encoding", b""))


class EntityQueries:
    """Answers requests for entities, by id or by options."""

    def __init__(self, services: Services, options: HttpOptions, base_urls: BaseUrls) -> None:
        self._services = services
        self._options = options
        self._base_urls = base_urls
        self._program = f"{__version__} {options.max_page_size}".encode()
        self._versions = OpenVersions(services)
        self._glance = Glance(self._versions.look)
        self._remote = Lookups(self._versions, options.concurrent_finds, options.find_wait_s)
        self._openings = Openings(services.snapshots, options.concurrent_openings, options.opening_wait_s)
        at_hand = CapacityLimiter(options.concurrent_searches)
        self._pages = Searches(at_hand, options.concurrent_remote_searches, options.remote_wait_s)
        self._entities = Searches(at_hand, options.concurrent_remote_searches, options.remote_wait_s)
        self._lookups = CapacityLimiter(options.concurrent_lookups)
        self._routes = CapacityLimiter(options.concurrent_lookups)
        self._watch_pages = Watch(QUERY_ENTITIES, services, logs=options.access_log)
        self._watch_entities = Watch(GET_ENTITY, services, logs=options.access_log)

    async def answer(self, path: EntityPath, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, errors included."""
        began_s = perf_counter()
        method: str = scope["method"]
        headers: dict[bytes, bytes] = dict(scope["headers"])
        watch = self._watch_pages if path.entity_id is None else self._watch_entities
        trace = watch.begin(trace_of(headers, self._services.new_id), method)
        request = self._read(path, scope, headers, trace)
        try:
            reply = await self._reply(method, request)
        except Exception as error:
            log_trouble(error, f"{method} of entities", trace.id)
            watch.refused(error)
            reply = refusal(error, request.parameters, trace.id)
        try:
            if method not in METHODS:
                await RequestBody(receive, request.headers).drain(self._options.drain_bytes)
        except ClientGone:
            watch.end(trace, method, GONE, began_s)
            return
        await send_reply(reply, trace.id, send, gzip=request.gzip, with_body=method != "HEAD")
        watch.end(trace, method, reply.status, began_s)

    def _read(self, path: EntityPath, scope: Scope, headers: dict[bytes, bytes], trace: Trace) -> EntityRequest:
        return EntityRequest(
            path,
            parameters.parse(scope["query_string"]),
            headers,
            self._base_urls.of(scope, headers),
            scope["raw_path"],
            scope["query_string"],
            trace,
        )

    async def _reply(self, method: str, request: EntityRequest) -> BareReply:
        if method == "OPTIONS":
            return PREFLIGHT
        if method not in METHODS:
            raise MethodNotAllowed(method, METHODS)
        form = query_format_of(request.parameters)
        callback = callback_of(request.parameters, form)
        if callback is not None:
            jsonp.check_callback(callback)
        opened = self._open_at_once(request)
        if not isinstance(opened, OpenVersion):
            opened = await self._waited_for(opened, request)
        tag = _tag(request, opened, self._program)
        headers = (*KEPT, (b"etag", b'"%b"' % tag))
        condition = request.headers.get(b"if-none-match", b"")
        if names_tag(condition, tag):
            return self._counted(request, opened, BareReply(304, headers))
        body, warnings, is_lasting = await self._document(request, opened, form)
        if not is_lasting:  # the same request may mean another place tomorrow: only the reply itself can tell
            tag = _content_tag(body, warnings, gzip=request.gzip)
            headers = (*KEPT, (b"etag", b'"%b"' % tag))
            if names_tag(condition, tag):
                return self._counted(request, opened, BareReply(304, headers))
        if condition.strip() == b"*":  # any reply will do, but only now is it sure that there is one
            return self._counted(request, opened, BareReply(304, headers))
        media_type = _MEDIA_TYPES[form]
        if callback is not None:
            media_type, body = SCRIPT, jsonp.wrap(body, callback, request.parameters.get("jsonso"))
        return self._counted(
            request, opened, BareReply(200, (*headers, (b"content-type", media_type), *warnings), body)
        )

    def _counted(self, request: EntityRequest, opened: OpenVersion, reply: BareReply) -> BareReply:
        """Take note of a request that a key opened, and that is answered."""
        target = opened.target
        source = target.data_source
        operation = QUERY_ENTITIES if request.path.entity_id is None else GET_ENTITY
        self._services.uses.add((target.key.id, source.account_id, source.name, operation))
        return reply

    def _open_at_once(self, request: EntityRequest) -> OpenVersion | Target | None:
        """Return the version that a request is about, perhaps still to be opened; None if a server has to be asked."""
        if self._services.catalog.is_remote:
            return None
        self._glance.take()
        return self._versions.open(request.parameters.get("key"), _address(request), page_of(request.headers))

    async def _find(self, request: EntityRequest) -> OpenVersion | Target:
        if (found := self._open_at_once(request)) is not None:
            return found
        page = page_of(request.headers)
        return await self._remote.open(request.parameters.get("key"), _address(request), page, request.trace)

    async def _waited_for(self, target: Target | None, request: EntityRequest) -> OpenVersion:
        """Open a version that, or whose snapshot, has to be waited for."""
        found = target or await self._find(request)
        if isinstance(found, OpenVersion):
            return found
        try:
            return await self._openings.open(found)
        except (SnapshotMissing, SnapshotDamaged):
            pass  # perhaps replaced, and its files removed, since the look-up: look again
        again = await self._find(request)
        if isinstance(again, OpenVersion):
            return again
        try:
            return await self._openings.open(again)
        except (SnapshotMissing, SnapshotDamaged) as error:
            raise unreadable(again) from error

    async def _document(self, request: EntityRequest, opened: OpenVersion, form: Format) -> tuple[bytes, Headers, bool]:
        """Return the body, the warnings, and whether the same request means the same as long as the version stays."""
        source = opened.data_source
        url = _entity_set_url(request.base_url, source.access_id, source.name, opened.version.entity_type.name)
        if request.path.entity_id is not None:
            if form is Format.JSON and not opened.snapshot.is_remote:
                return _entity(opened, request.path.entity_id, url, form), (), True
            write = partial(_entity, opened, request.path.entity_id, url, form)
            return await self._entities.run(opened.snapshot, request.trace, write), (), True
        text = parameters.read_query(request.parameters, self._options.max_page_size)
        write = partial(_page, opened, url, form)
        query = query_at_once(opened, text)
        body: bytes | None
        if query is None:
            query, body = await self._read_and_write(request, opened, text, write)
        else:
            body = _at_once(query, url, form)
        if body is None:
            body = await self._pages.run(opened.snapshot, request.trace, write, query)
        warnings: Headers = ()
        if query.bound.unknown_names or query.remarks:
            warnings = warning_headers(query.remarks, query.bound.unknown_names)
        return body, warnings, query.is_lasting

    async def _read_and_write(
        self, request: EntityRequest, opened: OpenVersion, text: QueryText, write: Callable[[EntityQuery], bytes]
    ) -> tuple[EntityQuery, bytes]:
        """Answer what takes longer to understand, in threads. Those that wait for others keep nobody from searching."""

        def read() -> tuple[ReadQuery, EntityQuery | None, bytes]:
            read = read_query(opened, text)
            if read.names_places:
                return read, None, b""
            query = locate_query(self._services, read, TravelOptions())
            return read, query, write(query)

        found, query, body = await self._pages.run(opened.snapshot, request.trace, read)
        if query is not None:
            return query, body
        travel = read_travel(request.parameters) if found.is_along_route else TravelOptions()
        limiter = self._routes if found.is_along_route else self._lookups
        query = await to_thread.run_sync(
            run_in, request.trace, locate_query, self._services, found, travel, limiter=limiter
        )
        return query, await self._pages.run(opened.snapshot, request.trace, write, query)


def _address(request: EntityRequest) -> EntitySetAddress:
    path = request.path
    staged = parameters.read_staging(request.parameters)
    return EntitySetAddress(path.access_id, path.data_source_name, path.entity_type_name, staged)


def _at_once(query: EntityQuery, url: str, form: Format) -> bytes | None:
    """Return the reply where it takes so little time that others may wait for it: whole entities are ready as JSON."""
    if form is not Format.JSON or query.bound.names is not None:
        return None
    page = query.run_at_once()
    return None if page is None else entities_json.encode_page(page, url)


def _page(opened: OpenVersion, url: str, form: Format, query: EntityQuery) -> bytes:
    page = query.run()
    if form is Format.JSON:
        return entities_json.encode_page(page, url)
    return entities_atom.encode_page(page, url, opened.version)


def _entity(opened: OpenVersion, entity_id: str, url: str, form: Format) -> bytes:
    page = find_entity(opened, entity_id)
    if form is Format.JSON:
        return entities_json.encode_entity(page, url)
    return entities_atom.encode_entity(page, url, opened.version)


def _tag(request: EntityRequest, opened: OpenVersion, program: bytes) -> bytes:
    """Return the entity tag: a function of the version, the request, and the program that writes the reply."""
    return entity_tag(
        program,
        opened.version.job_id.encode(),
        request.base_url.encode(),
        b"gzip" if request.gzip else b"",
        request.raw_path,
        request.query_string,
    )


def _content_tag(body: bytes, warnings: Headers, *, gzip: bool) -> bytes:
    """Return the entity tag of a reply that only itself can tell apart from others."""
    return entity_tag(b"gzip" if gzip else b"", *(value for _, value in warnings), body)


@lru_cache(maxsize=1024)
def _entity_set_url(base_url: str, access_id: str, name: str, entity_type_name: str) -> str:
    return Links(base_url).entity_set(access_id, name, entity_type_name)
