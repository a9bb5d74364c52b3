"""How jobs end that meet what they cannot help."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from geostead.model.engine import EntityEngine
from geostead.model.job import JobStatus, LoadOperation, snapshot_of
from geostead.objects.base import ObjectStore
from geostead.snapshots.node_cache import NodeCache
from geostead.snapshots.objects import ObjectSnapshots
from geostead.snapshots.postgis.store import PostgisSnapshots
from geostead.wire.entities_json import render_fragments
from tests.entities import batch_of
from tests.installations import Installation, new_installation
from tests.snapshots.stored import SHOP
from tests.uploads import changes_upload, pipe_upload


@pytest.fixture(params=["folder", "objects", "postgis"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """An installation whose snapshots are kept in one way or another."""
    made = new_installation(tmp_path)
    if request.param == "objects":
        objects: ObjectStore = request.getfixturevalue("objects")
        node = ObjectSnapshots(objects, NodeCache(tmp_path / "cache", 10**9), render_fragments)
        made.services = replace(made.services, snapshots=node)
    elif request.param == "postgis":
        database = PostgisSnapshots(request.getfixturevalue("postgis_url"), render_fragments)
        made.services = replace(made.services, snapshots=database, engines=(EntityEngine.POSTGIS,))
    with closing(made.services):
        yield made


@pytest.mark.parametrize("operation", [LoadOperation.COMPLETE, LoadOperation.INCREMENTAL])
def test_an_attempt_that_a_database_which_was_set_back_counts_again_gets_the_next_number_and_replaces_nothing(
    site: Installation, operation: LoadOperation
) -> None:
    site.load("Places", pipe_upload(3))
    snapshots = site.services.snapshots
    change = changes_upload("P0000001|||||true") if operation.is_incremental else pipe_upload(2)
    job = site.accept_load("Places", change, operation)
    lost = [snapshot_of(job.id, attempt, site.services.engines[0]) for attempt in (1, 2)]
    for snapshot_id in lost:
        snapshots.write(snapshot_id, SHOP, [batch_of(SHOP, [{"ShopId": "before the failover"}])])
    site.run_all()
    ended = site.job(job.id)
    assert (ended.status, ended.attempt, ended.error_message) == (JobStatus.COMPLETED, 3, None)
    assert len(site.entity_ids(ended)) == 2
    assert set(lost) & site.services.catalog.used_snapshots() == set()
    assert [snapshots.open(snapshot_id).entity_count for snapshot_id in lost] == [1, 1]
