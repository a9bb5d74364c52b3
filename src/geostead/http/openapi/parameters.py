"""Every parameter that a request may have (http-api.md, sections 1 and 3.1; query-language.md).

Names and enumerated values are written here as documented. The server reads them in any case, and takes an empty one
for absent, which JSON Schema cannot say.
"""

from __future__ import annotations

from typing import Any

from geostead.http.docs_page import FILES
from geostead.http.negotiation import Format, Output
from geostead.http.openapi import examples
from geostead.http.openapi.nodes import Node, one_of_words, ref
from geostead.http.travel import MAX_DISTANCE_M, MAX_HEADING
from geostead.model.data_source import DATA_SOURCE_NAME
from geostead.model.entity_type import DISTANCE, ENTITY_TYPE_NAME
from geostead.model.job import DataFormat, InputFormat, LoadOperation
from geostead.model.limits import DEFAULT_PAGE_SIZE, MAX_ENTITY_ID_LENGTH, MAX_PAGE_SIZE
from geostead.model.travel import Avoidance, Optimization, TravelMode
from geostead.operations.start_load import MAX_DESCRIPTION
from geostead.query.options import MAX_ORDER_TERMS
from geostead.query.spatial import MAX_RADIUS_KM, MIN_RADIUS_KM
from geostead.wire.jsonp import CALLBACK


def _ecma(pattern: str) -> str:
    """Write one of our patterns, which match from the start, as JSON Schema has them."""
    return f"^{pattern.removesuffix(chr(92) + 'Z')}$"


_TEXT: Node = {"type": "string"}
_TRUTH = one_of_words(["1", "true", "0", "false"])
_HEX_ID: Node = {"type": "string", "pattern": "^[0-9A-Fa-f]{32}$"}
_NAME: Node = {"type": "string", "pattern": _ecma(DATA_SOURCE_NAME.pattern)}
_METRES: Node = {"type": "integer", "minimum": 0, "maximum": MAX_DISTANCE_M}


def used(*names: str) -> list[Node]:
    """Refer to parameters by their names as components."""
    return [ref("parameters", name) for name in names]


def parameters(max_page_size: int) -> Node:
    """Return all parameters by the name of their component.

    ``max_page_size`` is how many entities ``$pageSize`` may ask for here.
    """
    return {
        **_of_paths(),
        **_of_forms(),
        **_of_loads(),
        **_of_changes(),
        **_of_queries(),
        **_of_pages(max_page_size),
        **_of_scripts(),
        **_of_routes(),
    }


def _of_paths() -> Node:
    job_id = {**_HEX_ID, "description": "32 hex digits."}
    return {
        "accessId": _in_path("accessId", "The access id of the data source.", _HEX_ID, examples.ACCESS_ID),
        "name": _in_path("name", "The name of the data source.", _NAME, examples.NAME),
        "jobId": _in_path("jobId", "The id of the job.", job_id, examples.JOB_ID),
        "versionId": _in_path("jobId", "The id of the load job that made the version.", job_id, examples.JOB_ID),
        "jobIdOrName": _in_path(
            "jobIdOrName",
            "The id of the job, or the name of a data source: then its newest download.",
            _NAME,
            examples.JOB_ID,
        ),
        "entityType": _in_path(
            "entityType",
            "The entity type of the data source.",
            {"type": "string", "pattern": _ecma(ENTITY_TYPE_NAME.pattern)},
            examples.ENTITY_TYPE,
        ),
        "entityId": _in_path(
            "entityId",
            "The entity id. A quote within it is doubled.",
            {"type": "string", "pattern": f"^([^']|''){{1,{MAX_ENTITY_ID_LENGTH}}}$"},
            examples.ENTITY_ID,
        ),
        "file": _in_path("file", "A file of the page at `/docs`.", one_of_words(FILES), next(iter(FILES))),
    }


