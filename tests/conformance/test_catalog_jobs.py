"""Accepting jobs and looking at them, on every backend."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from geostead.catalog.base import Catalog
from geostead.errors import AccountFull, CredentialsExpired, NotAuthorized
from geostead.model.access import Account, Key
from geostead.model.job import AccessOrder, DeleteOrder, JobKind, JobStatus, PublishOrder, RollbackOrder
from geostead.model.limits import PROFILES, Limits
from tests.builders import NOON, account_of, download_of, ending_of, key_of, load_of, reserved, version_of
from tests.conformance.conftest import OpenCatalog
from tests.conformance.steps import change, claimed, found_job, load, ordered, stage


def key_with_limits(catalog: Catalog, **numbers: int | None) -> Key:
    """Add an account with these limits and return its key."""
    unlimited: Limits = PROFILES["self-hosted"].override(jobs_in_process=None)
    account = account_of("limited", unlimited.override(**numbers))
    key = key_of(account)
    catalog.add_account(account, [key])
    return key


def test_an_accepted_load_is_pending_and_found_by_its_id(catalog: Catalog, key: Key) -> None:
    load = load_of(key, "Shops", set_public=True, description="All our shops")
    job = catalog.accept_load(load)
    assert catalog.get_job(load.job_id) == job
    assert (job.id, job.kind, job.status) == (load.job_id, JobKind.LOAD, JobStatus.PENDING)
    assert (job.data_source_name, job.access_id, job.order) == ("Shops", load.access_id, load.order)
    assert (job.master_key_id, job.description, job.created_at) == (key.id, "All our shops", NOON)


def test_a_load_that_is_accepted_again_is_the_same_job(catalog: Catalog, key: Key) -> None:
    load = load_of(key, "Shops")
    job = catalog.accept_load(load)
    assert catalog.accept_load(replace(load, data_source_name="Others")) == job
    assert catalog.list_jobs(key.account_id, NOON - timedelta(days=1)) == [job]
    assert catalog.find_by_name(key.account_id, "Others") is None


def test_an_unknown_job_is_none(catalog: Catalog) -> None:
    assert catalog.get_job("0" * 32) is None


def test_the_first_load_makes_the_data_source_with_its_key_as_master_key(catalog: Catalog, key: Key) -> None:
    load = load_of(key, "Shops", description="of the load")
    catalog.accept_load(load)
    found = catalog.find_data_source(load.access_id, "Shops")
    assert found is not None
    assert found.published is None
    assert (found.data_source.id, found.data_source.master_key_id) == (load.data_source_id, key.id)
    assert (found.data_source.is_public, found.data_source.query_key_id, found.data_source.description) == (
        False,
        None,
        None,
    )


def test_a_load_into_an_existing_data_source_finds_it_in_any_case_and_keeps_its_name_and_access_id(
    catalog: Catalog, key: Key
) -> None:
    first = catalog.accept_load(load_of(key, "Shops"))
    second = catalog.accept_load(load_of(key, "SHOPS"))
    assert (second.data_source_id, second.access_id, second.data_source_name) == (
        first.data_source_id,
        first.access_id,
        "Shops",
    )


def test_two_accounts_may_have_data_sources_of_one_name(catalog: Catalog, key: Key) -> None:
    other = account_of("other")
    their_key = key_of(other)
    catalog.add_account(other, [their_key])
    ours, theirs = catalog.accept_load(load_of(key)), catalog.accept_load(load_of(their_key))
    assert ours.data_source_id != theirs.data_source_id


def test_only_the_master_key_may_load_into_an_existing_data_source(
    catalog: Catalog, account: Account, key: Key
) -> None:
    another = key_of(account, "another")
    catalog.add_key(another)
    catalog.accept_load(load_of(key, "Shops"))
    refused = load_of(another, "Shops")
    with pytest.raises(NotAuthorized, match="Shops"):
        catalog.accept_load(refused)
    assert catalog.get_job(refused.job_id) is None


def test_a_reserved_data_source_takes_the_key_of_its_first_load_as_master_key_and_keeps_its_access_id(
    catalog: Catalog, account: Account, key: Key
) -> None:
    data_source = reserved(account, "Shops")
    catalog.reserve(data_source)
    job = catalog.accept_load(load_of(key, "shops"))
    assert (job.access_id, job.data_source_name) == (data_source.access_id, "Shops")
    found = catalog.find_by_name(account.id, "Shops")
    assert found is not None
    assert found.data_source == replace(data_source, master_key_id=key.id)


def test_a_key_that_has_just_been_revoked_cannot_become_a_master_key(catalog: Catalog, key: Key) -> None:
    catalog.revoke_key(key.account_id, key.name, NOON)
    with pytest.raises(CredentialsExpired):
        catalog.accept_load(load_of(key))
    assert catalog.find_by_name(key.account_id, "Shops") is None


def test_data_sources_are_limited_and_reserved_ones_count(catalog: Catalog) -> None:
    key = key_with_limits(catalog, data_sources=2)
    catalog.reserve(reserved(catalog.get_account(key.account_id), "Reserved"))
    catalog.accept_load(load_of(key, "Shops"))
    with pytest.raises(AccountFull, match="data sources is 3; the maximum is 2"):
        catalog.accept_load(load_of(key, "Pubs"))
    with pytest.raises(AccountFull, match="data sources is 3; the maximum is 2"):
        catalog.check_load(load_of(key, "Pubs", at=NOON))
    catalog.check_load(load_of(key, "SHOPS", at=NOON))
    catalog.accept_load(load_of(key, "Reserved"))
    catalog.accept_load(load_of(key, "Shops"))


def test_jobs_in_process_are_limited_and_ended_ones_do_not_count(catalog: Catalog) -> None:
    key = key_with_limits(catalog, jobs_in_process=2)
    catalog.accept_load(load_of(key, "Shops"))
    catalog.accept_load(load_of(key, "Pubs"))
    with pytest.raises(AccountFull, match="jobs in process is 3; the maximum is 2"):
        catalog.accept_load(load_of(key, "Zoos"))
    with pytest.raises(AccountFull, match="jobs in process is 3; the maximum is 2"):
        catalog.check_load(load_of(key, "Shops", at=NOON))
    job = catalog.claim("worker", 60)
    assert job is not None
    catalog.complete_load(job, "worker", version_of(job), ending_of())
    catalog.accept_load(load_of(key, "Zoos"))


def test_a_load_that_is_refused_for_a_limit_leaves_no_data_source(catalog: Catalog) -> None:
    key = key_with_limits(catalog, jobs_in_process=0)
    with pytest.raises(AccountFull):
        catalog.accept_load(load_of(key, "Shops"))
    assert catalog.find_by_name(key.account_id, "Shops") is None


def test_jobs_of_the_last_24_hours_are_limited_and_aborted_ones_count(catalog: Catalog) -> None:
    key = key_with_limits(catalog, jobs_per_day=1)
    catalog.accept_load(load_of(key, at=NOON))
    job = catalog.claim("worker", 60)
    assert job is not None
    catalog.abort(job, "worker", "unreadable", ending_of())
    almost_a_day = timedelta(hours=23, minutes=59)
    with pytest.raises(AccountFull, match="jobs per day is 2; the maximum is 1"):
        catalog.accept_load(load_of(key, at=NOON + almost_a_day))
    with pytest.raises(AccountFull, match="jobs per day is 2; the maximum is 1"):
        catalog.check_load(load_of(key, "Shops", at=NOON + almost_a_day))
    catalog.check_load(load_of(key, "Shops", at=NOON + timedelta(hours=24)))
    catalog.accept_load(load_of(key, at=NOON + timedelta(hours=24)))


def test_limits_of_jobs_do_not_count_downloads_nor_other_accounts(catalog: Catalog, key: Key) -> None:
    limited = key_with_limits(catalog, jobs_in_process=2, jobs_per_day=2)
    theirs = catalog.accept_load(load_of(key))
    ours = catalog.accept_load(load_of(limited))
    catalog.accept_download(download_of(theirs))
    catalog.accept_download(download_of(ours))
    assert catalog.accept_load(load_of(limited)).status is JobStatus.PENDING


def test_the_newest_download_of_a_data_source_is_found_in_any_case(catalog: Catalog, key: Key) -> None:
    load = catalog.accept_load(load_of(key, "Shops"))
    other = catalog.accept_load(load_of(key, "Pubs"))
    older, newer = download_of(load), download_of(load)
    for job in (older, newer, download_of(other)):
        catalog.accept_download(job)
    assert catalog.newest_downloads(key.account_id, "sHOPS") == [newer]
    assert catalog.newest_downloads(key.account_id, "Zoos") == []
    assert catalog.newest_downloads("0" * 32, "Shops") == []


def test_of_the_data_sources_and_master_keys_that_a_name_has_had_each_gives_its_newest_download_newest_first(
    catalog: Catalog, account: Account, key: Key
) -> None:
    successor = key_of(account, "successor")
    catalog.add_key(successor)
    first = load(catalog, key)
    change(catalog, key, first, DeleteOrder(staged_only=False))
    second = load(catalog, successor)
    older, newer, other_key = download_of(first), download_of(first), download_of(first)
    downloads = [older, newer, replace(other_key, master_key_id=successor.id), download_of(second)]
    for job in downloads:
        catalog.accept_download(job)

    newest = catalog.newest_downloads(key.account_id, "Shops")

    assert [job.id for job in newest] == [job.id for job in downloads[:0:-1]]
    assert newest == [found_job(catalog, job) for job in newest]


def test_jobs_are_listed_pending_first_then_those_accepted_since_each_part_newest_first(
    catalog: Catalog, key: Key
) -> None:
    days = [NOON - timedelta(days=number) for number in range(5)]
    old_pending = catalog.accept_load(load_of(key, "Pending", at=days[4]))
    claimed(catalog)
    ended = [load(catalog, key, at=at) for at in (days[4], days[3], days[2], days[1])]
    new_pending = catalog.accept_load(load_of(key, at=days[0]))
    listed = catalog.list_jobs(key.account_id, since=days[3])
    assert [job.id for job in listed] == [new_pending.id, old_pending.id, ended[3].id, ended[2].id]
    assert listed == [found_job(catalog, job) for job in listed]


def test_jobs_are_listed_by_the_dates_that_they_show_and_those_of_one_moment_by_their_order(
    catalog: Catalog, key: Key
) -> None:
    moments = [NOON, NOON + timedelta(minutes=2), NOON + timedelta(minutes=1), NOON + timedelta(minutes=1)]
    ended = [load(catalog, key, at=at) for at in moments]
    pending = [catalog.accept_load(load_of(key, at=at)) for at in moments]
    listed = catalog.list_jobs(key.account_id, since=NOON - timedelta(days=1))
    newest_first = [1, 3, 2, 0]
    assert [job.id for job in listed] == [part[number].id for part in (pending, ended) for number in newest_first]


def test_the_job_list_has_every_kind_of_job_but_downloads(catalog: Catalog, key: Key) -> None:
    staged = stage(catalog, key)
    catalog.accept_download(download_of(staged))
    changes = [AccessOrder(is_public=True), PublishOrder(), RollbackOrder(staged.id), DeleteOrder(staged_only=False)]
    for order in changes:
        ordered(catalog, key, staged, order)
    listed = catalog.list_jobs(key.account_id, NOON - timedelta(days=1))
    assert [job.kind for job in listed] == [
        JobKind.DELETE,
        JobKind.ROLLBACK,
        JobKind.PUBLISH,
        JobKind.ACCESS,
        JobKind.LOAD,
    ]
    assert [job.order for job in listed[:3]] == changes[:0:-1]


def test_jobs_of_other_accounts_are_not_listed(catalog: Catalog, key: Key) -> None:
    other = account_of("other")
    catalog.add_account(other, [])
    load(catalog, key)
    assert catalog.list_jobs(other.id, NOON - timedelta(days=1)) == []


def test_a_load_from_a_location_keeps_the_location_and_whether_it_is_strict(catalog: Catalog, key: Key) -> None:
    asked = load_of(key)
    order = replace(asked.order, location="https://example.org/shops.csv?sig=1", strict=True)
    job = catalog.accept_load(replace(asked, order=order))
    assert found_job(catalog, job).order == order


@pytest.mark.parametrize("completes", [True, False])
def test_of_a_location_what_may_be_a_signature_is_forgotten_when_the_load_has_ended(
    catalog: Catalog, key: Key, completes: bool
) -> None:
    asked = load_of(key)
    order = replace(asked.order, location="https://example.org/shops.csv?sig=1")
    catalog.accept_load(replace(asked, order=order))
    job = claimed(catalog)
    if completes:
        catalog.complete_load(job, "worker", version_of(job), ending_of())
    else:
        catalog.abort(job, "worker", "no reason", ending_of())
    assert found_job(catalog, job).order == replace(order, location="https://example.org/shops.csv")


def test_of_two_loads_at_one_moment_only_as_many_are_accepted_as_the_limit_has_room_for(
    catalog: Catalog, open_catalog: OpenCatalog
) -> None:
    key = key_with_limits(catalog, jobs_in_process=10, data_sources=10)
    for number in range(8):
        catalog.accept_load(load_of(key, f"Shops{number}"))
    start = Barrier(4)

    def ask(name: str) -> bool:
        own = open_catalog()
        start.wait()
        try:
            own.accept_load(load_of(key, name))
        except AccountFull:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        accepted = list(threads.map(ask, ["a", "b", "c", "d"]))
    assert sorted(accepted) == [False, False, True, True]
    assert len(catalog.list_every(key.account_id)) == 10


def test_the_look_before_a_load_refuses_what_its_acceptance_would(catalog: Catalog, account: Account, key: Key) -> None:
    other = key_of(account, "other")
    catalog.add_key(other)
    catalog.accept_load(load_of(key))
    with pytest.raises(NotAuthorized):
        catalog.check_load(load_of(other))
    catalog.revoke_key(account.id, "other", NOON)
    with pytest.raises(CredentialsExpired):
        catalog.check_load(load_of(other, "Pubs"))


def test_the_look_before_a_load_records_nothing(catalog: Catalog, account: Account, key: Key) -> None:
    catalog.reserve(reserved(account, "Reserved"))
    before = catalog.revision()
    for name in ("Shops", "Reserved"):
        catalog.check_load(load_of(key, name))
    assert catalog.revision() == before
    assert catalog.find_by_name(account.id, "Shops") is None
