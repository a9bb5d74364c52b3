"""Entity queries through the door (http-api.md, sections 1, 2 and 4.5)."""

from __future__ import annotations

import gzip
import threading
from dataclasses import dataclass, replace

import anyio
import httpx
import pytest
from lxml import etree

from geostead.http.options import HttpOptions
from geostead.model.data_source import DataSource
from geostead.model.entity import EntityPage
from geostead.operations.services import Services
from geostead.query.bound import BoundQuery
from geostead.snapshots.base import Snapshot, SnapshotStore
from tests.http.door import Door, World, cafes


@pytest.fixture
def url(places: DataSource) -> str:
    """The entity set of the data source Places, with the key and ``$format=json``."""
    return f"/REST/v1/data/{places.access_id}/Places/Cafes?key=master&$format=json"


@pytest.fixture
def by_id(places: DataSource) -> str:
    """The URL of one entity, to be completed with its id."""
    return f"/REST/v1/data/{places.access_id}/Places/Cafes('{{}}')?key=master&$format=json"


def ids(reply: httpx.Response) -> list[str]:
    assert reply.status_code == 200, reply.text
    return [entity["EntityID"] for entity in reply.json()["d"]["results"]]


def test_entities_come_in_the_order_and_number_that_was_asked_for(door: Door, url: str) -> None:
    assert ids(door.get(url)) == ["%2F", "1", "2", "it's a/b"]
    assert ids(door.get(url + "&spatialFilter=nearby(47.02,8,2)")) == ["it's a/b", "2"]
    assert ids(door.get(url + "&$filter=Seats+Gt%2010&$orderby=Seats desc&$top=1")) == ["it's a/b"]
    counted = door.get(url + "&$inlinecount=allpages&$skip=3&$top=1").json()["d"]
    assert (counted["__count"], len(counted["results"])) == ("4", 1)


def test_c7_no_match_is_an_empty_array(door: Door, url: str) -> None:
    assert door.get(url + "&$filter=Seats eq 1000").json()["d"]["results"] == []
    assert door.get(url + "&$skip=1000000").json()["d"]["results"] == []


def test_the_form_is_atom_unless_json_is_asked_for(door: Door, url: str) -> None:
    json = door.get(url, headers={"Accept": "application/atom+xml"})
    assert json.headers["Content-Type"] == "application/json; charset=utf-8"
    atom = door.get(url.replace("&$format=json", ""), headers={"Accept": "application/json"})
    assert atom.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert len(etree.fromstring(atom.content).findall("{*}entry")) == 4


@pytest.mark.parametrize(
    ("written", "entity_id"),
    [("1", "1"), ("it''s%20a%2Fb", "it's a/b"), ("it%27%27s a/b", "it's a/b"), ("%252F", "%2F")],
)
def test_c9_by_id_d_is_the_entity(door: Door, by_id: str, written: str, entity_id: str) -> None:
    found = door.get(by_id.format(written)).json()["d"]
    assert found["EntityID"] == entity_id
    assert "results" not in found
    atom = door.get(by_id.format(written).replace("&$format=json", ""))
    assert etree.fromstring(atom.content).findtext(".//{*}EntityID") == entity_id


def test_c2_the_uri_of_an_entity_leads_to_it(door: Door, url: str) -> None:
    for entity in door.get(url).json()["d"]["results"]:
        uri = entity["__metadata"]["uri"]
        assert door.get(f"{uri}?key=master&$format=json").json()["d"]["EntityID"] == entity["EntityID"]


def test_an_unknown_id_is_404(door: Door, by_id: str) -> None:
    reply = door.get(by_id.format("nobody"))
    assert reply.status_code == 404
    assert reply.json()["error"]["code"] == "NotFound"


@pytest.mark.parametrize(
    ("path", "status"),
    [("{id}/Places/cafes", 200), ("{ID}/PLACES/CAFES", 200), ("{id}/Places/Bars", 404), ("{id}/Other/Cafes", 404)],
)
def test_names_are_found_in_any_case_and_others_are_404(door: Door, places: DataSource, path: str, status: int) -> None:
    filled = path.format(id=places.access_id, ID=places.access_id.upper())
    assert door.get(f"/REST/v1/data/{filled}?key=master").status_code == status
    assert door.get(f"/REST/v1/data/{filled}?key=wrong").status_code == 401


