"""The statements of the comparison: one a kind of work for PostGIS, and one for SQLite with an R*Tree.

Each asks for whole entities in the order that Geostead gives them. Parameters are those of
:meth:`bench.compare.questions.Question.parameters`.
"""

from __future__ import annotations

COLUMNS = {
    **dict.fromkeys(("EntityID", "Name", "Category", "City", "Street", "HouseNumber", "PostalCode", "Phone"), "text"),
    **dict.fromkeys(("Website", "Opening", "Remark", "Operator"), "text"),
    **dict.fromkeys(("Latitude", "Longitude"), "double precision"),
    "Brand": "text",
    **dict.fromkeys(("Number1", "Number2", "Number3", "Number4"), "bigint"),
    **dict.fromkeys(("Ratio1", "Ratio2", "Ratio3"), "double precision"),
    **dict.fromkeys(("Flag1", "Flag2", "Flag3"), "boolean"),
}
"""The properties of the places, with their types in PostgreSQL."""
ALL = ", ".join(f'"{name}"' for name in COLUMNS)
_DECLARED = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())

POSTGIS_TABLE = f"""
CREATE TABLE bench.places (
    {_DECLARED},
    geom geometry(Point, 4326) GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint("Longitude", "Latitude"), 4326)) STORED
);
"""
POSTGIS_INDEXES = """
ALTER TABLE bench.places ADD PRIMARY KEY ("EntityID");
CREATE INDEX ON bench.places USING gist (geom);
CREATE INDEX ON bench.places USING gist ((geom::geography));
CREATE INDEX ON bench.places ("Operator", "EntityID");
CREATE INDEX ON bench.places ("Category", "EntityID");
CREATE INDEX ON bench.places ("Name", "EntityID");
"""
NEARBY_FUNCTIONS = "".join(
    f"""
CREATE FUNCTION bench.{name}(latitude float8, longitude float8, km float8{parameter})
RETURNS TABLE ({_DECLARED}, geom geometry, distance float8) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT * FROM (
        SELECT {ALL}, geom, geom::geography <-> ST_MakePoint($2, $1)::geography AS metres FROM bench.places
        WHERE {condition} ORDER BY geom::geography <-> ST_MakePoint($2, $1)::geography LIMIT 25
    ) nearest WHERE metres <= $3 * 1000
$$;
"""
    for name, parameter, condition in (
        ("nearby", "", "true"),
        ("nearby_of_category", ", category text", '"Category" = $4'),
    )
)
"""What tipg publishes as collections with parameters, because its filters know no distances on the sphere."""

_POINT = "ST_MakePoint(%(longitude)s, %(latitude)s)::geography"
# The operator alone compares boxes of single precision.
_IN_BOX = (
    "geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)"
    ' AND "Latitude" BETWEEN %(south)s AND %(north)s AND "Longitude" BETWEEN %(west)s AND %(east)s'
)
_BY_ID = 'ORDER BY "EntityID" LIMIT %(top)s'


def _nearest_by_index(condition: str) -> str:
    """Give the nearest places in the order of the index, and of those the ones within the circle.

    With ``ST_DWithin`` in the condition, or with the id in the inner order, every place in the circle would be
    measured and sorted.
    """
    return f"""
        SELECT {ALL} FROM (
            SELECT *, geom::geography <-> {_POINT} AS metres FROM bench.places WHERE {condition}
            ORDER BY geom::geography <-> {_POINT} LIMIT %(top)s
        ) nearest WHERE metres <= %(km)s * 1000 ORDER BY metres, "EntityID"
    """


# Only the index is read for what is skipped.
_PAGE = f"""
SELECT {ALL} FROM bench.places WHERE "EntityID" IN
    (SELECT "EntityID" FROM bench.places {_BY_ID} OFFSET %(skip)s) ORDER BY "EntityID"
"""


def _as_array(rows: str) -> str:
    return f"SELECT coalesce(json_agg(row_to_json(t)), '[]')::text FROM ({rows}) t"


