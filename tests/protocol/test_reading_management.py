"""http-api.md section 1: how requests to the management side are read; section 3, which URLs follow which format."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import httpx
import pytest
from lxml import etree

from tests.protocol.api import DOWNLOAD, JOB_LIST, LOAD, PUBLIC_LIST, ROLLBACK, ROOT, Api, Source, pipe, raw
from tests.protocol.envelopes import WS, error_details, json_envelope, odata_error, xml_envelope
from tests.servers import resource

PLACES = pipe("EntityID(Edm.String,primaryKey)", "1|1|2")
STAGED = "loadOperation=completeStaging"

READS = {
    "load": f"{LOAD}/{{load}}",
    "publish": "/data/jobs/{publish}/$getstatus",
    "rollback": f"{ROLLBACK}/{{rollback}}",
    "download": f"{DOWNLOAD}/{{download}}",
    "newest download": f"{DOWNLOAD}/{{name}}",
    "output": f"{DOWNLOAD}/{{download}}/output/succeeded",
    "error log": f"{LOAD}/{{failed}}/output/failed",
    "job list": JOB_LIST,
    "list": "/data",
    "info": "{path}",
    "metadata": "{path}/$metadata",
    "all metadata": "/data/$metadata",
    "public list": PUBLIC_LIST,
}
ACTS = {
    "publish": "{path}/$commit",
    "update": "{path}/$updateDataSource?setPublic=0",
    "rollback": f"{ROLLBACK}/{{load}}/{{name}}",
    "download": f"{DOWNLOAD}/{{access_id}}/{{name}}",
    "download under data": "/data/DataSourceDownload/{access_id}/{name}",
}


@pytest.fixture(scope="module")
def source(api: Api) -> Source:
    return api.source("ReadInAnyCase", PLACES)


@pytest.fixture(scope="module")
def names(api: Api, source: Source) -> dict[str, str]:
    """What stands in the URLs above."""
    source.load(PLACES, STAGED)
    publish = source.changed("/$commit")["id"]
    rollback = api.followed(source.roll_back(source.job["id"]))["id"]
    download = resource(api.get(DOWNLOAD + source.path.removeprefix("/data")))["id"]
    api.server.finished(str(api.key), download, "DataSourceDownload")
    jobs = {"load": source.job["id"], "publish": publish, "rollback": rollback, "download": download}
    names = {"name": source.path.split("/")[3], "access_id": source.access_id, "path": source.path}
    return names | jobs | {"failed": source.load(b"nonsense")["id"]}


SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "lower case": str.lower,
    "upper case": str.upper,
    "repeated slashes": lambda text: text.replace("/", "///"),
    "percent-encoded": lambda text: text.replace("$", "%24").replace("a", "%61"),
}


def status_of(source: Source, url: str, spelling: str, method: str = "GET") -> int:
    """Ask for a URL whose path, and names of parameters, are spelled in another way."""
    path, _, query = url.partition("?")
    name, _, value = query.partition("=")
    spell = SPELLINGS[spelling]
    target = f"{spell(ROOT + path)}?{spell('key')}={source.api.key}&{spell(name)}={value}"
    return raw(source.api.server, method, target).status


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("what", READS)
def test_what_reads_is_found_however_its_url_is_spelled(
    source: Source, names: dict[str, str], what: str, spelling: str
) -> None:
    assert status_of(source, READS[what].format(**names), spelling) == 200


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("what", ACTS)
def test_what_acts_is_found_however_its_url_is_spelled_and_still_not_with_head(
    source: Source, names: dict[str, str], what: str, spelling: str
) -> None:
    if what == "publish":
        source.load(PLACES, STAGED)
    url = ACTS[what].format(**names | {"load": source.versions()[0]["JobId"]})
    assert status_of(source, url, spelling, "HEAD") == 405
    assert status_of(source, url, spelling) == (202 if what == "publish" else 201)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_delete_is_understood_however_its_url_is_spelled(
    api: Api, new_name: Callable[[], str], spelling: str
) -> None:
    source = api.source(new_name(), PLACES)
    assert status_of(source, source.path, spelling, "DELETE") == 202


@pytest.mark.parametrize("what", READS)
def test_parameters_that_are_empty_bare_or_unknown_are_ignored_everywhere(
    api: Api, names: dict[str, str], what: str
) -> None:
    url = READS[what].format(**names)
    noise = "output=&o&$format=&jsonp&dataFormat=&showAllVersions=&clientApi=x&_=1&callback=cb&format=json&$*=1"
    plain, noisy = api.get(url), api.get(f"{url}?{noise}")
    assert (noisy.status_code, noisy.headers["content-type"]) == (200, plain.headers["content-type"])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("setPublic=1&setPublic=0", "public"),
        ("setPublic=0&setPublic=1", "private"),
        ("setPublic=&setPublic=1", "public"),
        ("SETPUBLIC=True&unknown=0", "public"),
    ],
)
def test_of_a_repeated_parameter_the_first_that_says_something_counts(source: Source, query: str, status: str) -> None:
    job = resource(source.api.get(f"{source.path}/$updateDataSource?{query}"))
    assert job["description"].endswith(f"set {status}")


@pytest.mark.parametrize("output", ["json", "JSON", "xml", "Xml"])
@pytest.mark.parametrize("name", ["output", "OUTPUT", "o", "O"])
@pytest.mark.parametrize("what", ["load", "publish", "rollback", "download", "job list"])
def test_output_or_o_chooses_the_form_of_every_management_reply(
    api: Api, names: dict[str, str], what: str, name: str, output: str
) -> None:
    reply = api.get(f"{READS[what].format(**names)}?{name}={output}", headers={"Accept": "image/png"})
    assert reply.status_code == 200
    assert (xml_envelope if output.lower() == "xml" else json_envelope)(reply) is not None


@pytest.mark.parametrize("what", ["load", "publish", "rollback", "download", "job list"])
def test_an_unknown_output_is_400_in_json(api: Api, names: dict[str, str], what: str) -> None:
    reply = api.get(f"{READS[what].format(**names)}?output=yaml")
    assert (reply.status_code, json_envelope(reply)["statusCode"]) == (400, 400)
    assert "output" in error_details(reply)[0]


@pytest.mark.parametrize("what", ["list", "info", "public list"])
def test_an_unknown_format_is_400_and_output_does_not_count_where_format_does(
    api: Api, names: dict[str, str], what: str
) -> None:
    url = READS[what].format(**names)
    assert odata_error(api.get(f"{url}?$format=yaml"))[0] == "InvalidParameter"
    assert api.get(f"{url}?output=json").headers["content-type"].startswith("application/atomsvc+xml")
    assert api.get(f"{url}?$format=json&output=xml").headers["content-type"].startswith("application/json")


@pytest.mark.parametrize("what", ["load", "publish", "rollback", "job list"])
def test_format_does_not_count_where_output_does(api: Api, names: dict[str, str], what: str) -> None:
    assert json_envelope(api.get(f"{READS[what].format(**names)}?$format=atom"))


@pytest.mark.parametrize("what", ["job list", "list", "metadata", "output", "public list"])
def test_replies_are_compressed_only_when_asked(api: Api, names: dict[str, str], what: str) -> None:
    def asked(coding: str) -> httpx.Response:
        return api.get(READS[what].format(**names), headers={"Accept-Encoding": coding})

    plain, packed = asked("identity"), asked("gzip")
    assert "content-encoding" not in plain.headers
    if len(plain.content) > 2000:
        assert packed.headers["content-encoding"] == "gzip"
    assert etree.fromstring(packed.content) is not None if packed.content.startswith(b"<") else packed.json()


@pytest.mark.parametrize("url", ["/data", "/Dataflows/ListJobs"])
def test_nothing_is_served_outside_of_rest_v1(api: Api, url: str) -> None:
    for root in ("", "/REST", "/REST/v2", "/v1"):
        reply = api.server.client.get(f"{root}{url}", params={"key": str(api.key)})
        assert reply.status_code == 404
        assert not root.startswith("/REST") or error_details(reply)


def test_the_brand_logo_is_where_every_management_reply_says(api: Api) -> None:
    url = json_envelope(api.get(JOB_LIST))["brandLogoUri"]
    assert xml_envelope(api.get(f"{JOB_LIST}?o=xml")).findtext(f"{WS}BrandLogoUri") == url
    reply = api.server.client.get(url)
    assert (reply.status_code, reply.headers["content-type"], reply.content[:4]) == (200, "image/png", b"\x89PNG")