def test_a_data_source_of_odd_name_is_found(door: Door, world: World) -> None:
    name = "~`!$^_={}-"
    source = world.publish("master", name)
    encoded = "%7E%60%21%24%5E_%3D%7B%7D-"
    for written in (name, encoded):
        path = f"/REST/v1/data/{source.access_id}/{written}/Cafes"
        assert len(ids(door.get(f"{path}?key=master&$format=json"))) == 4


@pytest.mark.parametrize(
    ("key", "query_key", "public", "status"),
    [
        ("master", None, False, 200),
        ("third", None, False, 200),
        ("stranger", None, False, 401),
        ("stranger", None, True, 200),
        ("query", "query", False, 200),
        ("master", "query", False, 200),
        ("third", "query", False, 401),
        ("third", "query", True, 200),
    ],
)
def test_who_may_query_is_as_the_table_says(
    door: Door, world: World, key: str, query_key: str | None, public: bool, status: int
) -> None:
    query_key_id = None if query_key is None else world.key(query_key).id
    source = world.publish("master", set_public=public, query_key_id=query_key_id)
    url = f"/REST/v1/data/{source.access_id}/Places/Cafes?$format=json"
    reply = door.get(f"{url}&key={key}")
    assert reply.status_code == status
    if status == 401:
        assert reply.json()["error"]["code"] == "NotAuthorized"
    assert door.get(f"{url}&isStaging=1&key={key}").status_code == (
        401 if key in ("third", "stranger") and (query_key or key == "stranger") else 404
    )


@pytest.mark.parametrize(
    ("key", "code"), [("", "NoCredentials"), ("%20", "NoCredentials"), ("wrong", "InvalidCredentials")]
)
def test_without_a_good_key_there_is_nothing(door: Door, url: str, key: str, code: str) -> None:
    reply = door.get(url.replace("key=master", f"key={key}"))
    assert reply.status_code == 401
    assert reply.json()["error"]["code"] == code


def test_a_revoked_key_opens_nothing_from_then_on(door: Door, world: World, url: str) -> None:
    third = url.replace("key=master", "key=third")
    assert door.get(third).status_code == 200
    key = world.key("third")
    door.services.catalog.revoke_key(key.account_id, key.name, door.services.now())
    reply = door.get(third)
    assert reply.status_code == 401
    assert reply.json()["error"]["code"] == "CredentialsExpired"


@pytest.mark.parametrize("word", ["isStaging=1", "isStaged=TRUE", "isstaging=true"])
def test_a_staged_version_that_there_is_not_is_404(door: Door, url: str, word: str) -> None:
    reply = door.get(f"{url}&{word}")
    assert reply.status_code == 404
    assert "no staged version" in reply.json()["error"]["message"]["value"]


@pytest.mark.parametrize(
    ("parameter", "code"),
    [
        ("$filter=Seats eq", "InvalidFilter"),
        ("$filter=Nothing eq 1", "InvalidFilter"),
        ("spatialFilter=nearby(47,8)", "InvalidSpatialFilter"),
        ("$top=x", "InvalidParameter"),
        ("$top=-1", "InvalidParameter"),
        ("isStaging=maybe", "InvalidParameter"),
        ("jsonp=a-b", "InvalidParameter"),
    ],
)
def test_a_wrong_query_is_400_and_names_what_is_wrong(door: Door, url: str, parameter: str, code: str) -> None:
    reply = door.get(f"{url}&{parameter}")
    assert reply.status_code == 400
    assert reply.json()["error"]["code"] == code
    assert reply.json()["error"]["message"]["value"].startswith(parameter.split("=")[0])
    atom = door.get(f"{url}&{parameter}".replace("&$format=json", ""))
    if "jsonp" not in parameter:
        assert etree.fromstring(atom.content).findtext("{*}code") == code


