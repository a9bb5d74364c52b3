"""Data sources: the list, the page of one, who may query it, and its deletion."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from starlette.responses import Response

from geostead.console.examples import PLACEHOLDER, Language, example_of
from geostead.console.faults import status_of
from geostead.console.own_data_source import (
    ALL,
    JOB,
    begin_deletion,
    own_of,
    state_of,
    to_data_source,
    told,
)
from geostead.console.questions import EntitySet, Question
from geostead.console.visit import Visit
from geostead.errors import NotFound, RequestError
from geostead.model.data_source import DataSourceVersions
from geostead.model.engine import engine_of
from geostead.model.job import DataFormat
from geostead.operations.find_own import OwnDataSource
from geostead.operations.list_own import ListOrder, last_update, list_own, shown_version
from geostead.operations.pending_jobs import pending_jobs
from geostead.operations.sample_entities import sample_entities
from geostead.operations.set_public import set_public
from geostead.wire.links import Links

MAX_KEY = 1_000
"""Characters of a key that examples are filled in with."""

Choice = TypeVar("Choice", bound=StrEnum)


def show_list(visit: Visit) -> Response:
    """List the data sources of the account, those that match what is searched for."""
    search = visit.query.get("search", "").strip()
    order = _chosen(ListOrder, visit.query.get("sort", "")) or ListOrder.NAME
    found = list_own(visit.services, visit.account.id, search, order, visit.page_number)
    return visit.page("data_sources.html", found=found, search=search, order=order, orders=list(ListOrder))


def show(visit: Visit) -> Response:
    """Show one data source; with the examples filled in with a key that was posted, which no other reply has."""
    return _page(visit, own_of(visit))


def change_access(visit: Visit) -> Response:
    """Make the data source public or private."""
    own = own_of(visit)
    source, is_public = own.data_source, visit.text("public") == "1"
    try:
        if source.is_public is not is_public:
            set_public(
                visit.services,
                own.acting_key(),
                source.access_id,
                source.name,
                is_public=is_public,
                made_by=visit.person.email,
            )
    except RequestError as error:
        return _page(visit, own, error)
    return to_data_source(visit)


def ask_about_deletion(visit: Visit) -> Response:
    """Ask for the name of the data source before it is deleted."""
    return _deletion(visit, own_of(visit))


def delete(visit: Visit) -> Response:
    """Delete the data source whose name was typed."""
    try:
        own = own_of(visit)
    except NotFound:
        return visit.to(ALL)  # the form was sent twice
    typed = visit.text("typed")
    if typed.strip() != own.data_source.name:
        return _deletion(visit, own, typed=typed)
    try:
        job = begin_deletion(visit, own, staged_only=False)
    except RequestError as error:
        return _deletion(visit, own, typed=typed, error=error)
    return visit.to(JOB, job=job.id)


def _deletion(
    visit: Visit, own: OwnDataSource, *, typed: str | None = None, error: RequestError | None = None
) -> Response:
    """Show the form. ``typed`` is what was typed and is not the name; None: nothing has been yet."""
    status = 200 if typed is None else 422 if error is None else status_of(error)
    return visit.page(
        "data_source_deletion.html",
        status,
        own=own,
        typed=typed or "",
        is_wrong=typed is not None and error is None,
        error=told(visit, error),
    )


def _page(visit: Visit, own: OwnDataSource, error: RequestError | None = None) -> Response:
    versions = own.versions
    shown = shown_version(versions)
    return visit.page(
        "data_source.html",
        200 if error is None else status_of(error),
        own=own,
        versions=versions,
        shown=shown,
        updated_at=last_update(versions),
        states=[(version, state_of(versions, version)) for version in versions.every],
        pending=pending_jobs(visit.services, own.data_source),
        now=visit.services.now(),
        engine=None if shown is None else engine_of(shown.snapshot_id),
        formats=list(DataFormat),
        examples=_examples(visit, versions),
        error=told(visit, error),
    )


@dataclass(frozen=True, slots=True)
class Examples:
    """The example that is shown, and which others there are."""

    questions: tuple[Question, ...]
    question: Question
    languages: tuple[Language, ...]
    language: Language
    url: str
    """Where the data source is queried, without parameters."""
    program: str
    key: str
    """The key that is filled in; '' for the placeholder."""


def _examples(visit: Visit, versions: DataSourceVersions) -> Examples | None:
    """Return the example that was asked for, else the first one; None while there is nothing to query."""
    questions = _questions(versions)
    if not questions:
        return None
    asked_for = _chosen(Question, _given(visit, "question"))
    question = asked_for if asked_for in questions else questions[0]
    language = _chosen(Language, _given(visit, "language")) or Language.CURL
    entities = _entity_set(visit, versions, staged=question is Question.STAGED)
    key = visit.text("key").strip()[:MAX_KEY]
    program = example_of(entities.ask(question), language, key or PLACEHOLDER)
    return Examples(questions, question, tuple(Language), language, entities.url, program, key)


def _questions(versions: DataSourceVersions) -> tuple[Question, ...]:
    published = (Question.NEARBY, Question.BY_ID, Question.FILTER) if versions.published else ()
    return (*published, *([Question.STAGED] if versions.staged else []))


def _entity_set(visit: Visit, versions: DataSourceVersions, *, staged: bool) -> EntitySet:
    version = versions.staged if staged else versions.published
    assert version is not None
    source, entity_type = versions.data_source, version.entity_type
    url = Links(visit.base_url).entity_set(source.access_id, source.name, entity_type.name)
    return EntitySet(visit.base_url, source.name, url, entity_type, sample_entities(visit.services, version))


def _given(visit: Visit, name: str) -> str:
    """Return what the form says, or else the URL."""
    return visit.text(name) or visit.query.get(name, "")


def _chosen(choices: type[Choice], value: str) -> Choice | None:
    return next((choice for choice in choices if choice.value == value), None)
