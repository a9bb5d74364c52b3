"""Data sources and what queries look up, on every backend."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from geostead.catalog.base import Catalog
from geostead.errors import InvalidParameter, NotFound
from geostead.model.access import Account, Key
from geostead.model.data_source import DataSourceVersions
from geostead.model.engine import EntityEngine
from geostead.model.ids import new_id
from tests.builders import NOON, account_of, ending_of, key_of, load_of, reserved, version_of
from tests.conformance.conftest import OpenCatalog
from tests.conformance.steps import load, versions_of


def test_a_reserved_data_source_is_found_in_any_case_and_not_listed(catalog: Catalog, account: Account) -> None:
    data_source = reserved(account, "Shops", access_id="ab" * 16)
    catalog.reserve(data_source)
    expected = DataSourceVersions(data_source, None)
    assert catalog.find_by_name(account.id, "sHOPS") == expected
    assert catalog.find_data_source("AB" * 16, "SHOPS") == expected
    assert catalog.list_data_sources(account.id) == []


def test_a_name_is_taken_in_any_case_within_one_account(catalog: Catalog, account: Account) -> None:
    other = account_of("other")
    catalog.add_account(other, [])
    catalog.reserve(reserved(account, "Shops"))
    catalog.reserve(reserved(other, "Shops"))
    with pytest.raises(InvalidParameter, match="name: found 'SHOPS'"):
        catalog.reserve(reserved(account, "SHOPS"))


def test_an_access_id_is_taken_within_the_installation(catalog: Catalog, account: Account) -> None:
    other = account_of("other")
    catalog.add_account(other, [])
    catalog.reserve(reserved(account, "Shops", access_id="ab" * 16))
    with pytest.raises(InvalidParameter, match="access_id"):
        catalog.reserve(reserved(other, "Pubs", access_id="ab" * 16))


def test_a_data_source_needs_both_its_access_id_and_its_name(catalog: Catalog, account: Account) -> None:
    data_source = reserved(account, "Shops")
    catalog.reserve(data_source)
    assert catalog.find_data_source(data_source.access_id, "Pubs") is None
    assert catalog.find_data_source(new_id(), "Shops") is None
    assert catalog.find_by_name(new_id(), "Shops") is None


def test_data_sources_with_a_version_are_listed_by_name_ignoring_case(catalog: Catalog, key: Key) -> None:
    for name in ("zoos", "Pubs", "airports"):
        load(catalog, key, name)
    catalog.accept_load(load_of(key, "pending"))
    listed = catalog.list_data_sources(key.account_id)
    assert [found.data_source.name for found in listed] == ["airports", "Pubs", "zoos"]
    assert listed == [catalog.find_by_name(key.account_id, name) for name in ("airports", "Pubs", "zoos")]


def test_a_query_target_is_the_key_and_the_published_version(catalog: Catalog, key: Key) -> None:
    job = load(catalog, key)
    target = catalog.query_target(job.access_id.upper(), "sHoPs", key.digest)
    assert target.key == key
    assert target.versions == catalog.find_data_source(job.access_id, "Shops")
    assert target.versions is not None
    assert target.versions.published == version_of(job)
    assert target.owner == catalog.get_account(key.account_id)


def test_previous_versions_are_not_part_of_a_query_target(catalog: Catalog, key: Key) -> None:
    load(catalog, key)
    job = load(catalog, key)
    versions = catalog.query_target(job.access_id, "Shops", key.digest).versions
    assert versions is not None
    assert versions.published == version_of(job)
    assert versions.previous == ()


def test_an_unknown_key_and_an_unknown_data_source_are_none_in_a_query_target(catalog: Catalog, key: Key) -> None:
    job = load(catalog, key)
    assert catalog.query_target(job.access_id, "Shops", "0" * 64).key is None
    nothing = catalog.query_target(job.access_id, "Pubs", key.digest)
    assert (nothing.versions, nothing.owner) == (None, None)
    assert catalog.query_target(job.access_id, "Pubs", key.digest).key == key


def test_a_query_after_a_commit_of_the_same_catalog_sees_it(catalog: Catalog, account: Account, key: Key) -> None:
    data_source = reserved(account)
    assert catalog.query_target(data_source.access_id, "Shops", key.digest).versions is None
    catalog.reserve(data_source)
    found = catalog.query_target(data_source.access_id, "Shops", key.digest).versions
    assert found == DataSourceVersions(data_source, None)


def test_a_query_after_a_commit_of_another_catalog_sees_it(
    catalog: Catalog, open_catalog: OpenCatalog, key: Key
) -> None:
    other = open_catalog()
    job = load(catalog, key)
    for _ in range(5):
        before = other.query_target(job.access_id, "Shops", key.digest).versions
        job = load(catalog, key)
        after = other.query_target(job.access_id, "Shops", key.digest).versions
        assert before is not None
        assert after is not None
        assert after.published == version_of(job) != before.published


def test_a_query_after_a_revocation_in_another_catalog_sees_it(
    catalog: Catalog, open_catalog: OpenCatalog, key: Key
) -> None:
    assert catalog.query_target(new_id(), "Shops", key.digest).key == key
    revoked = open_catalog().revoke_key(key.account_id, key.name, NOON)
    assert catalog.query_target(new_id(), "Shops", key.digest).key == revoked


def test_queries_of_every_thread_see_every_commit(catalog: Catalog, key: Key) -> None:
    job = load(catalog, key)

    def published_id() -> str | None:
        versions = catalog.query_target(job.access_id, "Shops", key.digest).versions
        return None if versions is None or versions.published is None else versions.published.job_id

    with ThreadPoolExecutor(4) as threads:
        for _ in range(10):
            latest = load(catalog, key)
            assert {future.result() for future in [threads.submit(published_id) for _ in range(8)]} == {latest.id}


def test_a_query_key_and_a_master_key_of_a_data_source_are_kept(catalog: Catalog, account: Account, key: Key) -> None:
    query_key = key_of(account, "query")
    catalog.add_key(query_key)
    catalog.accept_load(load_of(key, query_key=query_key))
    job = catalog.claim("worker", 60)
    assert job is not None
    catalog.complete_load(job, "worker", version_of(job), ending_of())
    found = catalog.find_by_name(account.id, "Shops")
    assert found is not None
    assert (found.data_source.master_key_id, found.data_source.query_key_id) == (key.id, query_key.id)


def test_a_data_source_is_found_by_its_access_id_in_any_case_whoever_owns_it(catalog: Catalog, key: Key) -> None:
    other = account_of("other")
    catalog.add_account(other, [])
    job = load(catalog, key)
    theirs = reserved(other, access_id="ab" * 16)
    catalog.reserve(theirs)
    assert catalog.find_by_access_id(job.access_id.upper()) == versions_of(catalog, key)
    assert catalog.find_by_access_id("AB" * 16) == DataSourceVersions(theirs, None)
    assert catalog.find_by_access_id(new_id()) is None


def test_jobs_see_a_data_source_by_its_id(catalog: Catalog, key: Key) -> None:
    job = load(catalog, key)
    assert catalog.versions_of(job.data_source_id) == versions_of(catalog, key)
    assert catalog.versions_of(new_id()) is None


def test_every_data_source_of_an_account_is_listed_reserved_and_loading_ones_too(
    catalog: Catalog, account: Account, key: Key
) -> None:
    other = account_of("other")
    catalog.add_account(other, [])
    catalog.reserve(reserved(other, "theirs"))
    load(catalog, key, "zoos")
    catalog.reserve(reserved(account, "Reserved"))
    catalog.accept_load(load_of(key, "pending"))
    listed = catalog.list_every(account.id)
    assert [found.data_source.name for found in listed] == ["pending", "Reserved", "zoos"]
    assert listed[2] == versions_of(catalog, key, "zoos")


def test_the_engine_of_a_data_source_can_be_chosen_and_left_open_again(catalog: Catalog, account: Account) -> None:
    catalog.reserve(reserved(account, "Places"))
    assert catalog.set_engine(account.id, "PLACES", EntityEngine.POSTGIS).engine is EntityEngine.POSTGIS
    found = catalog.find_by_name(account.id, "Places")
    assert found is not None
    assert found.data_source.engine is EntityEngine.POSTGIS
    assert catalog.set_engine(account.id, "Places", None).engine is None
    with pytest.raises(NotFound):
        catalog.set_engine(account.id, "Elsewhere", None)
