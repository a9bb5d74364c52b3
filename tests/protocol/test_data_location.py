"""http-api.md section 3.1: ``dataLocation`` with hosts that the operator allows, fetched by the job."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.protocol.api import LOAD, Api, pipe
from tests.protocol.envelopes import error_details
from tests.remote_hosts import file, running_host
from tests.servers import create_account, resource, start_server, start_worker

PLACES = pipe("EntityID(Edm.String,primaryKey)", "1|1|2")
ALLOWED = {"GEOSTEAD_ALLOWED_FETCH_HOSTS": "localhost,127.0.1.0/24"}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An account on a server where nothing is run, and whose operator allows one name and one range of addresses."""
    data_dir = tmp_path_factory.mktemp("located") / "data"
    with start_server(data_dir, "--no-worker", environment=ALLOWED) as server:
        yield Api(server, create_account(data_dir, "located")["master"])


def query(location: str, operation: str = "complete") -> str:
    located = quote(location, safe="")
    return f"{LOAD}?dataSourceName=Located&loadOperation={operation}&input=pipe&dataLocation={located}"


def test_files_of_hosts_allowed_by_name_or_by_range_are_fetched_by_the_job_not_by_the_request(api: Api) -> None:
    with running_host(file(PLACES)) as named, running_host(file(PLACES), address="127.0.1.5") as ranged:
        urls = [named.url(name="localhost"), ranged.url(name="127.0.1.5")]
        replies = [
            api.request("POST", query(url, operation))
            for url, operation in zip(urls, ("complete", "incrementalStaging"), strict=True)
        ]
        assert [reply.status_code for reply in replies] == [201, 201]
        assert [resource(reply)["status"] for reply in replies] == ["Pending", "Pending"]
        assert (named.connection_count, ranged.connection_count) == (0, 0)
        with start_worker(api.server.data_dir, environment=ALLOWED):
            jobs = [api.followed(reply) for reply in replies]
        assert (named.connection_count, ranged.connection_count) == (1, 1)
    assert [(job["status"], job["fetchedByteCount"]) for job in jobs] == [("Completed", len(PLACES))] * 2
    source = api.source_of(jobs[0])
    assert (source.ids(), source.ids("isStaging=1")) == (["1"], ["1"])


@pytest.mark.parametrize("name", ["127.0.2.5", "192.0.2.1", "[::1]", "169.254.169.254"])
@pytest.mark.parametrize("output", ["json", "xml"])
def test_an_address_outside_of_what_is_allowed_is_400_at_once(api: Api, name: str, output: str) -> None:
    reply = api.request("POST", f"{query(f'http://{name}/places.txt?sig=s3cret')}&output={output}")
    assert (reply.status_code, reply.headers["content-type"].split(";")[0]) == (400, f"application/{output}")
    (message,) = error_details(reply)
    assert ("dataLocation" in message, "s3cret" in message) == (True, False)
