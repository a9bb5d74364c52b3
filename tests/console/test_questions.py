"""Questions about entities that are really there, and what is asked where none are at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from geostead.console.questions import MAX_TEXT, Asked, EntitySet, Question
from geostead.model.entity_type import EdmType, EntityType, Property

PLACES = (Property("Latitude", EdmType.DOUBLE), Property("Longitude", EdmType.DOUBLE))


def ask(question: Question, sample: Sequence[Mapping[str, object]] = (), *properties: tuple[str, EdmType]) -> Asked:
    declared = [Property("Id", EdmType.STRING), *PLACES, *(Property(*each) for each in properties)]
    entity_type = EntityType.declare("Shops", declared, ["Id"])
    return EntitySet("http://here", "shops", "http://here/Shops", entity_type, sample).ask(question)


def entity(**values: object) -> dict[str, object]:
    return {"Id": "1", "Latitude": None, "Longitude": None, **values}


def test_without_entities_at_hand_the_questions_are_general_ones() -> None:
    assert ask(Question.BY_ID).url == "http://here/Shops('ENTITY_ID')"
    assert ask(Question.NEARBY).spatial_filter == "nearby(47.6,-122.3,10)"
    assert ask(Question.FILTER).filter == "Id ne ''"


def test_the_place_is_that_of_the_first_entity_that_has_one() -> None:
    sample = [entity(Latitude=1.5), entity(Latitude=-33.5, Longitude=151.25)]
    assert ask(Question.NEARBY, sample).spatial_filter == "nearby(-33.5,151.25,10)"


@pytest.mark.parametrize(
    ("edm_type", "values", "expected"),
    [
        (EdmType.STRING, ["", "O'Hara"], "Kind eq 'O''Hara'"),
        (EdmType.STRING, ["x" * (MAX_TEXT + 1), "two\nlines"], "Id ne ''"),
        (EdmType.BOOLEAN, [None, False], "Kind eq false"),
        (EdmType.INT64, [20], "Kind eq 20"),
        (EdmType.DOUBLE, [0.1], "Kind eq 0.1"),
        (EdmType.DATETIME, [621_355_968_000_000_000], "Id ne ''"),
    ],
)
def test_the_filter_is_about_a_value_that_is_good_to_read(
    edm_type: EdmType, values: list[object], expected: str
) -> None:
    sample = [entity(Kind=value) for value in values]
    assert ask(Question.FILTER, sample, ("Kind", edm_type)).filter == expected
