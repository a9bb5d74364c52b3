"""docs/how-to/use-from-python.md, block after block as it stands, against a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from geostead.client import Geostead
from tests.docs.pages import ROOT, blocks
from tests.servers import Server

PAGE = ROOT / "docs" / "how-to" / "use-from-python.md"
NEEDS_PANDAS = "to_geodataframe"
SHOPS = """Bing Spatial Data Services, 1.0, Shop
EntityID(Edm.String,primaryKey)|Name(Edm.String)|Seats(Edm.Int64)|Latitude(Edm.Double)|Longitude(Edm.Double)
1|Elbe|30|53.55|9.99
2|Alster|12|53.56|10.0
"""


def test_the_page_can_be_typed_as_it_stands(
    server: Server,
    keys: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GEOSTEAD_KEY", keys["master"])
    for name in ("shops.txt", "changes.txt"):
        Path(name).write_text(SHOPS)
    typed: dict[str, Any] = {}
    for block in blocks(PAGE):
        if NEEDS_PANDAS not in block.text:
            exec(block.text.replace("http://127.0.0.1:8080", server.url), typed)
    geostead: Geostead = typed["geostead"]
    geostead.close()
    said = capsys.readouterr().out
    assert "1 Elbe 30" in said
    assert "2 shops now, 2 then" in said
    assert "Completed 2" in said
    assert "InvalidFilter" in said
    assert {path.name for path in tmp_path.iterdir()} >= {"shops.geojson", "shops.parquet"}


def test_a_closed_client_says_that_it_is_closed(geostead: Geostead) -> None:
    geostead.close()
    with pytest.raises(RuntimeError, match="This Geostead is closed"):
        geostead.data_sources()
    with pytest.raises(RuntimeError, match="This Geostead is closed"):
        geostead.load("Shops", b"nothing", input="pipe")
