"""Comparing versions of a data source; how entities are compared is in tests/snapshots/test_differences.py."""

from __future__ import annotations

import pytest

from geostead.errors import NotFound, Unavailable
from geostead.operations.compare_versions import MAX_LISTED, compare_versions
from tests.installations import Installation
from tests.uploads import pipe_upload


def test_it_is_told_what_would_change_if_one_took_the_place_of_the_other(installation: Installation) -> None:
    before = installation.load("Places", pipe_upload(30))
    after = installation.load("Places", pipe_upload(60, name="Shop"))
    account_id = installation.key.account_id

    found = compare_versions(installation.services, account_id, "places", before.id.upper(), after.id)

    assert (found.before.job_id, found.after.job_id) == (before.id, after.id)
    difference = found.difference
    assert (difference.added_count, difference.changed_count, difference.removed_count) == (30, 30, 0)
    assert [len(difference.added), len(difference.changed)] == [MAX_LISTED, MAX_LISTED]
    assert difference.changes_by_property == {"Name": 30}
    back = compare_versions(installation.services, account_id, "Places", after.id, before.id).difference
    assert (back.added_count, back.changed_count, back.removed_count) == (0, 30, 30)


def test_a_version_is_the_same_as_itself(installation: Installation) -> None:
    job = installation.load("Places", pipe_upload(3))
    found = compare_versions(installation.services, installation.key.account_id, "Places", job.id, job.id)
    assert found.difference.is_empty


def test_versions_of_others_are_not_found(installation: Installation) -> None:
    job = installation.load("Places", pipe_upload(1))
    other = installation.load("Others", pipe_upload(1))
    stranger = installation.add_key("stranger", account_name="strangers")
    with pytest.raises(NotFound, match="no version"):
        compare_versions(installation.services, installation.key.account_id, "Places", job.id, other.id)
    with pytest.raises(NotFound, match="no data source"):
        compare_versions(installation.services, stranger.account_id, "Places", job.id, job.id)


def test_a_version_whose_files_are_gone_cannot_be_compared_right_now(installation: Installation) -> None:
    first, second = (installation.load("Places", pipe_upload(count)) for count in (1, 2))
    version = installation.versions("Places").find(first.id)
    assert version is not None
    installation.services.snapshots.delete(version.snapshot_id)
    with pytest.raises(Unavailable, match="cannot be read right now"):
        compare_versions(installation.services, installation.key.account_id, "Places", first.id, second.id)
