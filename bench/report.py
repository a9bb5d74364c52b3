"""Writes what ``python -m bench.compare`` found into the documentation: tables, aims and a plot.

``python -m bench.report bench/results/compare.json`` replaces what stands between the markers of
docs/explanation/performance.md, and docs/explanation/performance.svg.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.compare.plot import draw
from bench.compare.results import read_results
from bench.compare.tables import as_markdown

_EXPLANATION = Path(__file__).parent.parent / "docs" / "explanation"
_PLOT = "performance.svg"
_BEGIN, _END = "<!-- comparison: written by bench.report -->", "<!-- end of comparison -->"


def main() -> None:
    """Write the page and the plot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, nargs="?", default=Path("bench/results/compare.json"))
    parser.add_argument("--folder", type=Path, default=_EXPLANATION, help="of performance.md")
    options = parser.parse_args()
    results = read_results(options.results)
    page = options.folder / "performance.md"
    draw(results, options.folder / _PLOT)
    picture = f"![Requests per second of every system for every kind of work]({_PLOT})"
    page.write_text(_replaced(page.read_text("utf-8"), f"{picture}\n\n{as_markdown(results)}"), "utf-8")


def _replaced(page: str, text: str) -> str:
    """Replace what is between the markers. Raises ValueError where they are not, once each."""
    before, after_begin = page.split(_BEGIN)
    _, after = after_begin.split(_END)
    return f"{before}{_BEGIN}\n\n{text}\n\n{_END}{after}"


if __name__ == "__main__":
    main()