POSTGIS = {
    **dict.fromkeys(("nearby-10", "nearby-50", "nearby-400", "nearby-1000"), _as_array(_nearest_by_index("true"))),
    "city-box": _as_array(f"SELECT {ALL} FROM bench.places WHERE {_IN_BOX} {_BY_ID}"),
    "country-box": f"""
        WITH found AS MATERIALIZED (SELECT "EntityID" FROM bench.places WHERE {_IN_BOX})
        SELECT json_build_object('count', (SELECT count(*) FROM found), 'results', (
            SELECT coalesce(json_agg(row_to_json(t)), '[]') FROM (
                SELECT {ALL} FROM bench.places WHERE "EntityID" IN (SELECT "EntityID" FROM found {_BY_ID})
                ORDER BY "EntityID"
            ) t))::text""",
    "by-id": _as_array(f'SELECT {ALL} FROM bench.places WHERE "EntityID" = %(id)s'),
    "equals": _as_array(f'SELECT {ALL} FROM bench.places WHERE "Operator" = %(operator)s {_BY_ID}'),
    # A range, because the plan of a prepared LIKE does not use the index.
    "prefix": _as_array(
        f'SELECT {ALL} FROM bench.places WHERE "Name" >= %(prefix)s AND "Name" < %(prefix)s || chr(1114111) {_BY_ID}'
    ),
    "filter-nearby": _as_array(_nearest_by_index('"Category" = %(category)s')),
    "order": _as_array(f"""
        SELECT {ALL} FROM bench.places WHERE "EntityID" IN (
            SELECT "EntityID" FROM bench.places ORDER BY "Name", "EntityID" LIMIT %(top)s OFFSET %(skip)s
        ) ORDER BY "Name", "EntityID"
    """),
    "deep-skip": _as_array(_PAGE),
    "polygon": _as_array(
        f"SELECT {ALL} FROM bench.places WHERE ST_Intersects(geom, ST_GeomFromText(%(polygon)s, 4326)) {_BY_ID}"
    ),
    "page-json": _as_array(_PAGE),
}

SQLITE_TABLES = f"""
CREATE TABLE places (row INTEGER PRIMARY KEY, {ALL});
CREATE TABLE bodies (row INTEGER PRIMARY KEY, body TEXT);
CREATE VIRTUAL TABLE points USING rtree (row, west, east, south, north, +latitude, +longitude);
"""
"""Rows are numbered in the order of entity ids. The R*Tree keeps single precision, and beside it the exact place."""
_MEMBERS = ", ".join(f"'{name}', {name}" for name in COLUMNS)
SQLITE_FILL = f"""
INSERT INTO bodies SELECT row, json_object({_MEMBERS}) FROM places;
INSERT INTO points SELECT row, Longitude, Longitude, Latitude, Latitude, Latitude, Longitude FROM places;
CREATE UNIQUE INDEX by_id ON places (EntityID);
CREATE INDEX by_operator ON places (Operator);
CREATE INDEX by_category ON places (Category);
CREATE INDEX by_name ON places (Name);
ANALYZE;
"""

# Parameters that come from a URL are text, and text compares otherwise than numbers.
_SOUTH, _WEST, _NORTH, _EAST, _LATITUDE, _LONGITUDE, _KM = (
    f"CAST(:{name} AS REAL)" for name in ("south", "west", "north", "east", "latitude", "longitude", "km")
)
_SQLITE_IN_BOX = f"""
    east >= {_WEST} AND west <= {_EAST} AND north >= {_SOUTH} AND south <= {_NORTH}
    AND latitude BETWEEN {_SOUTH} AND {_NORTH} AND longitude BETWEEN {_WEST} AND {_EAST}
"""
_HEIGHT = f"degrees({_KM} / 6371.0088)"
_WIDTH = f"degrees(asin(sin({_KM} / 6371.0088) / cos(radians({_LATITUDE}))))"
_NEAR_BOX = f"""
    east >= {_LONGITUDE} - {_WIDTH} AND west <= {_LONGITUDE} + {_WIDTH}
    AND north >= {_LATITUDE} - {_HEIGHT} AND south <= {_LATITUDE} + {_HEIGHT}
"""
_DISTANCE = f"""
    2 * 6371.0088 * asin(sqrt(pow(sin(radians(latitude - {_LATITUDE}) / 2), 2)
    + cos(radians({_LATITUDE})) * cos(radians(latitude)) * pow(sin(radians(longitude - {_LONGITUDE}) / 2), 2)))
"""
# A ray to the east crosses the ring an odd number of times: SQLite itself knows no polygons.
_IN_RING = f"""
    SELECT row FROM points WHERE {_SQLITE_IN_BOX} AND 1 = (
        SELECT count(*) FROM edges
        WHERE (y > latitude) <> (y2 > latitude) AND longitude < x + (x2 - x) * (latitude - y) / (y2 - y)
    ) % 2 ORDER BY row LIMIT :top"""


