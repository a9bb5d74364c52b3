"""Hostile GeoJSON."""

from __future__ import annotations

import json
from random import Random

from tests.hostile.packing import MEGABYTE, Files, cut, gzip_bomb, gzips_of, zips_of

_TEN_MEGABYTES = 10 * MEGABYTE
_POINT = '{"type": "Point", "coordinates": [1, 2]}'


def _feature(properties: str = "{}", geometry: str = _POINT, more: str = "") -> str:
    return f'{{"type": "Feature", {more} "geometry": {geometry}, "properties": {properties}}}'


_FEATURES = ", ".join(
    _feature(
        json.dumps({"Name": f"Hütte {n}", "Size": n, "Open": True}), f'{{"type": "Point", "coordinates": [{n}, 2]}}'
    )
    for n in range(30)
)


def _collection(features: str, more: str = "") -> bytes:
    return f'{{"type": "FeatureCollection", {more} "features": [{features}]}}'.encode()


GOOD = _collection(_FEATURES)
_OPEN = GOOD.removesuffix(b"]}") + b", "


def _with(feature: str) -> bytes:
    return _collection(f"{_FEATURES}, {feature}")


def groups() -> list[Files]:
    """Return what makes each file."""
    own = (_texts(), _structures(), _features(), _geometries(), _declarations())
    return [*own, gzips_of(GOOD), zips_of("huts.geojson", GOOD), _bombs()]


def _texts() -> Files:
    text = GOOD.decode()
    return {
        "UTF-16": lambda: text.encode("utf-16"),
        "NULs": lambda: GOOD.replace(b"tte 5", b"\0"),
        "Latin-1": lambda: text.encode("latin-1"),
        "cut within a feature": lambda: cut(GOOD, 0.5),
        "surrogates as escapes": lambda: GOOD.replace(b"tte 5", b"\\ud800 \\udc00\\ud800"),
        "nothing": lambda: b"",
        "a byte order mark and nothing else": lambda: b"\xef\xbb\xbf",
        "UTF-16 without byte order mark": lambda: text.encode("utf-16-be"),
        "overlong UTF-8": lambda: GOOD.replace(b"tte 5", b"\xc0\xa2"),
        "surrogates in UTF-8": lambda: GOOD.replace(b"tte 5", b"\xed\xa0\x80"),
        "NULs as escapes": lambda: GOOD.replace(b"tte 5", b"\\u0000"),
        "NULs around": lambda: bytes(MEGABYTE) + GOOD + bytes(MEGABYTE),
        "bytes at random": lambda: Random(11).randbytes(MEGABYTE),
        "bytes at random inside": lambda: _OPEN + Random(12).randbytes(MEGABYTE),
        "cut in the first member": lambda: GOOD[:9],
        "cut before the last byte": lambda: GOOD[:-1],
    }


def _structures() -> Files:
    return {
        "objects 100,000 deep": lambda: b'{"a":' * 100_000,
        "features that are arrays 100,000 deep": lambda: _collection("[" * 100_000 + "]" * 100_000),
        "a string that is never closed": lambda: _OPEN + b'"' + b"{" * _TEN_MEGABYTES,
        "a member of 30 MB before the features": lambda: _collection(_FEATURES, f'"a": "{"x" * 3 * _TEN_MEGABYTES}",'),
        "no JSON": lambda: b"EntityID,Name\n1,a\n",
        "a number": lambda: b"1",
        "an array": lambda: b"[" + _FEATURES.encode() + b"]",
        "arrays 100,000 deep": lambda: b"[" * 100_000,
        "features that are a string": lambda: b'{"type": "FeatureCollection", "features": "[]"}',
        "features twice": lambda: GOOD[:-1] + b', "features": [' + _FEATURES.encode() + b"]}",
        "features in features": lambda: _collection(_collection(_FEATURES).decode()),
        "something behind the end": lambda: GOOD + b"]}]}",
        "two collections": lambda: GOOD + b"\n" + GOOD,
        "comments": lambda: GOOD.replace(b"[", b"[/* a */", 1),
        "commas only": lambda: _collection("," * MEGABYTE),
        "brackets only": lambda: _collection("{}" * MEGABYTE),
        "closing brackets only": lambda: b"{" + b"}" * MEGABYTE,
        "backslashes of 10 MB": lambda: _with(_feature('{"Name": "' + "\\" * _TEN_MEGABYTES + '"}')),
        "no features": lambda: _collection(""),
        "a member of 30 MB behind the features": lambda: GOOD[:-1] + b', "a": "' + b"x" * 3 * _TEN_MEGABYTES + b'"}',
        "a coordinate system": lambda: _collection(_FEATURES, '"crs": {"type": "name", "properties": {"name": 1}},'),
    }


