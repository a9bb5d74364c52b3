"""docs/reference/errors.md against the error tree and the statuses that the HTTP door gives."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from geostead.errors import GeosteadError, RequestError
from geostead.http.errors import ANSWERS, answer_to
from tests.docs.pages import REFERENCE, code_words, prose, row_of, rows

PAGE = REFERENCE / "errors.md"


def kinds_of(base: type[GeosteadError]) -> Iterator[type[GeosteadError]]:
    for kind in base.__subclasses__():
        if kind.__module__ == base.__module__:
            yield kind
            yield from kinds_of(kind)


SHOWN = sorted(ANSWERS, key=lambda kind: kind.__name__)
LEAVES = [kind for kind in kinds_of(GeosteadError) if not kind.__subclasses__()]


@pytest.mark.parametrize("kind", SHOWN, ids=lambda kind: kind.__name__)
def test_every_error_that_a_caller_may_see_has_a_row_with_its_status_and_code(kind: type[GeosteadError]) -> None:
    _, status, code, when = row_of(PAGE, kind.__name__)
    assert (status, code) == (str(ANSWERS[kind].status), f"`{ANSWERS[kind].code}`")
    assert when


def test_a_bug_has_a_row_with_its_status_and_code() -> None:
    (row,) = (row for row in rows(PAGE) if row[0] == "anything else")
    answer = answer_to(Exception())
    assert row[1:3] == [str(answer.status), f"`{answer.code}`"]


@pytest.mark.parametrize("kind", LEAVES, ids=lambda kind: kind.__name__)
def test_every_error_of_the_tree_is_on_the_page(kind: type[GeosteadError]) -> None:
    assert kind.__name__ in code_words(prose(PAGE))


def test_every_error_of_a_request_has_a_status() -> None:
    assert all(kind in ANSWERS for kind in kinds_of(RequestError) if not kind.__subclasses__())


def test_no_row_is_about_an_error_that_does_not_exist() -> None:
    names = {kind.__name__ for kind in kinds_of(GeosteadError)}
    first_cells = {row[0].strip("`") for row in rows(PAGE) if row[0].startswith("`") and row[0][1].isupper()}
    assert first_cells <= names
