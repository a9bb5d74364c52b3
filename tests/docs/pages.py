"""The documentation as data: tables, fenced blocks, links and sections of Markdown pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
EXPLANATION = ROOT / "docs" / "explanation"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"(`+)(.+?)\1")
_CELL_END = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Block:
    """A fenced block of code."""

    language: str
    text: str


def pages() -> list[Path]:
    """Return every page that people read: the README, the changelog, the documentation, the benchmarks'."""
    tops = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "bench" / "README.md"]
    return [*tops, *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page."""
    return [Block(found[1], found[2]) for found in _FENCE.finditer(page.read_text("utf-8"))]


def prose(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return _FENCE.sub("", page.read_text("utf-8"))


def links(page: Path) -> Iterator[str]:
    """Return the targets of the links of a page."""
    return (found[1] for found in _LINK.finditer(prose(page)))


def rows(page: Path) -> list[list[str]]:
    """Return the cells of every row of every table of a page, heads included."""
    lines = [line.strip() for line in prose(page).splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in _CELL_END.split(line)[1:-1]] for line in lines]
    return [row for row in cells if not all(set(cell) <= set("-:") for cell in row)]


def row_of(page: Path, name: str) -> list[str]:
    """Return the table row whose first cell is ``name`` as code."""
    found = [row for row in rows(page) if row[0] == f"`{name}`"]
    assert len(found) == 1, f"{page.name}: {len(found)} rows begin with `{name}`"
    return found[0]


def code_words(text: str) -> list[str]:
    """Return everything that is set as code in a text, in order."""
    return [found[2].strip() for found in _CODE.finditer(text)]


def sections(page: Path, level: int) -> dict[str, str]:
    """Return the text under each heading of a level, by heading; text before the first one is left out."""
    found: dict[str, str] = {}
    heading = None
    for line in prose(page).splitlines(keepends=True):
        hashes = len(line) - len(line.lstrip("#"))
        if 0 < hashes <= level and line[hashes : hashes + 1] == " ":
            heading = line.strip("# \n") if hashes == level else None
            if heading is not None:
                found[heading] = ""
        elif heading is not None:
            found[heading] += line
    return found


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#{1,6} (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
