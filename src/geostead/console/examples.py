"""Questions to a data source as programs that one can copy: each says what is asked, and prints the answer."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from enum import StrEnum

from geostead.console.questions import Asked

PLACEHOLDER = "YOUR_KEY"
"""Stands where the key goes."""

_INDENT = " " * 4
_BEYOND_JSON = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}
"""Ends of lines that JSON lets stand in a string and C# does not."""


class Language(StrEnum):
    """What an example is written in."""

    CURL = "curl"
    JAVASCRIPT = "javascript"
    PYTHON = "python"
    PYTHON_HTTPX = "python-httpx"
    CSHARP = "csharp"

    @property
    def label(self) -> str:
        """What it is called."""
        return _LABELS[self]


_LABELS = {
    Language.CURL: "curl",
    Language.JAVASCRIPT: "JavaScript (fetch)",
    Language.PYTHON: "Python (geostead.client)",
    Language.PYTHON_HTTPX: "Python (httpx)",
    Language.CSHARP: "C# (HttpClient)",
}


def example_of(asked: Asked, language: Language, key: str = PLACEHOLDER) -> str:
    """Return the program that asks a question in a language, with a key in it; without a line end after the last."""
    return _WRITERS[language](asked, key)


def _curl(asked: Asked, key: str) -> str:
    given = [f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in _with_key(asked, key)]
    return " \\\n  ".join([f"curl --get {shlex.quote(asked.url)}", *given])


def _javascript(asked: Asked, key: str) -> str:
    given = "\n".join(f"  {_quoted(name)}: {_quoted(value)}," for name, value in _with_key(asked, key))
    found = "d" if asked.entity_id is not None else "d.results"
    return f"""\
const parameters = new URLSearchParams({{
{given}
}});
const reply = await fetch({_quoted(asked.url + "?")} + parameters);
if (!reply.ok) throw new Error(await reply.text());
const {{ d }} = await reply.json();
console.log({found});"""


def _python(asked: Asked, key: str) -> str:
    name = _quoted(asked.data_source_name)
    given = [f"spatial_filter={_quoted(asked.spatial_filter)}"] if asked.spatial_filter else []
    given += [f"filter={_quoted(asked.filter)}"] if asked.filter else []
    given += ["staged=True"] if asked.staged else []
    if asked.entity_id is not None:
        ask = f"{_INDENT}print(geostead.entity({', '.join([name, _quoted(asked.entity_id), *given])}))"
    else:
        ask = f"""\
{_INDENT}for entity in geostead.query({", ".join([name, *given])}):
{_INDENT}{_INDENT}print(entity)"""
    return f"""\
from geostead.client import Geostead

with Geostead({_quoted(asked.base_url)}, {_quoted(key)}) as geostead:
{ask}"""


def _python_httpx(asked: Asked, key: str) -> str:
    given = "\n".join(f"{_INDENT}{_INDENT}{_quoted(name)}: {_quoted(value)}," for name, value in _with_key(asked, key))
    shown = 'print(reply.json()["d"])'
    if asked.entity_id is None:
        shown = f'for entity in reply.json()["d"]["results"]:\n{_INDENT}print(entity)'
    return f"""\
import httpx

reply = httpx.get(
{_INDENT}{_quoted(asked.url)},
{_INDENT}params={{
{given}
{_INDENT}}},
)
reply.raise_for_status()
{shown}"""


def _csharp(asked: Asked, key: str) -> str:
    given = [
        f"{_quoted(f'{mark}{name}=')} + Uri.EscapeDataString({_quoted(value)})"
        for mark, (name, value) in zip("?&&&&&", _with_key(asked, key), strict=False)
    ]
    joined = f"\n{_INDENT}+ ".join([_quoted(asked.url), *given])
    shown = 'Console.WriteLine(reply.GetProperty("d"));'
    if asked.entity_id is None:
        shown = f"""\
foreach (var entity in reply.GetProperty("d").GetProperty("results").EnumerateArray())
{_INDENT}Console.WriteLine(entity);"""
    return f"""\
using System.Net.Http.Json;
using System.Text.Json;

using var client = new HttpClient();
var url = {joined};
var reply = await client.GetFromJsonAsync<JsonElement>(url);
{shown}"""


def _with_key(asked: Asked, key: str) -> list[tuple[str, str]]:
    return [*asked.parameters, ("key", key)]


def _quoted(text: str) -> str:
    """Write a text as a string that JavaScript, Python and C# read alike."""
    written = json.dumps(text, ensure_ascii=False)
    for character, escape in _BEYOND_JSON.items():
        written = written.replace(character, escape)
    return written


_WRITERS: dict[Language, Callable[[Asked, str], str]] = {
    Language.CURL: _curl,
    Language.JAVASCRIPT: _javascript,
    Language.PYTHON: _python,
    Language.PYTHON_HTTPX: _python_httpx,
    Language.CSHARP: _csharp,
}