def _of_forms() -> Node:
    output, form = one_of_words(Output), one_of_words([Format.ATOM, Format.JSON])
    return {
        "output": _in_query("output", "Form of the reply, and of errors.", {**output, "default": Output.JSON.value}),
        "o": _in_query("o", "The same as `output`, which goes before.", output),
        "errorOutput": _in_query("output", "Form of errors: `xml`; anything else means `json`.", _TEXT),
        "errorO": _in_query("o", "The same as `output`, which goes before.", _TEXT),
        "format": _in_query("$format", "Form of the reply, and of errors.", {**form, "default": Format.ATOM.value}),
        "queryFormat": _in_query(
            "$format", "Form of the reply, and of errors; Atom by default, JSON where `jsonp` is given.", form
        ),
        "metadataFormat": _in_query(
            "$format", "There is only one form, of which both are names.", one_of_words(["xml", "atom"])
        ),
        "dataFormat": _in_query(
            "dataFormat", "Format of the entities.", {**one_of_words(DataFormat), "default": DataFormat.XML.value}
        ),
    }


def _of_loads() -> Node:
    # One page of the original documentation has another spelling for a staging load.
    operations = one_of_words([*LoadOperation, "completeStaged"])
    return {
        "dataSourceName": _in_query(
            "dataSourceName",
            "Which data source; a new name makes a new one. Required, but for an incremental load with an `accessId`.",
            _NAME,
            example=examples.NAME,
        ),
        "loadOperation": _in_query(
            "loadOperation",
            "What the load does with what is there, and whether its version is published or staged. `completeStaged` "
            "is another name of `completeStaging`.",
            operations,
            required=True,
            example=LoadOperation.COMPLETE.value,
        ),
        "input": _in_query(
            "input", "Format of the upload.", one_of_words(InputFormat), required=True, example=InputFormat.PIPE.value
        ),
        "loadAccessId": _in_query(
            "accessId",
            "The access id: in place of the name for an incremental load, else it has to fit the name.",
            _HEX_ID,
        ),
        "dataLocation": _in_query(
            "dataLocation",
            "Where the job fetches the upload, from a host that the operator allows. Then the body has to be empty.",
            {"type": "string", "format": "uri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"},
        ),
        "queryKey": _in_query("queryKey", "Another key of the account, which becomes the query key.", _TEXT),
        "loadSetPublic": _in_query(
            "setPublic",
            "Whether any valid key may query; as it was without it. Not `1` for a staging operation.",
            _TRUTH,
        ),
        "strict": _in_query(
            "strict", "Our own: whether a single bad row aborts the job; as the operator decided without it.", _TRUTH
        ),
        "description": _in_query(
            "description", "Comes back on the status of the job.", {"type": "string", "maxLength": MAX_DESCRIPTION}
        ),
    }


def _of_changes() -> Node:
    return {
        "setPublic": _in_query("setPublic", "Whether any valid key may query.", _TRUTH, required=True, example="1"),
        "downloadJobId": _in_query(
            "jobId", "The id of the load job that made the version; without it the published one.", _HEX_ID
        ),
        "deleteIsStaging": _in_query("isStaging", "Whether only the staged version is deleted.", _TRUTH),
        "isStaging": _in_query("isStaging", "Asks for the staged version; 404 if there is none.", _TRUTH),
        "isStaged": _in_query("isStaged", "The same as `isStaging`, which goes before.", _TRUTH),
        "showAllVersions": _in_query(
            "showAllVersions", "Whether all versions are shown. Every value but `0` and `false` means true.", _TEXT
        ),
    }


