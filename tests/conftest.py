"""What tests of several rooms are handed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from geostead.blobs.fetch import HttpFiles
from geostead.blobs.folder import FolderBlobs
from geostead.catalog.sql_catalog import SqlCatalog
from geostead.model.ids import new_id
from geostead.operations.services import Services
from geostead.routing.straight import GreatCircles
from geostead.snapshots.store import FolderSnapshots
from geostead.wire.entities_json import render_fragments
from tests.installations import Clock

# How long an example takes says more about the machine than about the code.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def services(tmp_path: Path, clock: Clock) -> Iterator[Services]:
    """Everything an operation may touch, on a folder of its own; the clock stands still."""
    catalog = SqlCatalog(f"sqlite:///{tmp_path / 'catalog.sqlite'}", now=clock)
    catalog.migrate()
    snapshots = FolderSnapshots(tmp_path / "snapshots", render_fragments)
    yield Services(
        catalog, snapshots, FolderBlobs(tmp_path / "blobs"), HttpFiles(()), GreatCircles(), None, clock, new_id
    )
    catalog.close()
