"""Queries: all pages of them, one after the other, when they are needed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypedDict

from geostead.client.connection import Connection
from geostead.client.documents import json_members, remarks_of
from geostead.client.entities import Entity, Types, read_entity, read_types
from geostead.client.frames import to_geodataframe

if TYPE_CHECKING:
    import geopandas

SURE_PAGE = 250
"""How many entities every server lets come at once."""


class QueryOptions(TypedDict, total=False):
    """What a query may say; the words are those of the query language. None is the same as to leave it out."""

    filter: str | None
    """``$filter``, such as ``"Seats gt 20 and startswith(Name,'Har')"``."""
    spatial_filter: str | None
    """``spatialFilter``, such as ``"nearby(53.55,9.99,5)"``."""
    select: str | Sequence[str] | None
    """``$select``: names of properties, with ``*`` and ``__Distance``. Without it, all properties."""
    order_by: str | Sequence[str] | None
    """``$orderby``: up to three properties, each with ``asc`` or ``desc``."""
    top: int | None
    """How many entities at most, however many pages that takes; 0 for none. Without it, all."""
    staged: bool
    """Whether the staged version is queried, and not the published one."""
    page_size: int
    """How many entities come in one reply: 250, or more where the server allows it."""
    more: Mapping[str, str]
    """Further parameters by their own names, such as ``travelMode``."""


class Entities:
    """The entities that a query finds. Each iteration asks anew, page by page, for as long as one goes on.

    Pages of one version are stable: together they are the whole, without repeats. Where another version is published
    during an iteration, the pages after that are of the new one.
    """

    def __init__(self, connection: Connection, path: str, options: QueryOptions) -> None:
        """Ask for nothing yet. Raises ValueError if ``top`` is less than 0, or ``page_size`` less than 1."""
        for name, number, least in (("top", options.get("top"), 0), ("page_size", options.get("page_size"), 1)):
            if number is not None and number < least:
                raise ValueError(f"{name}: found {number}; expected {least} or more.")
        self._connection = connection
        self._path = path
        self._options = options
        self._parameters = _parameters(options)
        self.remarks: tuple[str, ...] = ()
        """What the server remarked on the last page that came, such as what it took an address for."""

    def __iter__(self) -> Iterator[Entity]:
        for page in self.pages():
            yield from page

    def pages(self) -> Iterator[list[Entity]]:
        """Return the entities page by page; no page is empty. Raises NoReply, Refused, UnexpectedReply."""
        top = self._options.get("top")
        left = sys.maxsize if top is None else top
        size, skip = self._options.get("page_size", SURE_PAGE), 0
        while left > 0:
            asked = min(size, left)
            page = self._page(skip, asked)
            if page:
                yield page
            if len(page) < min(asked, SURE_PAGE):  # a page of that size or more may be as much as the server gives
                return
            skip, left = skip + len(page), left - len(page)

    def count(self) -> int:
        """Ask how many entities match, whatever ``top`` says."""
        reply = self._connection.read(self._path, self._parameters | {"$top": "1", "$inlinecount": "allpages"})
        return int(json_members(reply)["__count"])

    def to_geojson(self) -> dict[str, Any]:
        """Return all of them as a GeoJSON FeatureCollection.

        The geometry is the geography where there is one, else the point of Latitude and Longitude, else null. Dates
        are ISO 8601.
        """
        return {"type": "FeatureCollection", "features": [entity.__geo_interface__ for entity in self]}

    def to_geodataframe(self) -> geopandas.GeoDataFrame:
        """Return all of them as a GeoDataFrame in WGS 84, with entity ids as index. Raises NotInstalled.

        Columns have the types of the properties, also where nothing matches.
        """
        return to_geodataframe(list(self), self.types)

    @cached_property
    def types(self) -> Types:
        """The types of the properties; none for a version that has no entity."""
        staged = {name: value for name, value in self._parameters.items() if name == "isStaging"}
        return read_types(self._connection.read(self._path, {**staged, "$format": "atom", "$top": "1"}).content)

    def _page(self, skip: int, size: int) -> list[Entity]:
        reply = self._connection.read(self._path, self._parameters | {"$skip": str(skip), "$pageSize": str(size)})
        self.remarks = tuple(remarks_of(reply))
        return [read_entity(members, self.types) for members in json_members(reply)["results"]]


def _parameters(options: QueryOptions) -> dict[str, str]:
    said = {
        "$filter": options.get("filter"),
        "spatialFilter": options.get("spatial_filter"),
        "$select": _listed(options.get("select")),
        "$orderby": _listed(options.get("order_by")),
        "isStaging": "1" if options.get("staged") else None,
    }
    given = {name: value for name, value in said.items() if value}
    return {**options.get("more", {}), **given, "$format": "json"}


def _listed(names: str | Sequence[str] | None) -> str | None:
    return names if names is None or isinstance(names, str) else ",".join(names)