def _of_queries() -> Node:
    return {
        "spatialFilter": _in_query(
            "spatialFilter",
            f"Where: `nearby(latitude,longitude,km)`, `nearby('address',km)` with {MIN_RADIUS_KM:g} to "
            f"{MAX_RADIUS_KM:g} km, `bbox(south,west,north,east)`, `nearRoute('start','end')`, `intersects('WKT')`.",
            _TEXT,
            several={
                "nearby": "nearby(53.5503,9.9931,2)",
                "bbox": "bbox(53.5,9.9,53.6,10.1)",
                "nearRoute": "nearRoute('53.55,9.99','53.56,10.01')",
                "intersects": "intersects('POLYGON((9.9 53.5,10.1 53.5,10.1 53.6,9.9 53.5))')",
            },
        ),
        "filter": _in_query(
            "$filter",
            "Which: comparisons (`eq ne gt ge lt le`), `in (…)`, `startswith`, `endswith`, `contains`, `and`, `or`, "
            "`not`. Latitude and Longitude cannot be filtered by.",
            _TEXT,
            several={"number": "Seats ge 40", "text": "startswith(Name,'Sp') and Seats ne null"},
        ),
        "select": _in_query(
            "$select",
            f"What: `*`, names, `{DISTANCE}`, `intersection('WKT')`. Names that do not exist are left out and told in "
            "the header `Warning`.",
            _TEXT,
            several={"all": f"*,{DISTANCE}", "some": "EntityID,Name"},
        ),
        "orderby": _in_query(
            "$orderby",
            f"In which order: up to {MAX_ORDER_TERMS} names, each with `asc` or `desc`; also `{DISTANCE}`.",
            _TEXT,
            several={"descending": "Seats desc,Name"},
        ),
    }


def _of_pages(max_page_size: int) -> Node:
    count: Node = {"type": "integer", "minimum": 0}
    return {
        "top": _in_query(
            "$top",
            f"How many; {DEFAULT_PAGE_SIZE} without it, at most {MAX_PAGE_SIZE}: more is {MAX_PAGE_SIZE}, and so is 0.",
            count,
        ),
        "pageSize": _in_query(
            "$pageSize",
            f"Our own: how many, at most {max_page_size} here. Of `$top` and `$pageSize` the smaller counts.",
            count,
        ),
        "skip": _in_query("$skip", "How many to leave out before them.", {**count, "default": 0}),
        "inlinecount": _in_query("$inlinecount", "Whether to count all matches.", one_of_words(["allpages", "none"])),
    }


def _of_scripts() -> Node:
    return {
        "jsonp": _in_query(
            "jsonp",
            "Wraps a JSON reply in a call of this function.",
            {"type": "string", "pattern": _ecma(CALLBACK.pattern)},
        ),
        "jsonso": _in_query("jsonso", "Second argument of that call.", _TEXT),
    }


def _of_routes() -> Node:
    avoidances = "|".join(Avoidance)
    optimize = one_of_words(Optimization)
    degrees: Node = {"type": "integer", "minimum": 0, "maximum": MAX_HEADING}
    return {
        "travelMode": _in_query(
            "travelMode", "Of `nearRoute`: the means of travel.", {**one_of_words(TravelMode), "default": "driving"}
        ),
        "avoid": _in_query(
            "avoid",
            f"Of `nearRoute`: what to avoid, one or more of {', '.join(f'`{word}`' for word in Avoidance)}, "
            "separated by commas.",
            {"type": "string", "pattern": f"^({avoidances})(,({avoidances}))*$"},
        ),
        "optimize": _in_query("optimize", "Of `nearRoute`: what makes a route the better one.", optimize),
        "optmz": _in_query("optmz", "The same as `optimize`, which goes before.", optimize),
        "distanceBeforeFirstTurn": _in_query(
            "distanceBeforeFirstTurn", "Of `nearRoute`: metres to drive before the first turn.", _METRES
        ),
        "dbft": _in_query("dbft", "The same as `distanceBeforeFirstTurn`, which goes before.", _METRES),
        "heading": _in_query(
            "heading", "Of `nearRoute`: direction at the start, in degrees clockwise from north.", degrees
        ),
        "hd": _in_query("hd", "The same as `heading`, which goes before.", degrees),
    }


def _in_path(name: str, description: str, schema_: Node, example: str) -> Node:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": schema_,
        "example": example,
    }


def _in_query(
    name: str,
    description: str,
    schema_: Node,
    *,
    required: bool = False,
    example: str | None = None,
    several: dict[str, str] | None = None,
) -> Node:
    shown: dict[str, Any] = {} if example is None else {"example": example}
    if several is not None:
        shown = {"examples": {title: {"value": value} for title, value in several.items()}}
    needed = {"required": True} if required else {}
    return {"name": name, "in": "query", "description": description, **needed, "schema": schema_, **shown}
