"""Every page can be found, and every link of a page leads somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import ROOT, anchors, links, pages


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_resolves(page: Path) -> None:
    for link in links(page):
        if "://" not in link:
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


def test_the_index_leads_to_every_page_of_the_documentation() -> None:
    docs = ROOT / "docs"
    linked = {(docs / link.partition("#")[0]).resolve() for link in links(docs / "index.md")}
    decisions = set((docs / "explanation" / "decisions").glob("0*.md"))  # found by their numbers, in their folder
    assert {page for page in docs.rglob("*.md") if page.name != "index.md"} - decisions <= linked
