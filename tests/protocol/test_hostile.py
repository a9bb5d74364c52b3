"""issue 2: bad input never gives a 500 and never leaves a half-made version."""

from __future__ import annotations

import gzip
import random
from typing import Any

import pytest

from tests.protocol.api import LOAD, ROOT, Api, Source, raw
from tests.protocol.cafes import CAFES_UPLOAD
from tests.protocol.envelopes import is_an_error_envelope
from tests.protocol.test_load import AS_XML, PLACES, zipped
from tests.servers import resource

HOSTILE_QUERIES = [
    "$filter=" + "%28" * 5000,
    "$filter=" + "not%20" * 3000,
    "$filter=" + "Name%20eq%20" * 500,
    "$filter=Name%20eq%20'" + "x" * 20000 + "'",
    "$filter=Name%20eq%20'%00'",
    "$filter=Name%20eq%20'%ED%A0%80'",
    "$filter=Name%20eq%20'%F0%9F%98'",
    "$filter=Name%20in%20(" + ",".join(["'x'"] * 3000) + ")",
    "$filter=Seats%20eq%20" + "9" * 400,
    "$filter=Rating%20eq%201e400000",
    "$filter=Since%20eq%20datetime'99999-99-99T99:99:99Z'",
    "$filter=Since%20eq%20datetime'0001-01-01T00:00:00%2B14:00'",
    "$filter=Seats%20gt%20-9223372036854775809",
    "$filter=Seats%20lt%2018446744073709551616.5",
    "$filter=%F0%9D%9F%99%20eq%20%D9%A1",
    "$top=99999999999999999999999",
    "$top=%D9%A1",
    "$top=1_0",
    "$skip=%20%201",
    "$skip=" + "9" * 5000,
    "$select=" + "a," * 3000,
    "$select=%2C%2C%2C",
    "$orderby=%2C",
    "$orderby=" + "Name," * 2000,
    "spatialFilter=nearby(1e999,0,5)",
    "spatialFilter=nearby(nan,nan,nan)",
    "spatialFilter=nearby(" + "0," * 5000 + "0)",
    "spatialFilter=bbox(-inf,-inf,inf,inf)",
    "spatialFilter=bbox(%EF%BC%91,1,2,3)",
    "spatialFilter=intersects('POLYGON((" + "0%200," * 3000 + "0%200))')",
    "spatialFilter=nearby('" + "x" * 10000 + "',5)",
    "jsonp=" + "a" * 10000,
    "jsonp=a&jsonso=" + "%22" * 5000,
    "$format=json%00",
    "%00=%00&%FF%FE=%FF",
    "&".join(f"p{number}=1" for number in range(3000)),
    "====&&&&====",
    "$inlinecount=%0d%0aX-Evil:1",
    "isStaging=%F0%9F%98%80",
    "$filter=Name%20eq%20'%250d%250aSet-Cookie:x'",
]


@pytest.mark.parametrize("query", HOSTILE_QUERIES, ids=range(len(HOSTILE_QUERIES)))
def test_a_hostile_query_is_answered_or_refused_in_the_envelope(cafes: Source, query: str) -> None:
    reply = raw(cafes.api.server, "GET", f"{ROOT}{cafes.entities_path}?key={cafes.api.key}&$format=json&{query}")
    assert reply.status in (200, 400, 404, 414, 431), reply.text[:300]
    assert "x-evil" not in {name.lower() for name, _ in reply.getheaders()}


