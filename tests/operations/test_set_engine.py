"""The operator chooses what keeps the entities of a data source; what is there stays where it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from geostead.errors import InvalidParameter, NotFound
from geostead.model.engine import EntityEngine, engine_of
from geostead.model.job import JobStatus, LoadOperation
from geostead.operations.expire import expire
from geostead.operations.set_engine import set_engine
from geostead.snapshots.by_engine import ByEngine
from geostead.snapshots.postgis.store import PostgisSnapshots
from geostead.wire.entities_json import render_fragments
from tests.installations import Installation
from tests.uploads import pipe_upload

INCREMENTAL = LoadOperation.INCREMENTAL


@pytest.fixture
def with_both(installation: Installation, postgis_url: str) -> Iterator[Installation]:
    services = installation.services
    snapshots = ByEngine(services.snapshots, PostgisSnapshots(postgis_url, render_fragments))
    engines = (EntityEngine.SNAPSHOTS, EntityEngine.POSTGIS)
    installation.services = replace(services, snapshots=snapshots, engines=engines)
    yield installation
    snapshots.close()


def engines_of(installation: Installation) -> list[EntityEngine]:
    return [engine_of(version.snapshot_id) for version in installation.versions("Places").every]


def test_loads_go_to_the_engine_that_is_chosen_and_versions_stay_where_they_are(with_both: Installation) -> None:
    with_both.load("Places", pipe_upload(2))
    set_engine(with_both.services, "owner", "PLACES", EntityEngine.POSTGIS)
    assert engines_of(with_both) == [EntityEngine.SNAPSHOTS]
    with_both.load("Places", pipe_upload(3))
    set_engine(with_both.services, "owner", "Places", None)
    assert with_both.load("Places", pipe_upload(4), INCREMENTAL).status is JobStatus.COMPLETED
    assert engines_of(with_both) == [EntityEngine.SNAPSHOTS, EntityEngine.POSTGIS, EntityEngine.SNAPSHOTS]
    assert [len(with_both.ids_of(version)) for version in with_both.versions("Places").every] == [4, 3, 2]


def test_what_no_version_needs_any_more_goes_from_both_engines(with_both: Installation) -> None:
    for count, engine in enumerate([*EntityEngine] * 4, start=1):
        with_both.load("Places", pipe_upload(count))
        set_engine(with_both.services, "owner", "Places", engine)
    expire(with_both.services)
    kept = {version.snapshot_id for version in with_both.versions("Places").every}
    assert set(with_both.services.snapshots.ids()) == kept
    assert {engine_of(snapshot_id) for snapshot_id in kept} == set(EntityEngine)


def test_an_engine_that_the_installation_does_not_have_cannot_be_chosen(
    installation: Installation, tmp_path: Path
) -> None:
    installation.load("Places", pipe_upload(1))
    with pytest.raises(InvalidParameter, match="GEOSTEAD_ENTITIES_URL"):
        set_engine(installation.services, "owner", "Places", EntityEngine.POSTGIS)
    for account, name in (("owner", "Elsewhere"), ("nobody", "Places")):
        with pytest.raises(NotFound):
            set_engine(installation.services, account, name, EntityEngine.SNAPSHOTS)


@pytest.mark.parametrize("operation", [LoadOperation.COMPLETE, INCREMENTAL])
def test_a_load_for_an_engine_that_was_taken_away_is_aborted_with_the_reason_and_files_keep_nothing_in_its_name(
    with_both: Installation, operation: LoadOperation
) -> None:
    with_both.load("Places", pipe_upload(1))
    set_engine(with_both.services, "owner", "Places", EntityEngine.POSTGIS)
    with_both.services = replace(with_both.services, engines=(EntityEngine.SNAPSHOTS,))

    job = with_both.load("Places", pipe_upload(2), operation)

    assert job.status is JobStatus.ABORTED
    assert job.error_message is not None
    assert "is to be kept in postgis" in job.error_message
    assert engines_of(with_both) == [EntityEngine.SNAPSHOTS]
    assert len(list(with_both.services.snapshots.ids())) == 1
    set_engine(with_both.services, "owner", "Places", None)
    assert with_both.load("Places", pipe_upload(2), operation).status is JobStatus.COMPLETED
