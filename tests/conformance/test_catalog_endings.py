"""What the end of a job does to its data source, on every backend."""

from dataclasses import replace
from datetime import timedelta

import pytest

from geostead.catalog.base import Catalog, Ending
from geostead.errors import InvalidParameter, OvertakenByEvents
from geostead.model.access import Account, Key
from geostead.model.data_source import DataSourceVersions
from geostead.model.job import JobStatus, LoadOperation, Progress
from tests.builders import NOON, download_of, ending_of, key_of, load_of, reserved, version_of
from tests.conformance.steps import claimed, completed, found_job, load, versions_of


def test_a_completed_load_is_published_with_its_job_in_one_step(catalog: Catalog, key: Key) -> None:
    catalog.accept_load(load_of(key))
    job = claimed(catalog)
    later = NOON + timedelta(minutes=5)
    catalog.complete_load(job, "worker", version_of(job), Ending(Progress(9, 9, 4), later, f"logs/{job.id}"))
    assert found_job(catalog, job) == replace(
        job,
        status=JobStatus.COMPLETED,
        completed_at=later,
        total_count=9,
        processed_count=9,
        failed_count=4,
        error_log=f"logs/{job.id}",
    )
    assert versions_of(catalog, key).published == version_of(job)


def test_three_previous_versions_are_kept_newest_first(catalog: Catalog, key: Key) -> None:
    loads = [load(catalog, key) for _ in range(6)]
    load(catalog, key, "Pubs")
    found = versions_of(catalog, key)
    assert found.published == version_of(loads[5])
    assert found.previous == (version_of(loads[4]), version_of(loads[3]), version_of(loads[2]))
    assert found.staged is None


def test_a_load_sets_publicity_query_key_and_description_when_it_completes(
    catalog: Catalog, account: Account, key: Key
) -> None:
    query_key = key_of(account, "query")
    catalog.add_key(query_key)
    catalog.accept_load(load_of(key, set_public=True, query_key=query_key, description="Ours"))
    before = versions_of(catalog, key).data_source
    assert (before.is_public, before.query_key_id, before.description) == (False, None, None)
    job = claimed(catalog)
    catalog.complete_load(job, "worker", version_of(job), ending_of())
    after = versions_of(catalog, key).data_source
    assert after == replace(before, is_public=True, query_key_id=query_key.id, description="Ours")


def test_a_load_that_does_not_say_leaves_publicity_query_key_and_description_as_they_are(
    catalog: Catalog, account: Account, key: Key
) -> None:
    query_key = key_of(account, "query")
    catalog.add_key(query_key)
    completed(catalog, catalog.accept_load(load_of(key, set_public=True, query_key=query_key, description="Ours")))
    before = versions_of(catalog, key).data_source
    load(catalog, key)
    assert versions_of(catalog, key).data_source == before
    completed(catalog, catalog.accept_load(load_of(key, set_public=False)))
    assert versions_of(catalog, key).data_source == replace(before, is_public=False)


@pytest.mark.parametrize("operation", [LoadOperation.COMPLETE, LoadOperation.COMPLETE_STAGING])
@pytest.mark.parametrize("ends", ["revoked", "expired"])
def test_a_load_whose_query_key_opens_nothing_any_more_changes_nothing_and_can_be_aborted(
    catalog: Catalog, account: Account, key: Key, operation: LoadOperation, ends: str
) -> None:
    query_key = replace(key_of(account, "query"), expires_at=NOON if ends == "expired" else None)
    catalog.add_key(query_key)
    load(catalog, key)
    before = versions_of(catalog, key)
    catalog.accept_load(load_of(key, set_public=True, query_key=query_key, operation=operation, description="Ours"))
    job = claimed(catalog)
    if ends == "revoked":
        catalog.revoke_key(account.id, "query", NOON - timedelta(minutes=1))

    with pytest.raises(OvertakenByEvents, match="query key"):
        catalog.complete_load(job, "worker", version_of(job), ending_of())

    assert found_job(catalog, job) == job
    assert versions_of(catalog, key) == before
    catalog.abort(job, "worker", "because", ending_of())
    assert versions_of(catalog, key) == before