def test_an_unknown_format_is_400_in_the_default_form(door: Door, url: str) -> None:
    reply = door.get(url.replace("json", "yaml"))
    assert reply.status_code == 400
    assert etree.fromstring(reply.content).findtext("{*}code") == "InvalidParameter"


def test_c3_jsonp_wraps_replies_and_errors_exactly(door: Door, url: str) -> None:
    plain = door.get(f"{url}&$top=1").text
    for written, status, expected in (
        ("&$top=1&jsonp=a.b[0]", 200, f"a.b[0]({plain})"),
        ("&$top=1&Jsonp=$_&jsonso=x", 200, f'$_({plain},"x")'),
    ):
        reply = door.get(url + written)
        assert (reply.status_code, reply.text) == (status, expected)
        assert reply.headers["Content-Type"].startswith("application/javascript")
    refused = door.get(f"{url}&jsonp=cb&$top=x")
    assert refused.status_code == 400
    assert refused.text.startswith('cb({"error":')
    assert refused.headers["Content-Type"].startswith("application/javascript")
    assert door.get(f"{url}&$top=1&callback=cb").text == plain
    unsafe = door.get(f"{url}&jsonp=alert(1)")
    assert unsafe.headers["Content-Type"] == "application/json; charset=utf-8"
    assert unsafe.text.startswith('{"error":')


def test_unknown_names_of_a_selection_are_named_in_a_warning(door: Door, url: str) -> None:
    reply = door.get(url + '&$select=Name,Gone,b"%0Ax,%C3%A9')
    assert reply.status_code == 200
    assert reply.headers["Warning"].startswith('299 - "')
    assert 'Gone, b??x, e"' in reply.headers["Warning"]
    assert "Warning" not in door.get(url).headers


def test_replies_say_where_they_come_from_and_who_may_read_them(door: Door, url: str) -> None:
    for reply in (door.get(url), door.get(url + "&$top=x"), door.request("POST", url)):
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        assert reply.headers["Access-Control-Expose-Headers"] == "ETag, Warning, X-Request-Id"
        assert len(reply.headers["X-Request-Id"]) == 32
        assert reply.headers["Content-Length"] == str(len(reply.content))


def test_a_preflight_is_answered_without_a_key(door: Door, url: str) -> None:
    headers = {"Origin": "http://a", "Access-Control-Request-Method": "GET"}
    reply = door.request("OPTIONS", url.replace("key=master", ""), headers=headers)
    assert (reply.status_code, reply.content) == (204, b"")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "GET" in reply.headers["Access-Control-Allow-Methods"]
    assert reply.headers["Access-Control-Allow-Headers"] == "*"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_405_in_the_envelope_of_queries(door: Door, url: str, method: str) -> None:
    reply = door.request(method, url, content=b"x" * 100_000)
    assert reply.status_code == 405
    assert reply.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert reply.json()["error"]["code"] == "MethodNotAllowed"


def test_head_answers_like_get_without_a_body(door: Door, url: str) -> None:
    get, head = door.get(url), door.request("HEAD", url)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("Content-Length", "Content-Type", "ETag"):
        assert head.headers[name] == get.headers[name]


