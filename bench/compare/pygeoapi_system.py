"""pygeoapi on PostGIS (OGC API Features)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench.compare.environments import environment
from bench.compare.questions import Box, Circle, Question, Ring
from bench.compare.system import Material, System, read_features
from bench.servers import free_port, running

_NEARBY = ("nearby-10", "nearby-50", "nearby-400", "nearby-1000", "filter-nearby")
_LONGEST_REQUEST_LINE = "8190"


@contextmanager
def start_pygeoapi(material: Material, workers: int) -> Iterator[System]:
    """Run pygeoapi as its image does, with gunicorn and gevent."""
    port = free_port()
    programs = environment("pygeoapi", material.tools)
    configuration = material.folder / "pygeoapi.yml"
    description = material.folder / "pygeoapi-openapi.yml"
    configuration.write_text(json.dumps(_configuration(material.postgres_url, port)))  # JSON is YAML
    files = {"PYGEOAPI_CONFIG": str(configuration), "PYGEOAPI_OPENAPI": str(description)}
    generate = [programs / "pygeoapi", "openapi", "generate", configuration, "--output-file", description]
    subprocess.run(generate, check=True, stdout=subprocess.DEVNULL)
    command = [str(programs / "gunicorn"), "pygeoapi.flask_app:APP", "--worker-class", "gevent"]
    options = ["--workers", str(workers), "--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    line = ["--limit-request-line", _LONGEST_REQUEST_LINE]
    with running([*command, *options, *line], port, "/conformance?f=json", {**files, "PYTHONWARNINGS": "ignore"}):
        yield System("pygeoapi", f"http://127.0.0.1:{port}", _path, read_features, frozenset(_NEARBY))


def _configuration(postgres_url: str, port: int) -> dict[str, Any]:
    url = f"http://127.0.0.1:{port}"
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": url,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "language": "en-US",
            "limits": {"default_items": 25, "max_items": 250},
            "map": {"url": "https://tiles.example/{z}/{x}/{y}.png", "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": _metadata(url),
        "resources": {
            "places": _collection(postgres_url, url, count=False),
            "counted": _collection(postgres_url, url, count=True),
        },
    }


def _metadata(url: str) -> dict[str, Any]:
    return {
        "identification": {
            "title": "Places",
            "description": "Places",
            "keywords": ["places"],
            "terms_of_service": url,
            "url": url,
        },
        "license": {"name": "none", "url": url},
        "provider": {"name": "bench", "url": url},
        "contact": {"name": "bench", "email": "bench@places.example", "url": url},
    }


def _collection(postgres_url: str, url: str, *, count: bool) -> dict[str, Any]:
    server = urlsplit(postgres_url)
    provider = {
        "type": "feature",
        "name": "PostgreSQL",
        "data": {
            "host": server.hostname,
            "port": server.port,
            "dbname": server.path[1:],
            "user": server.username,
            "password": "none",
            "search_path": ["bench"],
        },
        "options": {"pool_size": 8},
        "table": "places",
        "id_field": "EntityID",
        "geom_field": "geom",
        "count": count,
    }
    return {
        "type": "collection",
        "title": "Places",
        "description": "Places",
        "keywords": ["places"],
        "links": [{"type": "text/html", "rel": "canonical", "href": url}],
        "extents": {"spatial": {"bbox": [-180, -90, 180, 90]}},
        "providers": [provider],
    }


def _path(question: Question) -> str | None:
    if question.atom:
        return None
    if question.id is not None:
        return f"/collections/places/items/{question.id}?f=json"
    parameters = {
        "f": "json",
        "limit": str(question.top),
        "sortby": "Name,EntityID" if question.by_name else "EntityID",
    }
    if question.operator is not None:
        parameters["Operator"] = question.operator
    if question.category is not None:
        parameters["Category"] = question.category
    if question.skip:
        parameters["offset"] = str(question.skip)
    collection = "counted" if question.count else "places"
    return f"/collections/{collection}/items?{urlencode(parameters | _where(question))}"


def _where(question: Question) -> dict[str, str]:
    match question.where:
        case Circle():
            return {"bbox": _bbox(question.where.around())}
        case Box():
            return {"bbox": _bbox(question.where)}
        case Ring():
            return {"filter": f"S_INTERSECTS(geom,{question.where.wkt()})", "filter-lang": "cql2-text"}
    if question.prefix is not None:
        return {"filter": f"Name LIKE '{question.prefix}%'", "filter-lang": "cql2-text"}
    return {}


def _bbox(box: Box) -> str:
    return f"{box.west:.5f},{box.south:.5f},{box.east:.5f},{box.north:.5f}"
