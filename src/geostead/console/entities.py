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
                              ``{"version", "count", "skip", "top", "columns": [{"name", "type", "isKey"}], "remarks":
                              [], "rows": [{"id", "latitude", "longitude", "values": ["text of each column"]}]}``.
                              latitude and longitude are numbers or null.
``entities/one``              ``id`` → ``{"id", "latitude", "longitude", "values": {"Name": "text"}, "geography":
                              GeoJSON geometry or null}``.
``entities/extent``           → ``{"bounds": [west, south, east, north] or null, "located": 17, "count": 20}``;
                              ``west > east`` crosses the antimeridian.
``entities/help``             → ``{"properties": [{"name", "type", "operators": ["eq", …], "example"}], "operators":
                              [{"text", "meaning"}], "functions": [{"text", "meaning"}], "spatial": [{"text",
                              "meaning"}], "examples": ["…"]}``.
``entities/values``           ``property``, ``prefix`` → ``{"values": ["first distinct values"]}``, at most 20.
``tiles/{z}/{x}/{y}.mvt``     Mapbox vector tile, to be shown 512 px wide, z 0 to 22. Layer ``entities``: points;
                              a single one has ``id`` and ``label``, a cluster ``count`` (2 or more) and its ``bounds``
                              ("west,south,east,north" as text). Every entity with coordinates is in exactly one tile of
                              each z. Layer ``shapes``: geographies that are lines or areas, simplified, with ``id``;
                              an entity with one is counted among the points as well. ETag; 204 for an empty tile.
============================  =========================================================================================

Errors are JSON with their status: ``{"message", "parameter", "found", "expected", "position"}``; all but ``message``
may be null; ``parameter`` is ``filter``, ``spatial``, ``order``, … and ``position`` the 1-based character in it.
"""
