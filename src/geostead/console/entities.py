"""The explorer: entities of one version as a page, as a table, by id, and as tiles of a map.

All URLs are below ``/accounts/{account}/data-sources/{name}`` and take these parameters of the query:

``version``
    ``published`` (default where there is one), ``staged``, or the job id of any version.
``filter``, ``spatial``
    ``$filter`` and ``spatialFilter`` of the query language; empty or absent for none.

============================  =========================================================================================
``entities``                  The page. The template ``entities.html`` gets ``source`` (DataSource), ``versions``
                              (DataSourceVersions), ``version`` (Version), ``which`` (the parameter as it is to be sent
                              on), ``label`` (the property that names entities on the map).
``entities/rows``             ``order`` (``Name desc``), ``skip``, ``top`` (25; at most 250) →
                              ``{"version", "count", "skip", "top", "columns": [{"name", "type", "isKey",
                              "isOrderable"}], "remarks": ["how the spatial filter was understood"], "rows": [{"id",
                              "latitude", "longitude", "values": ["text of each column"]}]}``. latitude and longitude
                              are numbers or null.
``entities/one``              ``id`` → ``{"id", "latitude", "longitude", "values": {"Name": "text"}, "geography":
                              GeoJSON geometry or null}``.
``entities/extent``           → ``{"bounds": [west, south, east, north] or null, "located": 17, "count": 20}``;
                              ``west > east`` crosses the antimeridian.
``entities/help``             → ``{"properties": [{"name", "type", "operators": ["eq", …], "example"}], "operators":
                              [{"text", "meaning"}], "functions": [{"text", "meaning"}], "spatial": [{"text",
                              "meaning"}], "examples": ["…"]}``.
``entities/values``           ``property``, ``prefix`` → ``{"values": ["first distinct values"]}``, at most 20.
``tiles/{z}/{x}/{y}.mvt``     Mapbox vector tile, to be shown 512 px wide, z 0 to 22. Layer ``entities``: points;
                              a single one has ``id``, ``key`` ("=" and the id: for MapLibre) and ``label``, a cluster
                              ``count`` (2 or more) and its ``bounds`` ("west,south,east,north" as text). Every entity
                              with coordinates is in exactly one tile of each z. Layer ``shapes``: geographies that are
                              lines or areas, simplified, with ``id`` and ``key``; an entity with one is counted among
                              the points as well. ETag; 204 for an empty tile.
============================  =========================================================================================

Errors are JSON with their status: ``{"message", "parameter", "found", "expected", "position"}``; all but ``message``
may be null; ``parameter`` is ``filter``, ``spatial``, ``order``, … and ``position`` the 1-based character in it.
"""

from __future__ import annotations

import hashlib

from starlette.responses import Response

from geostead.console.entity_json import columns_json, entity_json, table_json
from geostead.console.filter_help import describe_filters
from geostead.console.json_replies import Json, JsonHandler
from geostead.console.visit import Visit, whole_number
from geostead.errors import InvalidParameter, NotFound
from geostead.geo.tiles import Tile
from geostead.model.entity_type import EdmType
from geostead.operations.browse_entities import (
    Browsed,
    bind_browsed,
    find_browsed,
    find_extent,
    offer_values,
    open_browsed,
    open_entities,
)
from geostead.operations.draw_tile import draw_tile, label_name
from geostead.query.options import QueryText
from geostead.wire.map_tile import MEDIA_TYPE, encode_tile

_FOR_GOOD = "private, max-age=86400, immutable"
_ASK_AGAIN = "private, no-cache"


def show(visit: Visit) -> Response:
    """Show the page."""
    versions, version = find_browsed(visit.services, visit.account, visit.path["name"], _which(visit))
    return visit.page(
        "entities.html",
        source=versions.data_source,
        versions=versions,
        version=version,
        which=_which(visit),
        label=label_name(version.entity_type),
    )


