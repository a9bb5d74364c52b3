"""Geostead as the benchmark asks it, and the ceiling."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree as ET

import orjson

from bench.compare.questions import Box, Circle, Question, Ring
from bench.compare.system import Found, Material, System, read_entities
from bench.places import ENTITY_TYPE
from bench.servers import data_source_path, geostead, load, wait_until_completed

_ATOM = "{http://www.w3.org/2005/Atom}"
_PROPERTIES = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}properties"
_DATA = "{http://schemas.microsoft.com/ado/2007/08/dataservices}"


def data_dir_of(material: Material) -> Path:
    """Return the data folder of the installation that is compared."""
    return material.folder / "geostead"


@contextmanager
def start_geostead(material: Material, workers: int) -> Iterator[System]:
    """Run a real ``geostead serve`` with a load of the places behind it."""
    data_dir = data_dir_of(material)
    shutil.rmtree(data_dir, ignore_errors=True)
    with geostead(data_dir, workers=workers) as running:
        base = data_source_path(wait_until_completed(running, load(running, "Places", material.upload)))
        url, key = f"{base}/{ENTITY_TYPE}", running.key
        yield System(
            "geostead",
            running.origin,
            lambda question: f"{url}{_options(question)}&key={key}",
            _read,
            process_id=running.process_id,
        )
    shutil.rmtree(data_dir)


def _options(question: Question) -> str:
    """Return what follows the entity type, up to the key, as clients spell it."""
    form = "atom" if question.atom else "json"
    if question.id is not None:
        return f"('{question.id}')?$format={form}"
    options = [f"?$format={form}", f"$top={question.top}"]
    if question.where is not None:
        options.append(f"spatialFilter={_spatial(question.where)}")
    if condition := _filter(question):
        options.append(f"$filter={quote(condition)}")
    if question.by_name:
        options.append("$orderby=Name")
    if question.skip:
        options.append(f"$skip={question.skip}")
    if question.count:
        options.append("$inlinecount=allpages")
    return "&".join(options)


def _spatial(where: Circle | Box | Ring) -> str:
    match where:
        case Circle(latitude, longitude, km):
            return f"nearby({latitude:.5f},{longitude:.5f},{km:g})"
        case Box(south, west, north, east):
            return f"bbox({south:.5f},{west:.5f},{north:.5f},{east:.5f})"
        case Ring():
            return f"intersects('{where.wkt()}')".replace(" ", "+")


def _filter(question: Question) -> str:
    if question.operator is not None:
        return f"Operator eq '{question.operator}'"
    if question.category is not None:
        return f"Category eq '{question.category}'"
    return f"startswith(Name,'{question.prefix}')" if question.prefix is not None else ""


def _read(body: bytes) -> Found:
    if body.startswith(b"<"):
        return _read_atom(body)
    document = orjson.loads(body)["d"]
    if "results" not in document:
        return read_entities([document])
    count = document.get("__count")
    return read_entities(document["results"], None if count is None else int(count))


def _read_atom(body: bytes) -> Found:
    found = []
    for entry in ET.fromstring(body).iter(f"{_ATOM}entry"):
        properties = entry.find(f".//{_PROPERTIES}")
        assert properties is not None
        entity_id, latitude, longitude = (
            properties.findtext(f"{_DATA}{name}", "") for name in ("EntityID", "Latitude", "Longitude")
        )
        found.append((entity_id, float(latitude), float(longitude)))
    return Found(found)