def _features() -> Files:
    many = json.dumps({f"P{n}": n for n in range(100_000)})
    names = json.dumps({"__proto__": 1, "": 2, "../../etc/passwd": 3, "x" * 100: 4, "latitude": "x", "a\0b": 5})
    return {
        "a string of 10 MB": lambda: _with(_feature(f'{{"Name": "{"x" * _TEN_MEGABYTES}"}}')),
        "100,000 properties": lambda: _with(_feature(many)),
        "numbers that are none": lambda: _with(_feature('{"Size": NaN, "Name": -Infinity}')),
        "names that mean something elsewhere": lambda: _with(_feature(names)),
        "a string of 20 MB": lambda: _with(_feature(f'{{"Name": "{"x" * 2 * _TEN_MEGABYTES}"}}')),
        "a number of 10 MB": lambda: _with(_feature(f'{{"Size": {"1" * _TEN_MEGABYTES}}}')),
        "a name of 10 MB": lambda: _with(_feature(f'{{"{"x" * _TEN_MEGABYTES}": 1}}')),
        "an id of 10 MB": lambda: _with(_feature(more=f'"id": "{"x" * _TEN_MEGABYTES}",')),
        "an id that is an object": lambda: _with(_feature(more='"id": {"a": [1]},')),
        "a new property for each feature": lambda: _collection(
            ", ".join(_feature(f'{{"P{n}": 1}}') for n in range(10_000))
        ),
        "a property that is 90 deep": lambda: _with(_feature('{"Size": ' + "[" * 90 + "]" * 90 + "}")),
        "one name twice": lambda: _with(_feature('{"Name": "a", "Name": 2, "name": [], "NAME": {}}')),
        "properties that are none": lambda: _with(_feature("[1, 2]")),
        "numbers without end": lambda: _with(
            _feature('{"Size": 1e999, "Name": -1e-999, "Open": 99999999999999999999}')
        ),
        "values of every type": lambda: _with(_feature('{"Size": "a", "Name": {"a": []}, "Open": "maybe"}')),
        "features that are none": lambda: _with('{"type": "Point"}, {}, {"type": []}, {"features": []}'),
    }


def _geometries() -> Files:
    collection = '{"type": "GeometryCollection", "geometries": ['
    star = [[n * 7919 % 1000 / 10, n * 104729 % 997 / 20] for n in range(3000)]

    def of(name: str, coordinates: object) -> bytes:
        return _with(_feature(geometry=json.dumps({"type": name, "coordinates": coordinates})))

    return {
        "a place of a million numbers": lambda: of("Point", list(range(MEGABYTE))),
        "collections 40 deep": lambda: _with(_feature(geometry=collection * 40 + "]}" * 40)),
        "coordinates of another depth": lambda: of("Polygon", [0, [1], [[2]], [[[3, 3]]]]),
        "a line of too many points": lambda: of("LineString", [[n / 1000, n % 2] for n in range(100_001)]),
        "a polygon that crosses itself everywhere": lambda: of("Polygon", [[*star, star[0]]]),
        "a polygon that is not closed": lambda: of("Polygon", [[[0, 0], [1, 1], [1, 0]]]),
        "coordinates that are texts": lambda: of("Point", ["1", "2"]),
        "coordinates that are an object": lambda: of("Point", {"0": 1, "1": 2}),
        "coordinates that are nothing": lambda: of("LineString", [None, []]),
        "coordinates 90 deep": lambda: _with(
            _feature(geometry=f'{{"type": "Point", "coordinates": {"[" * 90}{"]" * 90}}}')
        ),
        "places off the world": lambda: of("LineString", [[1e300, 1], [-1e300, 1e300]]),
        "numbers too large for a place": lambda: of("Point", [10**400, 1]),
        "collections that are no list": lambda: _with(
            _feature(geometry='{"type": "GeometryCollection", "geometries": {"type": "GeometryCollection"}}')
        ),
        "a geometry that is a text": lambda: _with(_feature(geometry='"POINT (1 1)"')),
        "a type that is a list": lambda: _with(_feature(geometry='{"type": ["Point"], "coordinates": [1, 2]}')),
    }


def _declarations() -> Files:
    def declared(member: object) -> bytes:
        return _collection(_FEATURES, f'"geostead": {json.dumps(member)},')

    many = [{"name": f"P{n}", "type": "Edm.String"} for n in range(10_000)]
    return {
        "a declaration of 10,000 properties": lambda: declared({"name": "Huts", "key": "P0", "properties": many}),
        "a declaration of names that lead elsewhere": lambda: declared(
            {"name": "../../Huts", "key": "..", "properties": [{"name": "..", "type": "Edm.String"}]}
        ),
        "a declaration that is a text": lambda: declared("a"),
        "a declaration of itself": lambda: declared({"name": {"name": []}, "key": 1, "properties": {}}),
        "a declaration of another type": lambda: declared(
            {"name": "Huts", "key": "Size", "properties": [{"name": "Size", "type": "Edm.Geography"}]}
        ),
    }


def _bombs() -> Files:
    return {
        "gzip bomb of one string": lambda: gzip_bomb(_OPEN + b'"', b"x"),
        "gzip bomb of brackets": lambda: gzip_bomb(b"", b"["),
        "gzip bomb of blanks": lambda: gzip_bomb(_OPEN, b" "),
        "gzip bomb of features": lambda: gzip_bomb(_OPEN, f"{_feature()}, ".encode()),
        "gzip bomb of empty objects": lambda: gzip_bomb(_OPEN, b"{},"),
        "gzip bomb of small objects": lambda: gzip_bomb(b"", b"{}"),
        "gzip bomb of backslashes": lambda: gzip_bomb(_OPEN + b'"', b"\\"),
        "gzip bomb of nulls": lambda: gzip_bomb(_OPEN, b"null,"),
        "gzip bomb of lines": lambda: gzip_bomb(b"", f"{_feature()}\n".encode()),
    }