@JsonHandler
def rows(visit: Visit) -> Json:
    """Return a page of the table."""
    browsed = _open(visit)
    query = bind_browsed(visit.services, browsed, _query_text(visit))
    page, entity_type = query.run(), browsed.version.entity_type
    return {
        "version": browsed.version.job_id,
        "count": page.total_count,
        "skip": query.bound.skip,
        "top": query.bound.top,
        "columns": columns_json(entity_type),
        "remarks": query.remarks,
        "rows": table_json(entity_type, page.rows),
    }


@JsonHandler
def one(visit: Visit) -> Json:
    """Return one entity."""
    browsed, entity_id = _open(visit), visit.query.get("id", "")
    page = browsed.snapshot.find(entity_id)
    if page is None:
        raise NotFound(f"There is no entity {entity_id[:50]}.")
    return entity_json(browsed.version.entity_type, page.rows)


@JsonHandler
def extent(visit: Visit) -> Json:
    """Return where the entities are that a filter lets through."""
    browsed = _open(visit)
    found = find_extent(browsed, bind_browsed(visit.services, browsed, _filters(visit)).bound)
    return {"bounds": found.bounds, "located": found.located_count, "count": found.entity_count}


@JsonHandler
def explain(visit: Visit) -> Json:
    """Return what filters can be made of, with examples about this data source."""
    return describe_filters(_open(visit), visit)


@JsonHandler
def values(visit: Visit) -> Json:
    """Return some values of a property."""
    browsed, name = _open(visit), visit.query.get("property", "")
    declared = browsed.version.entity_type.find(name)
    if declared is None:
        raise InvalidParameter("property", name, "the name of a property")
    if declared.type is not EdmType.STRING:
        return {"values": []}
    return {"values": offer_values(browsed, declared, visit.query.get("prefix", ""))}


@JsonHandler
def tile(visit: Visit) -> Json | Response:
    """Return a tile of the map."""
    wanted = _tile(visit)
    versions, version = find_browsed(visit.services, visit.account, visit.path["name"], _which(visit))
    text = _filters(visit)
    tag = _tag(version.snapshot_id, wanted, text)
    is_fixed = _which(visit).lower() == version.job_id
    headers = {"ETag": tag, "Cache-Control": _FOR_GOOD if is_fixed else _ASK_AGAIN}
    if visit.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    browsed = Browsed(visit.account, versions, version, open_entities(visit.services, version))
    drawn = draw_tile(browsed, bind_browsed(visit.services, browsed, text).bound, wanted)
    if drawn.is_empty:
        return Response(status_code=204, headers=headers)
    return Response(encode_tile(drawn), media_type=MEDIA_TYPE, headers=headers)


def _which(visit: Visit) -> str:
    return visit.query.get("version", "")


def _open(visit: Visit) -> Browsed:
    return open_browsed(visit.services, visit.account, visit.path["name"], _which(visit))


def _filters(visit: Visit) -> QueryText:
    return QueryText(filter=_typed(visit, "filter"), spatial_filter=_typed(visit, "spatial"))


def _query_text(visit: Visit) -> QueryText:
    return _filters(visit)._replace(
        orderby=_typed(visit, "order"),
        skip=_typed(visit, "skip"),
        top=_typed(visit, "top"),
        inlinecount="allpages",
    )


def _typed(visit: Visit, name: str) -> str | None:
    text = visit.query.get(name, "")
    return text if text.strip() else None


def _tile(visit: Visit) -> Tile:
    numbers = [visit.path[name] for name in "zxy"]
    zoom, column, row = (whole_number(number, 8) for number in numbers)
    if zoom is not None and column is not None and row is not None:
        wanted = Tile(zoom, column, row)
        if wanted.exists:
            return wanted
    raise NotFound(f"There is no tile {'/'.join(numbers)[:50]}.")


def _tag(snapshot_id: str, wanted: Tile, text: QueryText) -> str:
    asked = repr((_DRAWN_SINCE, snapshot_id, wanted, text))
    return f'"{hashlib.blake2b(asked.encode(errors="backslashreplace"), digest_size=12).hexdigest()}"'


_DRAWN_SINCE = 1
"""Counts up when tiles are drawn in another way: browsers keep them."""