HOSTILE_PATHS = [
    "/data/../../../../etc/passwd",
    "/data/%2e%2e/%2e%2e/etc/passwd",
    "/data/%00/%00/%00",
    "/data/{access_id}/Cafes/Cafe('",
    "/data/{access_id}/Cafes/Cafe('A1'",
    "/data/{access_id}/Cafes/Cafe(A1)",
    "/data/{access_id}/Cafes/Cafe('A1')('A1')",
    "/data/{access_id}/Cafes/Cafe('A'1')",
    "/data/{access_id}/Cafes/Cafe()",
    "/data/{access_id}/Cafes/Cafe('%FF%FE')",
    "/data/{access_id}/Cafes/('A1')",
    "/data/{access_id}/Cafes/%24metadata/x",
    "/data/{access_id}/Cafes/" + "x" * 5000,
    "/data/" + "a/" * 1000,
    "/data/{access_id}/Caf%C3%A9s/Cafe",
    "/Dataflows/LoadDataSource/..%2f..%2f..%2fetc%2fpasswd",
    "/Dataflows/LoadDataSource/%00",
    "/Dataflows/DataSourceDownload/..%2f..%2fcatalog.sqlite3/output/succeeded",
    "/Dataflows/DataSourceDownload/{access_id}/%F0%9F%98%80",
    "/Dataflows/Download%0d%0aX-Evil:%201/x/output/failed",
    "/%ff%ff%ff",
]


@pytest.mark.parametrize("path", HOSTILE_PATHS, ids=range(len(HOSTILE_PATHS)))
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD"])
def test_a_hostile_path_is_refused(cafes: Source, path: str, method: str) -> None:
    target = f"{ROOT}{path.replace('{access_id}', cafes.access_id)}?key={cafes.api.key}"
    reply = raw(cafes.api.server, method, target)
    assert reply.status in (400, 401, 404, 405, 414, 431), reply.text[:300]
    assert "root:" not in reply.text


def test_mutated_queries_are_answered_or_refused_in_the_envelope(cafes: Source) -> None:
    chance = random.Random(20)
    seeds = [
        "$filter=City eq 'Bern' and (Seats gt 5 or startswith(Name,'A')) and not Open eq true&$format=json",
        "spatialFilter=nearby(47.5,8.25,100)&$select=*,__Distance&$orderby=Name desc,City&$top=10&$format=json",
        "$filter=Since ge datetime'2015-10-29T21:25:09Z' or Code in ('5800',5801,null)&$inlinecount=allpages",
        "spatialFilter=bbox(46,7,48,9)&$skip=1&$top=0&jsonp=cb&jsonso=x&$format=json",
    ]
    for round_ in range(120):
        query = _mutated(chance, seeds[round_ % len(seeds)].encode())
        target = "".join(
            f"%{byte:02X}" if not chr(byte).isalnum() and byte not in b"$=&(),'" else chr(byte) for byte in query
        )
        reply = cafes.api.server.client.get(f"{ROOT}{cafes.entities_path}?{target}&key={cafes.api.key}")
        assert reply.status_code in (200, 400, 404), (query, reply.text)
        if reply.status_code != 200 and not reply.text.startswith("cb("):
            assert "javascript" in reply.headers["content-type"] or is_an_error_envelope(reply)


def test_every_hostile_request_left_the_server_whole(cafes: Source) -> None:
    assert len(cafes.results()) == 10
    log = cafes.api.server.log.read_text()
    assert "Traceback" not in log, log[log.index("Traceback") - 300 :][:3000]


def _mutated(chance: random.Random, content: bytes) -> bytes:
    """Change a few bytes, cut, double or move pieces."""
    mutable = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(mutable))
        match chance.randrange(5):
            case 0:
                mutable[at] = chance.randrange(256)
            case 1:
                del mutable[at : at + chance.randint(1, 20)]
            case 2:
                mutable[at:at] = mutable[at : at + chance.randint(1, 30)]
            case 3:
                mutable[at:at] = bytes(chance.choices(b"'\"()|,<>&\\\r\n\x00\xff 0", k=chance.randint(1, 4)))
            case _:
                piece = mutable[at : at + 15]
                del mutable[at : at + 15]
                other = chance.randrange(len(mutable) + 1)
                mutable[other:other] = piece
        mutable = mutable or bytearray(b"x")
    return bytes(mutable)


def _good_entities(job: dict[str, Any]) -> int:
    good: int = job["totalEntityCount"] - job["failedEntityCount"]
    return good


