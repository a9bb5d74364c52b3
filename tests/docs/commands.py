"""The commands that there are, and the ones that pages tell people to type."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.main import get_command

from geostead.cli.main import app
from tests.docs.pages import blocks


@dataclass(frozen=True)
class Command:
    """A command of ``geostead``."""

    path: tuple[str, ...]
    options: frozenset[str]
    flags: frozenset[str]
    """Options that take no value."""
    arguments: tuple[str, ...]
    required: int
    """How many of the arguments may not be left out; they come first."""


def real_commands() -> dict[tuple[str, ...], Command]:
    """Return every command that there is, by its words after ``geostead``."""
    return {command.path: command for command in _walk(get_command(app), ())}


def typed_lines(page: Path) -> Iterator[str]:
    """Return the lines of the shell blocks of a page, those that go on joined."""
    for block in blocks(page):
        if block.language == "sh":
            yield from block.text.replace("\\\n", " ").splitlines()


def typed_commands(page: Path) -> Iterator[list[str]]:
    """Return the words after ``geostead`` wherever a page says to type it."""
    groups = {path[0] for path in real_commands()}
    for line in typed_lines(page):
        for part in line.split(" | ") if "geostead " in line else ():
            words = shlex.split(part, comments=True)
            for at, word in enumerate(words[:-1]):
                if word.rpartition("/")[2] == "geostead" and (words[at + 1] in groups or at == 0):
                    yield words[at + 1 :]


def _walk(command: Any, path: tuple[str, ...]) -> Iterator[Command]:
    children = getattr(command, "commands", None)
    if children:
        for name, child in children.items():
            yield from _walk(child, (*path, name))
        return
    options = [p for p in command.params if p.param_type_name == "option"]
    yield Command(
        path,
        frozenset(name for p in options for name in (*p.opts, *p.secondary_opts)),
        frozenset(name for p in options if p.is_flag for name in p.opts),
        tuple((p.metavar or p.name).upper() for p in command.params if p.param_type_name == "argument"),
        sum(p.required for p in command.params if p.param_type_name == "argument"),
    )
