"""The description of the API against the server: schemathesis makes requests out of it and looks at the replies.

Which checks are off where, and why, is in CONFIGURATION and in schemathesis_hooks.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from geostead.http.openapi import examples
from tests.deployments import DEPLOYMENT
from tests.protocol.api import DOWNLOAD, Api
from tests.servers import administer, create_account, start_server

CASES = int(os.environ.get("GEOSTEAD_TEST_REQUESTS", "3"))
"""How many requests at most are made up for each operation, beside those that the description itself suggests."""
HOOKS = Path(__file__).with_name("schemathesis_hooks.py")
CONFIGURATION = """\
hooks = "{hooks}"
[auth.openapi.key]
api_key = "{key}"
[generation]
deterministic = true
database = "none"
max-examples = {cases}
allow-extra-parameters = false  # unknown parameters are ignored
[dictionaries.ids]
values = ["1", "2"]
[parameters]
"path.entityId" = {{dictionary = "ids", probability = 0.7}}

# What may stand in $filter, spatialFilter, $select and $orderby, or in an upload, is more than JSON Schema can say.
[[operations]]
include-operation-id = ["queryEntities", "queryEntitiesHead", "loadDataSource"]
checks.positive_data_acceptance.enabled = false

# Whether a job is still pending is more than a description can say.
[[operations]]
include-operation-id = ["cancelLoad", "cancelRollback", "cancelDownload", "cancelChange"]
checks.positive_data_acceptance.enabled = false

# A preflight is answered without looking at what it is about.
[[operations]]
include-operation-id = ["preflightQuery", "preflightEntity"]
checks.negative_data_rejection.enabled = false
"""


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """A server with the data source that the examples of the description are about, as its owner sees it."""
    with start_server(tmp_path / "data") as server:
        keys = create_account(server.data_dir, "described")
        named = ("described", examples.NAME, "--access-id", examples.ACCESS_ID)
        administer(server.data_dir, "datasource", "reserve", *named)
        yield Api(server, keys["master"])


def make_places(api: Api) -> dict[str, dict[str, str]]:
    """Make what there is to ask for; return the parts of its paths, by operation."""
    bad_row = b"3|Nowhere|none|91|181\n"
    shops = api.source(examples.NAME, examples.UPLOAD.encode() + bad_row)
    doomed = api.source("Doomed", examples.UPLOAD.encode())
    waiting = api.source("Waiting", examples.UPLOAD.encode())
    for source in (shops, waiting):
        assert source.load(examples.UPLOAD.encode(), "loadOperation=completeStaging")["status"] == "Completed"
    download = api.followed(api.get(DOWNLOAD + shops.path.removeprefix("/data")))["id"]
    return {
        "": {"accessId": shops.access_id, "name": examples.NAME, "entityType": examples.ENTITY_TYPE},
        "deleteDataSource": {"accessId": doomed.access_id, "name": "Doomed"},
        "publishStaged": {"accessId": waiting.access_id, "name": "Waiting"},
        "getLoad": {"jobId": shops.job["id"]},
        "getLoadLog": {"jobId": shops.job["id"]},
        "rollBack": {"jobId": shops.job["id"]},
        "getRollback": {"jobId": api.followed(shops.roll_back(shops.job["id"]))["id"]},
        "getDownload": {"jobIdOrName": download},
        "getOutput": {"jobId": download},
        "getChange": {"jobId": shops.changed("/$updateDataSource?setPublic=0")["id"]},
    }


def test_the_server_does_what_its_description_says(api: Api, tmp_path: Path) -> None:
    configuration, report = tmp_path / "schemathesis.toml", tmp_path / "report.json"
    configuration.write_text(CONFIGURATION.format(hooks=HOOKS, key=api.key, cases=CASES))
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", configuration, "run"]
    # One worker: Python 3.11 ends with a SystemError where threads parse source at once, as hypothesis does.
    options = ["--workers", "1", "--continue-on-failure", "--no-color", "--report-json-path", report]
    if DEPLOYMENT.is_cluster:
        options += ["--exclude-path", "/metrics"]  # the proxy answers it, with nothing
    done = subprocess.run(
        [*command, f"{api.server.url}/openapi.json", *options],
        env={**os.environ, "GEOSTEAD_TEST_PLACES": json.dumps(make_places(api))},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,  # it keeps what it found in a folder there
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
    told = json.loads(report.read_text())
    operations = told["operations"]
    assert operations["tested"] == operations["selected"] > 50
    assert operations["selected"] == operations["total"] or DEPLOYMENT.is_cluster
    assert {phase["status"] for phase in told["phases"].values()} == {"success"}
    assert told["test_cases"]["generated"] > 2000