def _hostile_uploads() -> list[tuple[str, bytes]]:
    chance = random.Random(30)
    header, _, rest = PLACES.partition(b"\n")
    columns = rest.partition(b"\n")[0]
    head = header + b"\n" + columns + b"\n"
    packed = gzip.compress(PLACES)
    cases = [
        ("pipe", b"\x00"),
        ("pipe", b"\xff\xfe" + PLACES.decode().encode("utf-16-le")),
        ("pipe", bytes(range(256)) * 50),
        ("pipe", head + b'1|"never closed|1|2\n' * 50),
        ("pipe", head + b"1|\xff\xfe\xfa|1|2\n"),
        ("pipe", head + b"\xed\xa0\x80|surrogate|1|2\n"),
        ("pipe", head + b"|" * 100_000),
        ("pipe", head + b"x" * 1_000_000),
        ("pipe", head + b"1|a\x00b|1|2\n"),
        ("pipe", header + b"\n" + b"|".join([columns] * 200)),
        ("pipe", packed[:-9]),
        ("pipe", packed[:20] + b"\x00" * 20 + packed[40:]),
        ("pipe", packed + b"trailing rubbish"),
        ("pipe", gzip.compress(packed)),
        ("pipe", b"\x1f\x8b"),
        ("pipe", b"PK\x03\x04"),
        ("pipe", zipped(places=PLACES)[:-30]),
        ("pipe", zipped(places=PLACES, more=PLACES)),
        ("xml", b"<a>" * 5000),
        ("xml", AS_XML.replace(b"<Name>one", b"<Name><b>one</b>")),
        ("xml", AS_XML.replace(b"Place>", b"Plac\xff>")),
        ("xml", AS_XML.replace(b"</Places>", b"<Other/></Places>")),
        ("xml", b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + AS_XML[39:]),
        ("xml", PLACES),
        ("csv", AS_XML),
        ("tab", PLACES),
    ]
    seeds = [("pipe", CAFES_UPLOAD), ("xml", AS_XML), ("pipe", packed), ("csv", PLACES.replace(b"|", b","))]
    return cases + [(input_, _mutated(chance, content)) for input_, content in seeds * 6]


def test_hostile_uploads_end_aborted_or_completed_and_never_leave_half_a_version(api: Api) -> None:
    uploads = _hostile_uploads()
    first = api.load("HostileUploads", PLACES)
    replies = [api.post_load("HostileUploads", content, f"input={input_}") for input_, content in uploads]
    assert {reply.status_code for reply in replies} == {201}
    done = [api.server.finished(str(api.key), resource(reply)["id"]) for reply in replies]
    assert {job["status"] for job in done} == {"Completed", "Aborted"}
    for upload, job in zip(uploads, done, strict=True):
        assert job["status"] == "Completed" or (job["errorMessage"] and api.error_log(job)), upload
    published = [first, *(job for job in done if job["status"] == "Completed")][-1]
    assert len(api.source_of(published).results("$top=0")) == _good_entities(published)


@pytest.mark.parametrize("number", range(12))
def test_a_hostile_upload_that_aborts_leaves_the_published_version_untouched(api: Api, number: int) -> None:
    input_, content = [case for case in _hostile_uploads() if case[0] == "pipe"][number]
    source = api.source(f"Untouched{number}", PLACES)
    before = source.get("$format=json")
    job = api.load(f"Untouched{number}", content, f"input={input_}")
    after = source.get("$format=json")
    if job["status"] == "Aborted":
        assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])
    else:
        assert len(after.json()["d"]["results"]) == _good_entities(job)


@pytest.mark.parametrize(
    "query",
    [
        "dataSourceName=%00",
        "dataSourceName=" + "x" * 20000,
        "loadOperation=%F0%9F%98%80",
        "input=../../etc/passwd",
        "description=" + "d" * 60000,
        "description=%00%01",
        "queryKey=%00",
        "dataLocation=file:///etc/passwd",
        "dataLocation=http://169.254.169.254/latest/meta-data",
        "accessId=%00",
    ],
)
def test_a_hostile_load_request_is_never_a_500(api: Api, query: str) -> None:
    reply = api.post_load("HostileLoad", PLACES, query)
    assert reply.status_code in (201, 400, 403, 404, 414, 431), reply.text
    assert api.get(f"{LOAD}/{'0' * 32}").status_code == 404
