"""hatch_build.py: when the console is built, and what is said when it cannot be."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from shutil import copy, copytree
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def sources(tmp_path: Path, hook: ModuleType) -> Path:
    """Return a copy of all that the console is built from, and of what was built."""
    for name in ("package.json", "package-lock.json"):
        copy(ROOT / name, tmp_path / name)
    for folder in (hook.ASSETS, hook.STATIC):
        copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / hook.STATIC / hook.DIGEST_FILE).write_text(hook.stamp(tmp_path))
    return tmp_path


def test_what_is_built_from_the_sources_as_they_are_is_not_built_again(sources: Path, hook: ModuleType) -> None:
    hook.build(sources)  # there are no packages here to build it with
    assert hook.is_built(sources)


def test_any_change_of_a_source_asks_for_another_build(sources: Path, hook: ModuleType) -> None:
    with (sources / hook.ASSETS / "console.css").open("a") as stylesheet:
        stylesheet.write("\n")
    assert not hook.is_built(sources)


def test_a_file_that_is_missing_asks_for_another_build(sources: Path, hook: ModuleType) -> None:
    next((sources / hook.STATIC).glob("chunk-*.js")).unlink()
    assert not hook.is_built(sources)


def test_a_registry_that_cannot_be_reached_is_named_with_what_to_do(
    sources: Path, hook: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "http://127.0.0.1:9/")
    monkeypatch.setenv("NPM_CONFIG_FETCH_RETRIES", "0")
    monkeypatch.setenv("NPM_CONFIG_CACHE", str(sources / "cache"))
    (sources / hook.STATIC / hook.DIGEST_FILE).unlink()
    with pytest.raises(SystemExit, match=r"NPM_CONFIG_REGISTRY.*wheel or an sdist"):
        hook.build(sources)
