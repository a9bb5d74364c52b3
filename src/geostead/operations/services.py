"""What operations work with: the ports, the clock and the id maker, handed in by the doors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from geostead.blobs.base import BlobStore, RemoteFiles
from geostead.catalog.base import Catalog
from geostead.geocoding.base import Geocoder
from geostead.model.engine import EntityEngine
from geostead.model.ids import IdMaker
from geostead.operations.recorded_uses import NO_USES, UseCounter
from geostead.routing.base import Router
from geostead.snapshots.base import SnapshotStore
from geostead.telemetry.meters import NO_METERS, Meters
from geostead.telemetry.tracing import NO_TRACING, Tracing

Clock = Callable[[], datetime]
"""Tells the time: aware, UTC."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything an operation may touch."""

    catalog: Catalog
    snapshots: SnapshotStore
    blobs: BlobStore
    remote: RemoteFiles
    router: Router
    geocoder: Geocoder | None
    """None: addresses cannot be looked up."""
    now: Clock
    new_id: IdMaker
    meters: Meters = NO_METERS
    tracing: Tracing = NO_TRACING
    uses: UseCounter = NO_USES
    engines: tuple[EntityEngine, ...] = (EntityEngine.SNAPSHOTS,)
    """What entities can be kept by; the first one where the data source does not say otherwise."""

    def close(self) -> None:
        """Let go of connections to databases."""
        self.catalog.close()
        self.snapshots.close()
