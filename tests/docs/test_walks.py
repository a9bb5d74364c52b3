"""The README, the quickstart and the page about publishing, typed into a shell against a real server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks
from tests.servers import Server, create_account, start_server

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="the pages use curl, which is not installed")

README = ROOT / "README.md"
QUICKSTART = ROOT / "docs" / "quickstart.md"
PUBLISHING = ROOT / "docs" / "how-to" / "publish-and-roll-back.md"
KEY_LINE = "KEY='paste the master key here'"
API_LINE = "API='http://127.0.0.1:8080/REST/v1'"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start_server(tmp_path_factory.mktemp("walks") / "data") as running:
        yield running


def walk(page: Path, server: Server, folder: Path) -> str:
    """Run the shell blocks of a page from the one that sets the key on; return what they print."""
    script = "".join(block.text for block in blocks(page) if block.language == "sh")
    script = script[script.index(KEY_LINE) :].partition('echo "$OLD_KEY"')[0]
    key = create_account(server.data_dir, page.name)["master"]
    assert API_LINE in script
    script = script.replace(KEY_LINE, f"KEY='{key}'").replace(API_LINE, f"API='{server.url}/REST/v1'")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
        cwd=folder,
        env={**os.environ, "PATH": path},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_readme_leads_to_the_nearest_large_shop(server: Server, tmp_path: Path) -> None:
    (shop,) = json.loads(walk(README, server, tmp_path))["d"]["results"]
    assert (shop["Name"], shop["Seats"]) == ("Speicher Nine", 60)
    assert 0.5 < shop["__Distance"] < 1.0


def test_the_quickstart_leads_to_queries_an_error_log_and_a_download(server: Server, tmp_path: Path) -> None:
    printed = walk(QUICKSTART, server, tmp_path)
    (error_log,) = (block.text for block in blocks(QUICKSTART) if block.text.startswith("severity"))
    assert error_log in printed.replace("\r\n", "\n")
    assert '"failedEntityCount":1' in printed
    assert '"__count":"2"' in printed
    assert '"EntityID":"4","Name":"Old Crane","Seats":41' in printed
    assert (tmp_path / "shops.xml").read_text().count("<EntityID>") == 4


def test_the_page_about_publishing_leads_to_a_staged_change_and_back(server: Server, tmp_path: Path) -> None:
    printed = walk(PUBLISHING, server, tmp_path)
    replies = [json.loads(reply) for reply in printed.replace("}{", "}\n{").splitlines()]
    staged, published, rolled_back = [
        {hut["Name"]: hut["Beds"] for hut in reply["d"]["results"]} for reply in replies if "d" in reply
    ]
    assert staged == {"Scree House": 44, "Col Bivouac": 6}
    assert published == rolled_back == {"Larch Hut": 12, "Scree House": 40}
    assert 'Data source \\"Huts\\" set public' in printed
