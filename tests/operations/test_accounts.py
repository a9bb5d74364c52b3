"""What an operator does with accounts: look at them, change their limits, delete them."""

from __future__ import annotations

import pytest

from geostead.errors import AccountFull, InvalidParameter, NotFound
from geostead.model.access import digest_of
from geostead.model.job import LoadOperation
from geostead.model.limits import PROFILES, Usage
from geostead.operations.delete_account import delete_account
from geostead.operations.delete_data_source import delete_data_source
from geostead.operations.describe_account import describe_account
from geostead.operations.expire import expire
from geostead.operations.reserve_data_source import reserve_data_source
from geostead.operations.set_limits import set_limits
from tests.installations import Installation
from tests.uploads import pipe_upload

ACCESS_ID = "0123456789abcdef0123456789abcdef"
DAY_S = 86_400.0


class TestDescribingAnAccount:
    """Usage is counted as the limits count it."""

    def test_jobs_are_those_that_are_pending_and_those_of_the_last_24_hours(self, installation: Installation) -> None:
        installation.load("Old", pipe_upload(1))
        installation.clock.advance(DAY_S)
        installation.load("New", pipe_upload(1))
        installation.load("New", b"unreadable")
        installation.accept_load("New", pipe_upload(2))

        usage = describe_account(installation.services, "owner").usage

        assert usage == Usage(jobs_in_process=1, jobs_per_day=3, data_sources=2)

    def test_a_job_that_is_pending_for_days_is_in_process(self, installation: Installation) -> None:
        installation.accept_load("Places", pipe_upload(1))
        installation.clock.advance(3 * DAY_S)
        usage = describe_account(installation.services, "owner").usage
        assert (usage.jobs_in_process, usage.jobs_per_day) == (1, 0)

    def test_data_sources_are_also_those_without_a_version(self, installation: Installation) -> None:
        reserve_data_source(installation.services, "owner", "Reserved", ACCESS_ID)
        installation.accept_load("Loading", pipe_upload(1))
        installation.load("Staged", pipe_upload(1), LoadOperation.COMPLETE_STAGING)
        found = describe_account(installation.services, "owner").data_sources
        assert [versions.data_source.name for versions in found] == ["Loading", "Reserved", "Staged"]

    def test_the_usage_is_what_the_limits_are_checked_against(self, installation: Installation) -> None:
        installation.accept_load("A", pipe_upload(1))
        deleted = installation.load("Deleted", pipe_upload(1))
        delete_data_source(installation.services, installation.key, deleted.access_id, "Deleted", staged_only=False)
        usage = describe_account(installation.services, "owner").usage.to_dict()
        assert usage == {"jobs_in_process": 1, "jobs_per_day": 3, "data_sources": 2}
        for name, used in usage.items():
            set_limits(installation.services, "owner", PROFILES["self-hosted"], {name: used})
            with pytest.raises(AccountFull):
                installation.accept_load("B", pipe_upload(1))
        set_limits(installation.services, "owner", None, {name: used + 1 for name, used in usage.items()})
        installation.accept_load("B", pipe_upload(1))

    def test_a_key_knows_of_what_it_is_the_master(self, installation: Installation) -> None:
        installation.load("Places", pipe_upload(1))
        query = installation.add_key("query")
        description = describe_account(installation.services, "owner")
        assert description.mastered_by(installation.key) == ["Places"]
        assert description.mastered_by(query) == []
        assert (description.key_name(query.id), description.key_name(None)) == ("query", None)

    def test_an_unknown_account_is_not_found(self, installation: Installation) -> None:
        with pytest.raises(NotFound, match="nobody"):
            describe_account(installation.services, "nobody")


class TestSettingLimits:
    """Numbers that are not named stay, unless a profile is."""

    def test_a_number_is_replaced_and_the_others_stay(self, installation: Installation) -> None:
        before = describe_account(installation.services, "owner").account.limits
        changed = set_limits(installation.services, "owner", None, {"query_points": 7, "jobs_per_day": 3})
        assert changed.limits.changes(before) == {"query_points": 7, "jobs_per_day": 3}
        assert describe_account(installation.services, "owner").account == changed

    def test_a_profile_replaces_all_numbers_but_those_that_are_given(self, installation: Installation) -> None:
        basic = PROFILES["basic"]
        changed = set_limits(installation.services, "owner", basic, {"data_sources": None})
        assert changed.limits.changes(basic) == {"data_sources": None}

    def test_a_number_that_it_may_not_be_changes_nothing(self, installation: Installation) -> None:
        before = describe_account(installation.services, "owner").account
        with pytest.raises(InvalidParameter, match="entities: found '0'"):
            set_limits(installation.services, "owner", None, {"query_points": 1, "entities": 0})
        assert describe_account(installation.services, "owner").account == before

    def test_what_an_account_has_beyond_its_new_limits_stays(self, installation: Installation) -> None:
        job = installation.load("Places", pipe_upload(3))
        set_limits(installation.services, "owner", None, {"data_sources": 0, "entities": 1})
        assert len(installation.entity_ids(job)) == 3
        with pytest.raises(AccountFull):
            installation.accept_load("More", pipe_upload(1))


class TestDeletingAnAccount:
    """All of it goes, and nothing else."""

    def test_its_keys_are_unknown_and_its_files_go_with_the_next_chores_for_which_there_is_an_account(
        self, installation: Installation
    ) -> None:
        job = installation.load("Places", pipe_upload(3, bad_rows=1))
        installation.accept_load("Places", pipe_upload(1))
        services = installation.services

        assert delete_account(services, "owner").name == "owner"

        assert services.catalog.list_accounts() == []
        assert services.catalog.find_key(digest_of("the key")) is None
        assert services.catalog.find_data_source(job.access_id, "Places") is None
        assert services.catalog.get_job(job.id) is None
        assert expire(services).counts["blobs"] == 0, "what looks like this may be a restore that has begun"
        installation.add_key("theirs", account_name="other")
        counts = expire(services).counts
        assert (counts["blobs"], counts["snapshots"]) == (2, 1)

    def test_another_account_stays_as_it_is(self, installation: Installation) -> None:
        installation.add_key("theirs", account_name="other")
        job = installation.load("Places", pipe_upload(3))
        delete_account(installation.services, "other")
        assert len(installation.entity_ids(job)) == 3
        assert installation.services.catalog.find_key(digest_of("theirs")) is None

    def test_an_unknown_account_is_not_found(self, installation: Installation) -> None:
        with pytest.raises(NotFound, match="nobody"):
            delete_account(installation.services, "nobody")
