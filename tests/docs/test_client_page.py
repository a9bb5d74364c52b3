"""docs/reference/client.md against what geostead.client offers, and the page that shows it against a server."""

from __future__ import annotations

import dataclasses
import inspect
import re

import pytest

from geostead import client
from tests.docs.pages import REFERENCE, ROOT, blocks, code_words, prose, rows

PAGE = REFERENCE / "client.md"
HOW_TO = ROOT / "docs" / "how-to" / "use-from-python.md"
WORDS = set(code_words(prose(PAGE)))
PUBLIC = {name: getattr(client, name) for name in client.__all__}
CLASSES = {name: found for name, found in PUBLIC.items() if inspect.isclass(found)}
METHODS = {
    name: found for name, found in inspect.getmembers(client.Geostead, inspect.isfunction) if not name.startswith("_")
}


def members(found: type) -> set[str]:
    """Return the fields and properties of a class."""
    fields = {field.name for field in dataclasses.fields(found)} if dataclasses.is_dataclass(found) else set()
    keys = set(getattr(found, "__annotations__", {})) if found in (client.LoadOptions, client.QueryOptions) else set()
    return fields | keys | {name for name, value in vars(found).items() if _is_property(name, value)}


def _is_property(name: str, value: object) -> bool:
    return not name.startswith("_") and (isinstance(value, property) or hasattr(value, "attrname"))


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_on_the_page(name: str) -> None:
    assert any(re.match(rf"{name}\b", word) for word in WORDS)


@pytest.mark.parametrize("name", CLASSES)
def test_every_member_of_a_public_class_is_on_the_page(name: str) -> None:
    assert members(CLASSES[name]) - {"status", "code"} <= WORDS


def test_the_methods_have_a_row_each_with_their_parameters() -> None:
    listed = {}
    for row in rows(PAGE):
        if found := re.fullmatch(r"`(\w+)\((.*)\)`", row[0]):
            listed.setdefault(found[1], found[2])  # those of Geostead come first
    assert set(METHODS) <= set(listed)
    for name, method in METHODS.items():
        assert _written(method) == listed[name], name


def test_no_row_is_about_a_method_that_does_not_exist() -> None:
    named = {found[1] for row in rows(PAGE) if (found := re.fullmatch(r"`(\w+)\(.*\)`", row[0]))}
    assert named <= set(METHODS) | {"pages", "count", "to_geojson", "to_geodataframe"}


def test_every_error_has_a_row() -> None:
    errors = {name for name, found in CLASSES.items() if issubclass(found, client.ClientError)}
    assert errors - {"ClientError"} <= {row[0].strip("`") for row in rows(PAGE)}


@pytest.mark.parametrize("block", [block.text for block in blocks(HOW_TO)], ids=lambda text: text.splitlines()[0])
def test_what_the_page_about_it_calls_exists(block: str) -> None:
    compile(block, str(HOW_TO), "exec")
    called = set(re.findall(r"\bgeostead\.(\w+)\(", block))
    assert called <= set(METHODS)
    for names in re.findall(r"from geostead\.client import (.+)", block):
        assert set(names.split(", ")) <= set(PUBLIC)


def _written(method: object) -> str:
    """Return the parameters of a method as the page writes them: names and defaults, no types."""
    signature = inspect.signature(method)  # type: ignore[arg-type]
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values() if p.name != "self"]
    return str(inspect.Signature(plain))[1:-1].replace("'", '"')
