"""docs/reference/limits.md against the limits that count."""

from __future__ import annotations

from dataclasses import fields

import pytest

from geostead.catalog.housekeeping import FILES_KEPT, JOBS_KEPT, STAGED_KEPT
from geostead.geo.wkt import MAX_NESTING
from geostead.model.data_source import MAX_PREVIOUS_VERSIONS
from geostead.model.limits import (
    DEFAULT_PAGE_SIZE,
    MAX_ENTITY_ID_LENGTH,
    MAX_NAME_LENGTH,
    MAX_PAGE_SIZE,
    MAX_PROPERTIES,
    MAX_STRING_LENGTH,
    PROFILES,
    Limits,
)
from geostead.operations.row_tally import MAX_LISTED_ISSUES
from geostead.query.bound import NearRoute
from geostead.query.options import MAX_ORDER_TERMS
from geostead.query.parser import MAX_DEPTH
from geostead.query.places import MAX_ADDRESS_LENGTH
from geostead.query.spatial import MAX_RADIUS_KM, MIN_RADIUS_KM
from tests.docs.pages import REFERENCE, rows, sections

PAGE = REFERENCE / "limits.md"
PROFILE_NAMES = [cell.strip("`") for cell in rows(PAGE)[0][1:4]]


def test_the_table_has_a_column_for_every_profile() -> None:
    assert set(PROFILE_NAMES) == PROFILES.keys()


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_every_limit_has_a_row_with_the_number_of_each_profile(name: str) -> None:
    numbers = [getattr(PROFILES[profile], name) for profile in PROFILE_NAMES]
    assert row_of_limit(name)[1:4] == ["none" if number is None else f"{number:,}" for number in numbers]


def test_what_is_the_same_for_every_account_is_what_the_code_says() -> None:
    found = {line.split("|")[-2].strip() for line in sections(PAGE, 2)["The same for every account"].splitlines()[3:]}
    numbers = (
        MAX_PROPERTIES,
        MAX_STRING_LENGTH,
        MAX_ENTITY_ID_LENGTH,
        MAX_NAME_LENGTH,
        DEFAULT_PAGE_SIZE,
        MAX_PAGE_SIZE,
        MAX_ORDER_TERMS,
        MAX_DEPTH,
        MAX_ADDRESS_LENGTH,
        MAX_NESTING,
        MAX_LISTED_ISSUES,
        FILES_KEPT.days,
        JOBS_KEPT.days,
        STAGED_KEPT.days,
        MAX_PREVIOUS_VERSIONS,
    )
    lengths = {f"{MIN_RADIUS_KM:g} to {MAX_RADIUS_KM:,.0f} km", f"{NearRoute(()).width_km:g} km"}
    assert found == {f"{number:,}" for number in numbers} | lengths


def row_of_limit(name: str) -> list[str]:
    (row,) = (row for row in rows(PAGE) if row[0] == f"`{name}`" and len(row) == 5)
    return row