def _nearest(more: str = "") -> str:
    """Give the rows of the nearest places, and their distances."""
    return f"""
        SELECT row, distance FROM (SELECT row, {_DISTANCE} AS distance FROM points WHERE {_NEAR_BOX}) candidates
        WHERE distance <= {_KM}{more} ORDER BY distance, row LIMIT :top"""


def _sqlite_nearby(what: str, source: str, more: str = "") -> str:
    return f"SELECT {what} FROM ({_nearest(more)}) JOIN {source} USING (row) ORDER BY distance, row"


SQLITE_CANDIDATES = f"SELECT row, longitude, latitude FROM points WHERE {_SQLITE_IN_BOX} ORDER BY row"
"""Where the points of a box are, for an application that knows polygons itself."""


def _chosen(what: str, source: str, rows: str) -> str:
    """Give whole entities of rows that a query for their numbers has chosen, in order."""
    return f"SELECT {what} FROM {source} WHERE row IN ({rows}) ORDER BY row"


def sqlite_statements(what: str, source: str) -> dict[str, str]:
    """Return the statements by work: ``what`` to select from the table ``source``, whose key is ``row``."""
    nearby = _sqlite_nearby(what, source)
    page = _chosen(what, source, "SELECT row FROM places ORDER BY row LIMIT :top OFFSET :skip")
    in_category = " AND (SELECT Category FROM places WHERE places.row = candidates.row) = :category"
    return {
        **dict.fromkeys(("nearby-10", "nearby-50", "nearby-400", "nearby-1000"), nearby),
        "city-box": _chosen(what, source, f"SELECT row FROM points WHERE {_SQLITE_IN_BOX} ORDER BY row LIMIT :top"),
        "country-box": f"""
            WITH found AS MATERIALIZED (SELECT row FROM points WHERE {_SQLITE_IN_BOX})
            SELECT {what}, (SELECT count(*) FROM found) AS matches FROM {source}
            WHERE row IN (SELECT row FROM found ORDER BY row LIMIT :top) ORDER BY row""",
        "by-id": _chosen(what, source, "SELECT row FROM places WHERE EntityID = :id"),
        "equals": _chosen(what, source, "SELECT row FROM places WHERE Operator = :operator ORDER BY row LIMIT :top"),
        "prefix": _chosen(
            what,
            source,
            "SELECT row FROM places WHERE Name >= :prefix AND Name < :prefix || char(1114111) ORDER BY row LIMIT :top",
        ),
        "filter-nearby": _sqlite_nearby(what, source, in_category),
        "order": f"""
            SELECT {what} FROM (SELECT row, Name AS rank FROM places ORDER BY Name, row LIMIT :top OFFSET :skip)
            JOIN {source} USING (row) ORDER BY rank, row""",
        "polygon": f"""
            WITH corners AS (SELECT key, value ->> 0 AS x, value ->> 1 AS y FROM json_each(:ring)),
            edges AS MATERIALIZED (SELECT x, y, lead(x) OVER (ORDER BY key) AS x2, lead(y) OVER (ORDER BY key) AS y2
                                   FROM corners)
            {_chosen(what, source, _IN_RING)}""",
        "deep-skip": page,
        "page-json": page,
    }