def test_a_load_whose_query_key_has_become_the_master_key_and_expired_completes_without_it(
    catalog: Catalog, account: Account, key: Key
) -> None:
    brief = replace(key_of(account, "brief"), expires_at=NOON + timedelta(minutes=1))
    catalog.add_key(brief)
    catalog.accept_load(load_of(key, query_key=brief))
    catalog.set_master_key(account.id, "Shops", "brief", NOON)
    job = claimed(catalog)
    catalog.complete_load(job, "worker", version_of(job), ending_of(NOON + timedelta(minutes=2)))
    assert versions_of(catalog, key).data_source.query_key_id is None


def test_a_completed_download_names_its_output(catalog: Catalog, key: Key) -> None:
    download = download_of(load(catalog, key))
    catalog.accept_download(download)
    catalog.complete_download(claimed(catalog), "worker", f"downloads/{download.id}", ending_of())
    found = found_job(catalog, download)
    assert (found.status, found.output, found.completed_at) == (
        JobStatus.COMPLETED,
        f"downloads/{download.id}",
        NOON,
    )


def test_a_failed_first_load_frees_name_and_access_id_and_stays_readable_itself(
    catalog: Catalog, account: Account, key: Key
) -> None:
    catalog.accept_load(load_of(key, "Shops"))
    job = claimed(catalog)
    catalog.abort(job, "worker", "Line 1 is missing.", ending_of(error_log=f"logs/{job.id}"))
    assert catalog.find_by_name(key.account_id, "Shops") is None
    found = found_job(catalog, job)
    assert (found.status, found.error_message, found.error_log) == (
        JobStatus.ABORTED,
        "Line 1 is missing.",
        f"logs/{job.id}",
    )
    assert (found.master_key_id, found.data_source_name, found.failed_count) == (key.id, "Shops", 2)
    catalog.reserve(reserved(account, "SHOPS", access_id=job.access_id))
    catalog.revoke_key(key.account_id, key.name, NOON)


def test_a_failed_first_load_keeps_the_data_source_while_another_load_waits(catalog: Catalog, key: Key) -> None:
    catalog.accept_load(load_of(key))
    second = catalog.accept_load(load_of(key))
    catalog.abort(claimed(catalog), "worker", "unreadable", ending_of())
    job = claimed(catalog)
    assert job.id == second.id
    catalog.complete_load(job, "worker", version_of(job), ending_of())
    assert versions_of(catalog, key).published == version_of(job)


def test_the_last_of_several_failed_loads_removes_the_data_source(catalog: Catalog, key: Key) -> None:
    for _ in range(3):
        catalog.accept_load(load_of(key))
    for _ in range(3):
        assert catalog.find_by_name(key.account_id, "Shops") is not None
        catalog.abort(claimed(catalog), "worker", "unreadable", ending_of())
    assert catalog.find_by_name(key.account_id, "Shops") is None


def test_a_failed_load_leaves_the_published_version_as_it_was(catalog: Catalog, key: Key) -> None:
    load(catalog, key)
    before = versions_of(catalog, key)
    catalog.accept_load(load_of(key, set_public=True, description="never"))
    catalog.abort(claimed(catalog), "worker", "unreadable", ending_of())
    assert versions_of(catalog, key) == before


def test_a_reserved_data_source_outlives_a_failed_first_load_and_is_without_master_key_again(
    catalog: Catalog, account: Account, key: Key
) -> None:
    data_source = reserved(account)
    catalog.reserve(data_source)
    catalog.accept_load(load_of(key))
    with pytest.raises(InvalidParameter):
        catalog.revoke_key(account.id, key.name, NOON)
    catalog.abort(claimed(catalog), "worker", "unreadable", ending_of())
    assert versions_of(catalog, key) == DataSourceVersions(data_source, None)
    another = key_of(account, "another")
    catalog.add_key(another)
    assert catalog.accept_load(load_of(another)).access_id == data_source.access_id
