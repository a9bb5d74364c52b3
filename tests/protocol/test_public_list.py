"""http-api.md sections 3 and 4.3: the list of public data sources."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from tests.protocol.api import PUBLIC_LIST, ROOT, Api, Source, pipe
from tests.protocol.conftest import Keys
from tests.protocol.envelopes import ISO_8601, RFC_1123, odata_error

APP = "{http://www.w3.org/2007/app}"
ATOM = "{http://www.w3.org/2005/Atom}"
BSI = "{http://schemas.microsoft.com/bing/spatial/2010/11/odata}"
PLACES = pipe("EntityID(Edm.String,primaryKey)", "1|1|2")


@pytest.fixture(scope="module")
def public(api: Api) -> Source:
    return api.source("OpenToAll", PLACES, "setPublic=1&description=For everybody")


@pytest.fixture(scope="module")
def foreign(api: Api, keys: Keys) -> Source:
    """A public data source of another account."""
    return api.with_key(keys.stranger).source("OpenToAll", PLACES, "setPublic=1")


def workspaces(api: Api) -> dict[str, Any]:
    """Return the workspaces of the list by what they link to."""
    reply = api.get(PUBLIC_LIST)
    assert (reply.status_code, reply.headers["content-type"].split(";")[0]) == (200, "application/atomsvc+xml")
    root = etree.fromstring(reply.content)
    assert (root.tag, root[0].tag) == (f"{APP}service", f"{BSI}copyright")
    return {workspace.find(f"{APP}collection").get(f"{APP}href"): workspace for workspace in root[1:]}


def members(api: Api) -> dict[str, dict[str, Any]]:
    """Return the members of the list in JSON by access id."""
    reply = api.get(f"{PUBLIC_LIST}?$format=json")
    assert reply.headers["content-type"].startswith("application/json")
    assert list(reply.json()["d"]) == ["Copyright", "DataSources"]
    return {member["AccessId"]: member for member in reply.json()["d"]["DataSources"]}


def test_c16_a_workspace_has_both_dates_a_disclaimer_and_a_url_to_query(public: Source) -> None:
    url = f"{public.api.server.url}{ROOT}{public.entities_path}"
    workspace = workspaces(public.api)[url]
    attributes = {name.removeprefix(BSI): value for name, value in workspace.attrib.items()}
    assert set(attributes) == {"uploaded", "updated", "isPublic"}
    assert attributes["isPublic"] == "true"
    assert ISO_8601.fullmatch(attributes["uploaded"])
    assert attributes["uploaded"] <= attributes["updated"]
    assert workspace.findtext(f"{ATOM}title") == "OpenToAll"
    assert workspace.findtext(f"{ATOM}description") == "For everybody"
    assert workspace.findtext(f"{ATOM}disclaimer")
    assert workspace.findtext(f"{APP}collection/{ATOM}title") == "Place"
    assert workspace.find(f"{ATOM}jobId") is None


def test_the_list_in_json_has_real_booleans_a_disclaimer_and_both_dates(public: Source) -> None:
    member = members(public.api)[public.access_id]
    assert list(member)[:6] == ["Name", "Disclaimer", "IsPublic", "Uploaded", "Updated", "EntitySets"]
    assert (member["Name"], member["IsPublic"], member["EntitySets"]) == ("OpenToAll", True, ["Place"])
    assert RFC_1123.fullmatch(member["Uploaded"])
    assert RFC_1123.fullmatch(member["Updated"])
    assert member["Disclaimer"]
    reply = public.api.server.client.get(f"{member['QueryUrl']}?$format=json&key={public.api.key}")
    assert reply.json()["d"]["results"][0]["EntityID"] == "1"


@pytest.mark.parametrize("whose", ["master", "query", "third", "stranger"])
def test_every_valid_key_gets_the_data_sources_of_all_accounts(
    public: Source, foreign: Source, keys: Keys, whose: str
) -> None:
    found = members(public.api.with_key(getattr(keys, whose)))
    assert {public.access_id, foreign.access_id} <= found.keys()
    assert foreign.with_key(getattr(keys, whose)).ids() == ["1"]


@pytest.mark.parametrize(
    ("whose", "code"),
    [("none", "NoCredentials"), ("revoked", "CredentialsExpired"), ("expired", "CredentialsExpired")],
)
def test_without_a_valid_key_it_is_401_in_the_form_that_format_asks_for(
    api: Api, keys: Keys, whose: str, code: str
) -> None:
    reader = api.with_key(None if whose == "none" else getattr(keys, whose))
    for query in ("", "?$format=json"):
        reply = reader.get(PUBLIC_LIST + query)
        assert (reply.status_code, odata_error(reply)[0]) == (401, code)


def test_what_is_private_staged_only_or_deleted_is_not_listed(api: Api, public: Source, cafes: Source) -> None:
    made_private = api.source("OpenForAWhile", PLACES, "setPublic=1")
    gone = api.source("OpenAndGone", PLACES, "setPublic=1")
    staged = api.source("OpenButStaged", PLACES, "loadOperation=completeStaging")
    staged.changed("/$updateDataSource?setPublic=1")
    assert {made_private.access_id, gone.access_id} <= members(api).keys()
    made_private.changed("/$updateDataSource?setPublic=0")
    gone.delete()
    listed = members(api).keys()
    assert public.access_id in listed
    assert not {made_private.access_id, gone.access_id, staged.access_id, cafes.access_id} & listed


def test_the_words_of_the_path_are_read_in_any_case(public: Source) -> None:
    for path in (PUBLIC_LIST.lower(), PUBLIC_LIST.upper(), PUBLIC_LIST.replace("$", "%24")):
        assert public.api.get(f"{path}?$format=json").status_code == 200
