"""docs/explanation/dependencies.md against pyproject.toml, and that against what is imported."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from tests.docs.pages import EXPLANATION, ROOT, sections

PAGE = EXPLANATION / "dependencies.md"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
GROUPS = {
    "To run": PROJECT["dependencies"],
    "For routing": PROJECT["optional-dependencies"]["routing"],
    "For traces": PROJECT["optional-dependencies"]["telemetry"],
    "For the demo": PROJECT["optional-dependencies"]["demo"],
    "For GeoDataFrames": PROJECT["optional-dependencies"]["geodataframe"],
    "To develop": PROJECT["optional-dependencies"]["dev"],
    "For the comparison": PROJECT["optional-dependencies"]["bench"],
}


def names(requirements: list[str]) -> set[str]:
    """Return the names of distributions; our own extras are no dependencies."""
    found = {re.split(r"[\[<>=~! ]", requirement)[0].lower() for requirement in requirements}
    return found - {"geostead"}


@pytest.mark.parametrize("heading", GROUPS)
def test_every_dependency_has_a_row_with_its_reason_and_no_row_is_left_over(heading: str) -> None:
    lines = re.findall(r"^\| `([\w.-]+)` \| (.+) \|$", sections(PAGE, 2)[heading], re.MULTILINE)
    assert {name for name, _ in lines} == names(GROUPS[heading])
    assert all(len(reason) > 10 for _, reason in lines)


def test_what_the_package_imports_is_what_it_declares() -> None:
    trees = [ast.parse(file.read_text()) for file in (ROOT / "src").rglob("*.py")]
    modules = {name.partition(".")[0] for tree in trees for name in _imported(tree)}
    # Not every Python can have the one, and the other is apart from the rest.
    distributions = {"osrm": ["osrm-bindings"], "geopandas": ["geopandas"]} | packages_distributions()
    # The one is many distributions, and the other comes with geopandas.
    foreign = modules - sys.stdlib_module_names - {"geostead", "opentelemetry", "pandas"}
    assert {"opentelemetry", "pandas"} <= modules
    used = {distributions[module][0].lower().replace("_", "-") for module in foreign}
    headings = ("To run", "For routing", "For the demo", "For GeoDataFrames")
    assert used == names([name for heading in headings for name in GROUPS[heading]])


def _imported(tree: ast.Module) -> list[str]:
    plain = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return plain + [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
