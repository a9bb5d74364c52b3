"""tipg on PostGIS (OGC API Features)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from bench.compare.environments import environment
from bench.compare.questions import Box, Circle, Question, Ring
from bench.compare.system import Material, System, read_features
from bench.servers import free_port, running

_COLLECTIONS = "/collections/bench."


@contextmanager
def start_tipg(material: Material, workers: int) -> Iterator[System]:
    """Run tipg as its image does, with uvicorn, and with a connection to the database for each client."""
    port = free_port()
    variables = {
        "DATABASE_URL": material.postgres_url,
        "DB_MIN_CONN_SIZE": "8",
        "TIPG_DB_SCHEMAS": json.dumps(["bench"]),
    }
    command = [str(environment("tipg", material.tools) / "uvicorn"), "tipg.main:app", "--no-access-log"]
    options = ["--port", str(port), "--workers", str(workers), "--log-level", "warning"]
    with running([*command, *options], port, "/healthz", variables):
        yield System("tipg", f"http://127.0.0.1:{port}", _path, read_features)


def _path(question: Question) -> str | None:
    if question.atom:
        return None
    if question.id is not None:
        return f"{_COLLECTIONS}places/items/{question.id}?f=geojson"
    collection, parameters = _where(question)
    parameters |= {"f": "geojson", "limit": str(question.top)}
    if question.operator is not None:
        parameters |= {"filter": f"\"Operator\" = '{question.operator}'", "filter-lang": "cql2-text"}
    if question.prefix is not None:
        parameters |= {"filter": f"\"Name\" LIKE '{question.prefix}%'", "filter-lang": "cql2-text"}
    if question.by_name:
        parameters["sortby"] = "Name,EntityID"
    if question.skip:
        parameters["offset"] = str(question.skip)
    return f"{_COLLECTIONS}{collection}/items?{urlencode(parameters)}"


def _where(question: Question) -> tuple[str, dict[str, str]]:
    """Return the collection to ask and the parameters that say where."""
    match question.where:
        case Circle(latitude, longitude, km):
            given = {"latitude": f"{latitude:.5f}", "longitude": f"{longitude:.5f}", "km": f"{km:g}"}
            parameters = {**given, "sortby": "distance,EntityID"}
            if question.category is None:
                return "nearby", parameters
            return "nearby_of_category", {**parameters, "category": question.category}
        case Box(south, west, north, east):
            return "places", {"bbox": f"{west:.5f},{south:.5f},{east:.5f},{north:.5f}"}
        case Ring() as ring:
            return "places", {"filter": f"S_INTERSECTS(geom,{ring.wkt()})", "filter-lang": "cql2-text"}
    return "places", {}
