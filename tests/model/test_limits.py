"""Limits are the three profiles of http-api.md, section 5, with single numbers replaced."""

from dataclasses import fields

import pytest

from geostead.errors import InvalidParameter
from geostead.model.limits import PROFILES, RANGES, Limits, nearest_profile

NAMES = [field.name for field in fields(Limits)]


@pytest.mark.parametrize(
    ("profile", "numbers"),
    [
        ("basic", (2, 50, 5, 2_500, 314_572_800, 250)),
        ("enterprise", (10, 50, 25, 200_000, 314_572_800, 250)),
        ("self-hosted", (100, None, None, 5_000_000, 4_294_967_296, 10_000)),
    ],
)
def test_the_profiles_have_the_documented_numbers(profile: str, numbers: tuple[int | None, ...]) -> None:
    found = PROFILES[profile]
    assert (
        found.jobs_in_process,
        found.jobs_per_day,
        found.data_sources,
        found.entities,
        found.upload_bytes,
        found.query_points,
    ) == numbers


def test_every_limit_has_a_range_that_all_profiles_keep() -> None:
    assert RANGES.keys() == set(NAMES)
    for limits in PROFILES.values():
        assert limits.override(**limits.to_dict()) == limits


def test_a_single_number_can_be_replaced() -> None:
    own = PROFILES["basic"].override(entities=10, jobs_per_day=None)
    assert own.changes(PROFILES["basic"]) == {"entities": 10, "jobs_per_day": None}


@pytest.mark.parametrize(
    ("name", "number", "expected"),
    [
        ("entities", 0, "entities: found '0'; expected a whole number from 1 to 2,147,483,647."),
        ("entities", None, "entities: found 'None'"),
        ("jobs_per_day", -1, "a whole number from 0 to 2,147,483,647 or none"),
        ("upload_bytes", 2**50 + 1, "upload_bytes: found"),
    ],
)
def test_a_number_that_a_limit_may_not_be_is_refused_with_its_name(
    name: str, number: int | None, expected: str
) -> None:
    with pytest.raises(InvalidParameter) as refused:
        PROFILES["basic"].override(**{name: number})
    assert expected in str(refused.value)


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("none", None), ("None", None)])
def test_the_number_of_a_limit_is_read_from_a_text(text: str, number: int | None) -> None:
    assert RANGES["jobs_per_day"].parse(text) == number


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1_000", "1,000", "many", "٣", "9" * 400, "2147483648"])
def test_a_text_that_is_not_the_number_of_a_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a whole number from 0 to 2,147,483,647 or none"):
        RANGES["jobs_per_day"].parse(text)


def test_none_is_only_for_limits_that_need_not_be() -> None:
    with pytest.raises(ValueError, match=r"a whole number from 1 to [0-9,]+$"):
        RANGES["entities"].parse("none")


def test_the_nearest_profile_is_the_one_with_the_fewest_other_numbers() -> None:
    for name, limits in PROFILES.items():
        assert nearest_profile(limits) == name
        assert nearest_profile(limits.override(entities=17, query_points=3)) == name


def test_limits_survive_as_plain_data_and_ignore_what_a_newer_program_wrote() -> None:
    basic = PROFILES["basic"]
    assert Limits.from_dict(basic.to_dict() | {"invented": 1}) == basic
