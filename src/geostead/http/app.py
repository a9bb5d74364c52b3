"""The HTTP application: every URL on one screen (http-api.md, sections 3 and 4.5)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from types import MappingProxyType

from anyio import CapacityLimiter
from starlette.responses import Response
from starlette.routing import Match, Mount, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from geostead.http import branding, changes, data, dataflows, describe, docs_page, health
from geostead.http.base_urls import BaseUrls
from geostead.http.call import Call, Handler
from geostead.http.entity_paths import read_path
from geostead.http.entity_queries import EntityQueries
from geostead.http.insiders import Insiders
from geostead.http.metrics import Metrics
from geostead.http.middleware.compression import Compression
from geostead.http.middleware.last_on_connection import last_on_connection
from geostead.http.middleware.tidy_paths import TidyPaths
from geostead.http.middleware.trace_ids import TraceIds
from geostead.http.options import HttpOptions
from geostead.http.replies import described_fault, management_fault, plain_fault
from geostead.http.resource import Desk, Nothing, Resource
from geostead.operations.check_readiness import check_readiness
from geostead.operations.services import Services
from geostead.wire.branding import LOGO_PATH


def create_app(
    services: Services,
    options: HttpOptions,
    is_draining: Callable[[], bool] = lambda: False,
    mounted: Mapping[str, ASGIApp] = MappingProxyType({}),
) -> ASGIApp:
    """Build the ASGI application. It closes the catalog when the server stops.

    ``is_draining`` tells whether that is about to happen; it is asked at every request. ``mounted`` are applications
    of their own by the path that they are below, as ``/console``.
    """
    base_urls = BaseUrls(options)
    queries = EntityQueries(services, options, base_urls)
    management = _management(Desk(services, options, base_urls), is_draining, mounted)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if is_draining():
            send = last_on_connection(scope, send)
        path = read_path(scope["raw_path"]) if scope["type"] == "http" else None
        if path is not None:
            await queries.answer(path, scope, receive, send)
        else:
            await management(scope, receive, send)

    return app


def _management(desk: Desk, is_draining: Callable[[], bool], mounted: Mapping[str, ASGIApp]) -> ASGIApp:
    """Build everything but entity queries."""

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        yield
        desk.services.uses.close()
        desk.services.close()
        desk.services.meters.close()
        desk.services.tracing.close()

    mounts = [_Mounted(path, app) for path, app in mounted.items()]
    router = Router([*mounts, *_resources(desk, is_draining)], lifespan=lifespan, redirect_slashes=False)
    return TraceIds(Compression(TidyPaths(router)), desk.services.new_id)


def _resources(desk: Desk, is_draining: Callable[[], bool] = lambda: False) -> list[Resource]:
    uploads = CapacityLimiter(desk.options.concurrent_uploads)
    readiness = health.Readiness(partial(check_readiness, desk.services), desk.services.now, is_draining)
    insiders = Insiders(desk.options)

    def unready(call: Call, error: Exception) -> Response:
        return plain_fault(call, error, to_operator=insiders.include(call))

    def managed(path: str, methods: Mapping[str, Handler], threads: CapacityLimiter | None = None) -> Resource:
        return Resource(f"/REST/v1{path}", desk, management_fault, methods, threads)

    def described(path: str, methods: Mapping[str, Handler]) -> Resource:
        return Resource(f"/REST/v1{path}", desk, described_fault, methods)

    return [
        managed("/Dataflows/LoadDataSource", {"POST": dataflows.post_load}, uploads),
        managed("/Dataflows/LoadDataSource/{job_id}", {**_reads(dataflows.get_load), "DELETE": dataflows.cancel_load}),
        managed("/Dataflows/LoadDataSource/{job_id}/output/failed", _reads(dataflows.get_load_log)),
        managed("/Dataflows/ListJobs", _reads(dataflows.get_jobs)),
        managed(
            "/Dataflows/DataSourceRollback/{job_id}",
            {**_reads(dataflows.get_rollback), "DELETE": dataflows.cancel_rollback},
        ),
        managed("/Dataflows/DataSourceRollback/{job_id}/{name}", {"GET": dataflows.get_new_rollback}),
        managed("/Dataflows/DataSourceRollback/{job_id}/output/failed", _reads(dataflows.get_rollback_log)),
        managed(
            "/Dataflows/DataSourceDownload/{job_id_or_name}",
            {**_reads(dataflows.get_download_status), "DELETE": dataflows.cancel_download},
        ),
        managed("/Dataflows/DataSourceDownload/{access_id}/{name}", {"GET": dataflows.get_new_download}),
        managed("/data/DataSourceDownload/{access_id}/{name}", {"GET": dataflows.get_new_download}),
        managed("/Dataflows/DataSourceDownload/{job_id}/output/succeeded", _reads(dataflows.get_output)),
        managed("/Dataflows/DataSourceDownload/{job_id}/output/failed", _reads(dataflows.get_download_log)),
        managed("/data/jobs/{job_id}/$getstatus", _reads(changes.get_status)),
        managed("/data/jobs/{job_id}", {"DELETE": changes.cancel}),
        Nothing("/REST/v1/data/jobs", desk, management_fault),
        managed("/data/{access_id}/{name}/$commit", {"GET": changes.get_commit}),
        managed("/data/{access_id}/{name}/$updateDataSource", {"GET": changes.get_update}),
        described("/data", _reads(data.get_data_sources)),
        described("/data/$metadata", _reads(data.get_all_metadata)),
        described("/data/$GetPublicDataSourceList", _reads(data.get_public_data_sources)),
        described("/data/{access_id}/{name}", {**_reads(data.get_data_source), "DELETE": changes.delete}),
        described("/data/{access_id}/{name}/$metadata", _reads(data.get_metadata)),
        # Entity queries, /REST/v1/data/{access_id}/{name}/{Type} and …/{Type}('{id}'), are answered before this list.
        Nothing("/REST", desk, management_fault),
        Resource(LOGO_PATH, desk, plain_fault, _reads(branding.get_logo)),
        Resource("/healthz", desk, plain_fault, _reads(health.get_health), on_loop=True),
        Resource("/readyz", desk, unready, _reads(lambda _call: readiness.tell()), on_loop=True),
        Resource("/metrics", desk, plain_fault, _reads(Metrics(desk.services, insiders).tell), CapacityLimiter(1)),
        Resource("/openapi.json", desk, plain_fault, _reads(describe.get_description)),
        Resource("/", desk, plain_fault, _reads(docs_page.get_root)),
        Resource("/docs", desk, plain_fault, _reads(docs_page.get_page)),
        Resource("/docs/{file}", desk, plain_fault, _reads(docs_page.get_file)),
        Nothing("", desk, plain_fault),
    ]


class _Mounted(Mount):
    """An application at a path and below it; no path has a slash at its end here."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether a request is for the application."""
        return super().matches({**scope, "path": f"{scope['path']}/"} if scope.get("path") == self.path else scope)


def _reads(handler: Handler) -> Mapping[str, Handler]:
    """Serve ``HEAD`` too: this ``GET`` changes nothing. One that acts is left out, so a link checker does no harm."""
    return {"GET": handler, "HEAD": handler}
