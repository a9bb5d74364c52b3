"""http-api.md sections 4.1 and 4.5: how a bug (500) and a part that does not answer (503) look from outside.

The installation of these tests is broken on purpose: a row of its catalog says what no program has written, the files
of a version are taken away, and a table is missing for a while.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.deployments import catalog_url, only_in_a_folder
from tests.protocol.api import DOWNLOAD, JOB_LIST, LOAD, PUBLIC_LIST, Api, Source, pipe
from tests.protocol.conftest import change_catalog
from tests.protocol.envelopes import WS, error_details, json_envelope, odata_error, xml_envelope
from tests.servers import create_account, start_server

PLACES = pipe("EntityID(Edm.String,primaryKey)", "1|1|2")
takes_files_away = only_in_a_folder("the files of a version are taken away, and nodes may have copies of theirs")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with start_server(tmp_path_factory.mktemp("broken") / "data") as server:
        yield Api(server, create_account(server.data_dir, "unlucky")["master"])


@pytest.fixture(scope="module")
def misread(api: Api) -> Source:
    """A data source whose load and whose version cannot be read out of the catalog."""
    source = api.source("Misread", PLACES)
    change_catalog(api.server.data_dir, """UPDATE jobs SET "order" = '{}' WHERE id = :id""", id=source.job["id"])
    change_catalog(
        api.server.data_dir, "UPDATE versions SET entity_type = '{}' WHERE job_id = :id", id=source.job["id"]
    )
    return source


@pytest.fixture(scope="module")
def downloaded(api: Api) -> tuple[Source, str]:
    """A data source whose snapshot is gone, and a finished download of it."""
    existing = set((api.server.data_dir / "snapshots").iterdir())
    source = api.source("Lost", PLACES)
    job = api.followed(api.get(DOWNLOAD + source.path.removeprefix("/data")))
    (snapshot,) = set((api.server.data_dir / "snapshots").iterdir()) - existing
    snapshot.rename(snapshot.parent.parent / "elsewhere")
    return source, job["id"]


@contextmanager
def without_keys(data_dir: Path) -> Iterator[None]:
    """Take the table of the keys away."""
    change = create_engine(catalog_url(data_dir), poolclass=NullPool).begin
    with change() as catalog:
        catalog.execute(text("ALTER TABLE keys RENAME TO lost_keys"))
    try:
        yield
    finally:
        with change() as catalog:
            catalog.execute(text("ALTER TABLE lost_keys RENAME TO keys"))


@pytest.mark.parametrize("output", ["json", "xml"])
def test_c19_a_bug_is_a_500_in_the_envelope_that_tells_nothing_but_its_trace_id(misread: Source, output: str) -> None:
    reply = misread.api.get(f"{LOAD}/{misread.job['id']}?output={output}")
    assert reply.status_code == 500
    assert ("xml" in reply.headers["content-type"]) == (output == "xml")
    (message,) = error_details(reply)
    assert message == f"Something went wrong here; it was logged as {reply.headers['x-request-id']}."
    assert reply.headers["x-request-id"] in misread.api.server.log.read_text()


@pytest.mark.parametrize("format_", ["json", "atom"])
@pytest.mark.parametrize("tail", ["", "/Place", "/Place('1')", "/$metadata"])
def test_a_bug_is_a_500_with_an_odata_error_at_urls_that_format_rules(misread: Source, tail: str, format_: str) -> None:
    reply = misread.api.get(f"{misread.path}{tail}?$format={format_}")
    code, message = odata_error(reply)
    assert (reply.status_code, code) == (500, "InternalError")
    assert ("json" in reply.headers["content-type"]) == (format_ == "json")
    assert message == f"Something went wrong here; it was logged as {reply.headers['x-request-id']}."


@takes_files_away
@pytest.mark.parametrize("format_", ["json", "atom"])
def test_a_query_whose_files_do_not_answer_is_503(downloaded: tuple[Source, str], format_: str) -> None:
    source, _ = downloaded
    for reply in (source.get(f"$format={format_}"), source.by_id("1", f"$format={format_}")):
        assert (reply.status_code, odata_error(reply)[0]) == (503, "Unavailable")
        assert int(reply.headers["retry-after"]) > 0


@takes_files_away
@pytest.mark.parametrize("output", ["json", "xml"])
def test_c19_an_output_whose_files_do_not_answer_is_503(downloaded: tuple[Source, str], output: str) -> None:
    source, job_id = downloaded
    url = f"{DOWNLOAD}/{job_id}/output/succeeded"
    reply = source.api.get(f"{url}?dataFormat=csv&output={output}")
    assert (reply.status_code, bool(error_details(reply))) == (503, True)
    assert source.api.get(url).status_code == 200


def test_a_catalog_that_does_not_answer_is_503_in_the_form_of_each_url(api: Api) -> None:
    source = api.source("Fine", PLACES)
    with without_keys(api.server.data_dir):
        for reply in (api.get(JOB_LIST), api.get(f"{LOAD}/{source.job['id']}"), source.delete()):
            assert (reply.status_code, json_envelope(reply)["authenticationResultCode"]) == (503, "None")
            assert error_details(reply)
        xml = api.post_load("Fine", PLACES, "o=xml")
        assert (xml.status_code, xml_envelope(xml).findtext(f"{WS}AuthenticationResultCode")) == (503, "None")
        for reply in (api.get("/data"), api.get(f"{PUBLIC_LIST}?$format=json"), source.get("$top=1")):
            assert (reply.status_code, odata_error(reply)[0]) == (503, "Unavailable")
        assert api.server.client.get("/healthz").status_code == 200
    assert source.ids() == ["1"]
