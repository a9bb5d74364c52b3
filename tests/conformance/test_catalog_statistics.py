"""What the catalog tells the metrics, on every backend."""

from __future__ import annotations

from geostead.catalog.base import Catalog
from geostead.model.access import Key
from geostead.model.job import AccessOrder, JobKind, LoadOperation
from tests.builders import download_of, load_of
from tests.conformance.steps import claimed, found_job, load, ordered, stage, versions_of
from tests.installations import Clock


def test_an_empty_catalog_has_nothing_to_tell(catalog: Catalog) -> None:
    told = catalog.statistics()
    assert (dict(told.waiting_jobs), dict(told.running_jobs), told.oldest_runnable_age_s) == ({}, {}, 0.0)
    assert (dict(told.data_sources), dict(told.versions), dict(told.entities)) == ({}, {}, {})


def test_pending_jobs_are_counted_by_kind_and_by_whether_somebody_runs_them(catalog: Catalog, key: Key) -> None:
    first = load(catalog, key)
    catalog.accept_load(load_of(key, "Shops"))
    catalog.accept_load(load_of(key, "Cafes"))
    catalog.accept_download(download_of(found_job(catalog, first)))
    claimed(catalog)
    told = catalog.statistics()
    assert dict(told.running_jobs) == {JobKind.LOAD: 1}
    assert dict(told.waiting_jobs) == {JobKind.LOAD: 1, JobKind.DOWNLOAD: 1}


def test_the_queue_is_as_old_as_the_oldest_job_that_only_waits_for_a_worker(
    catalog: Catalog, key: Key, clock: Clock
) -> None:
    catalog.accept_load(load_of(key, "Shops", at=clock()))
    clock.advance(10)
    assert catalog.statistics().oldest_runnable_age_s == 10
    claimed(catalog)
    catalog.accept_load(load_of(key, "Shops", at=clock()))
    clock.advance(5)
    assert catalog.statistics().oldest_runnable_age_s == 0, "a second load of one data source waits for the first"
    catalog.accept_load(load_of(key, "Cafes", at=clock()))
    clock.advance(2)
    assert catalog.statistics().oldest_runnable_age_s == 2


def test_versions_and_their_entities_are_counted_by_state_and_data_sources_by_access(
    catalog: Catalog, key: Key
) -> None:
    load(catalog, key, "Shops")
    latest = load(catalog, key, "Shops")
    stage(catalog, key, "Shops")
    load(catalog, key, "Cafes")
    ordered(catalog, key, latest, AccessOrder(is_public=True))
    catalog.accept_load(load_of(key, "Later", operation=LoadOperation.COMPLETE))
    told = catalog.statistics()
    each = versions_of(catalog, key).published
    assert each is not None
    assert dict(told.versions) == {"published": 2, "staged": 1, "previous": 1}
    assert dict(told.entities) == {state: count * each.entity_count for state, count in told.versions.items()}
    assert dict(told.data_sources) == {"public": 1, "private": 1}
