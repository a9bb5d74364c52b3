"""docs/reference/command-line.md against the commands that there are, and every page's commands against both."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.commands import Command, real_commands, typed_commands, typed_lines
from tests.docs.pages import REFERENCE, ROOT, code_words, pages, sections

PAGE = REFERENCE / "command-line.md"
SECTIONS = sections(PAGE, 2)
COMMANDS = real_commands()


def test_the_page_has_a_section_for_every_command_and_no_other() -> None:
    assert SECTIONS.keys() == {f"`geostead {' '.join(path)}`" for path in COMMANDS}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: " ".join(command.path))
def test_a_section_lists_exactly_the_options_and_arguments_of_its_command(command: Command) -> None:
    section = SECTIONS[f"`geostead {' '.join(command.path)}`"]
    listed = {word.split()[0] for line in section.splitlines() for word in code_words(line.split(" | ")[0])[:1]}
    assert {word for word in listed if word.startswith("--")} == command.options
    assert set(command.arguments) <= listed


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_command_that_a_page_shows_can_be_typed(page: Path) -> None:
    for words in typed_commands(page):
        command = next((c for path, c in COMMANDS.items() if tuple(words[: len(path)]) == path), None)
        assert command is not None, words
        given = words[len(command.path) :]
        options = [word for word in given if word.startswith("--")]
        assert set(options) <= command.options, words
        values = sum(option not in command.flags for option in options)
        assert command.required <= len(given) - len(options) - values <= len(command.arguments), words


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_make_target_and_benchmark_that_a_page_shows_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for line in typed_lines(page):
        for target in re.findall(r"^make (\w+)", line):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), line
        for module, options in re.findall(r"-m bench\.(\w+)(.*)", line):
            source = (ROOT / "bench" / f"{module}.py").read_text()
            assert all(f'"{option}"' in source for option in re.findall(r"--[a-z-]+", options)), line
