"""docs/reference/settings.md against the settings that there are."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import MISSING, Field, fields
from itertools import pairwise

import pytest

from geostead import settings
from geostead.settings import CONFIG_VARIABLE, Settings, load_settings, variable_of
from tests.docs.pages import REFERENCE, blocks, row_of, rows

PAGE = REFERENCE / "settings.md"


def docstrings() -> dict[str, str]:
    """Return the docstring of every field, which only the source has."""
    (body,) = (
        node.body
        for node in ast.parse(inspect.getsource(settings)).body
        if isinstance(node, ast.ClassDef) and node.name == "Settings"
    )
    return {
        before.target.id: " ".join(after.value.value.split())
        for before, after in pairwise(body)
        if isinstance(before, ast.AnnAssign)
        and isinstance(before.target, ast.Name)
        and isinstance(after, ast.Expr)
        and isinstance(after.value, ast.Constant)
    }


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_every_setting_has_a_row_with_its_key_and_default(field: Field[object]) -> None:
    _, key, default, meaning = row_of(PAGE, variable_of(field.name))
    assert key == f"`{field.name}`"
    assert meaning
    if field.default_factory is not MISSING:  # depends on the machine: the words are those of the docstring
        assert default in docstrings()[field.name]
    elif field.default in (None, ()):
        assert default == "none"
    else:
        assert default == f"`{','.join(field.default) if isinstance(field.default, tuple) else field.default}`"


def test_no_row_is_about_a_setting_that_does_not_exist() -> None:
    named = {row[0].strip("`") for row in rows(PAGE)[1:]}
    assert named == {variable_of(field.name) for field in fields(Settings)}


def test_every_variable_that_the_page_names_exists() -> None:
    known = {variable_of(field.name) for field in fields(Settings)} | {CONFIG_VARIABLE}
    assert set(re.findall(r"GEOSTEAD_[A-Z_]+", PAGE.read_text())) == known


def test_the_settings_file_on_the_page_can_be_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    (example,) = (block for block in blocks(PAGE) if block.language == "toml")
    file = tmp_path_factory.mktemp("settings") / "geostead.toml"
    file.write_text(example.text)
    assert load_settings({CONFIG_VARIABLE: str(file)}).public_url == "https://places.example.com"
