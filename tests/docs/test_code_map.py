"""docs/explanation/code-map.md against the rooms that there are."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.docs.pages import EXPLANATION, ROOT, blocks, code_words, prose

PAGE = EXPLANATION / "code-map.md"
PACKAGE = ROOT / "src" / "geostead"
ROOMS = sorted(
    f"{path.name}/" if path.is_dir() else path.name
    for path in PACKAGE.iterdir()
    if (path.is_dir() and (path / "__init__.py").exists()) or (path.suffix == ".py" and path.name != "__init__.py")
)
PARAGRAPHS = {
    found[1]: found[0] for found in re.finditer(r"^\*\*`([^`]+)`\*\* \u2013 .+?(?:\n\n|\Z)", prose(PAGE), re.M | re.S)
}


def test_the_map_has_a_paragraph_for_every_room_and_no_other() -> None:
    assert sorted(PARAGRAPHS) == ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_every_file_that_a_paragraph_names_is_in_its_room(room: str) -> None:
    folder = PACKAGE / room if room.endswith("/") else PACKAGE
    named = [word for word in code_words(PARAGRAPHS[room])[1:] if re.fullmatch(r"\w+\.py|\w+/", word)]
    assert all((folder / name).exists() for name in named), named


def test_every_layer_of_the_import_contract_is_in_the_picture() -> None:
    picture = blocks(PAGE)[0].text
    contract, *_ = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = [name.strip().removeprefix("geostead.") for layer in contract["layers"] for name in layer.split("|")]
    assert [name for name in layers if not re.search(rf"\b{name}\b", picture)] == []


def test_every_path_that_the_map_names_exists() -> None:
    named = [word for word in code_words(prose(PAGE)) if re.fullmatch(r"[\w.-]+(/[\w.-]+)+/?", word)]
    assert named
    assert [name for name in named if not (PACKAGE / name).exists() and not (ROOT / name).exists()] == []