def test_a_reply_is_revalidated_until_the_version_changes(door: Door, world: World, url: str) -> None:
    first = door.get(url)
    assert first.headers["Cache-Control"] == "private, no-cache"
    tag = first.headers["ETag"]
    assert tag.startswith('"')
    again = door.get(url, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert "Content-Length" not in again.headers
    assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    world.publish("master")
    changed = door.get(url, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_a_tag_stands_for_one_request_only(door: Door, url: str) -> None:
    tags = {
        door.get(url).headers["ETag"],
        door.get(url + "&$top=1").headers["ETag"],
        door.get(url, headers={"Host": "other"}).headers["ETag"],
        door.get(url, headers={"Accept-Encoding": "gzip"}).headers["ETag"],
    }
    assert len(tags) == 4


def test_a_tag_opens_nothing(door: Door, url: str) -> None:
    tag = door.get(url).headers["ETag"]
    assert door.get(url.replace("key=master", "key=wrong"), headers={"If-None-Match": tag}).status_code == 401
    assert door.get(url.replace("key=master", "key=stranger"), headers={"If-None-Match": "*"}).status_code == 401


@pytest.mark.parametrize(
    ("query", "is_compressed"), [("&$top=1", False), ("&$top=20", True), ("&$top=250&$format=atom", True)]
)
def test_large_replies_are_compressed_on_demand(
    door: Door, world: World, url: str, query: str, is_compressed: bool
) -> None:
    world.publish("master", rows=cafes(300))
    asked = url.replace("&$format=json", "") + query
    plain, plain_bytes = door.raw(asked)
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["Vary"] == "Accept-Encoding"
    packed, packed_bytes = door.raw(asked, {"Accept-Encoding": "br, gzip"})
    assert packed.headers["Content-Length"] == str(len(packed_bytes))
    assert packed.headers.get("Content-Encoding") == ("gzip" if is_compressed else None)
    assert (gzip.decompress(packed_bytes) if is_compressed else packed_bytes) == plain_bytes


class GatedSnapshots:
    """Snapshots whose every search waits until the gate is open; all are expensive. Some are on a server."""

    def __init__(self, store: SnapshotStore) -> None:
        self._store = store
        self.gate, self.searching = threading.Event(), threading.Event()
        self.remote: set[str] = set()

    def open_at_once(self, snapshot_id: str) -> GatedSnapshot:
        snapshot, is_remote = self._store.open(snapshot_id), snapshot_id in self.remote
        return GatedSnapshot(snapshot, self.searching, self.gate, is_remote)


@dataclass
class GatedSnapshot:
    snapshot: Snapshot
    searching: threading.Event
    gate: threading.Event
    is_remote: bool

    def find(self, entity_id: str) -> EntityPage | None:
        return self.snapshot.find(entity_id)

    def search_at_once(self, _query: BoundQuery) -> None:
        return None

    def search(self, query: BoundQuery) -> EntityPage:
        self.searching.set()
        assert self.gate.wait(10)
        return self.snapshot.search(query)


def test_a_slow_query_does_not_hold_up_the_others(services: Services, world: World, url: str) -> None:
    snapshots = GatedSnapshots(services.snapshots)
    app = Door(replace(services, snapshots=snapshots)).app  # type: ignore[arg-type]
    replies: list[int] = []

    async def ask() -> None:
        transport = httpx.ASGITransport(app)
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://places.test") as client,
            anyio.create_task_group() as group,
        ):

            async def query() -> None:
                replies.append((await client.get(url)).status_code)

            group.start_soon(query)
            assert (await client.get("/healthz")).status_code == 200
            assert replies == []
            snapshots.gate.set()

    anyio.run(ask)
    assert replies == [200]


def test_a_server_that_hangs_holds_up_nobody_who_does_not_search_there_and_those_not_for_ever(
    services: Services, world: World
) -> None:
    near, far = world.publish("master", name="Near"), world.publish("master", name="Far")
    snapshots = GatedSnapshots(services.snapshots)
    found = services.catalog.find_data_source(far.access_id, "Far")
    assert found is not None
    assert found.published is not None
    snapshots.remote.add(found.published.snapshot_id)
    options = HttpOptions(concurrent_searches=1, concurrent_remote_searches=1, remote_wait_s=0.1)
    app = Door(replace(services, snapshots=snapshots), options).app  # type: ignore[arg-type]

    def url_of(source: DataSource, entity: str = "") -> str:
        return f"/REST/v1/data/{source.access_id}/{source.name}/Cafes{entity}?key=master"

    async def ask() -> None:
        async with (
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://places.test") as client,
            anyio.create_task_group() as group,
        ):
            group.start_soon(client.get, url_of(far))
            await anyio.to_thread.run_sync(snapshots.searching.wait)
            refused = await client.get(url_of(far))
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
            for entity in (url_of(far, "('1')"), url_of(near, "('1')")):
                assert (await client.get(entity)).status_code == 200
            snapshots.gate.set()
            assert (await client.get(url_of(near))).status_code == 200
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://places.test") as client:
            assert (await client.get(url_of(far))).status_code == 200, "its place was given back"

    anyio.run(ask)
