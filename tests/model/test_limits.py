"""Limits are the three profiles of http-api.md, section 5, with single numbers replaced."""

import pytest

from geostead.model.limits import PROFILES, Limits


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


def test_a_single_number_can_be_replaced() -> None:
    assert PROFILES["basic"].override(entities=10).entities == 10
    with pytest.raises(TypeError):
        PROFILES["basic"].override(nonsense=10)


def test_limits_survive_as_plain_data_and_ignore_what_a_newer_program_wrote() -> None:
    basic = PROFILES["basic"]
    assert Limits.from_dict(basic.to_dict() | {"invented": 1}) == basic
