"""Shops, and snapshots of them in an object store whose traffic can be watched, broken and held up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.objects.base import ObjectStore, StoredObject
from geostead.snapshots.base import Snapshot
from geostead.snapshots.node_cache import NodeCache
from geostead.snapshots.objects import ObjectSnapshots
from tests.entities import Entity, batch_of

SHOP = EntityType.declare(
    "Shop",
    [
        Property("ShopId", EdmType.STRING),
        Property("Name", EdmType.STRING),
        Property("Latitude", EdmType.DOUBLE),
        Property("Longitude", EdmType.DOUBLE),
    ],
    ["ShopId"],
)
SHOPS: list[Entity] = [
    {"ShopId": "b", "Name": "Bakery", "Latitude": 48.0, "Longitude": 11.0},
    {"ShopId": "a", "Name": "Atelier", "Latitude": 48.1, "Longitude": 11.1},
    {"ShopId": "ä", "Name": "", "Latitude": None, "Longitude": None},
]


class WatchedObjects:
    """A real store, behind what a test wants to know and to go wrong."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects
        self.calls: Counter[str] = Counter()
        """How often each method was called."""
        self.fetched: Counter[str] = Counter()
        """How often each object was fetched."""
        self.after_fetch: Callable[[str, Path], None] = lambda _name, _path: None
        self.before_create: Callable[[], None] = lambda: None

    def create(self, name: str, data: bytes) -> bool:
        self.before_create()
        return self._objects.create(name, data)

    def put(self, name: str, data: bytes) -> None:
        self._objects.put(name, data)

    def put_file(self, name: str, path: Path, sha256: str) -> None:
        self.calls["put_file"] += 1
        self._objects.put_file(name, path, sha256)

    def fetch_file(self, name: str, path: Path) -> None:
        self.fetched[name] += 1
        self._objects.fetch_file(name, path)
        self.after_fetch(name, path)

    def read(self, name: str) -> bytes:
        self.calls["read"] += 1
        return self._objects.read(name)

    def open(self, name: str) -> BinaryIO:
        return self._objects.open(name)

    def size_bytes(self, name: str) -> int:
        return self._objects.size_bytes(name)

    def delete(self, name: str) -> None:
        self.calls["delete"] += 1
        self._objects.delete(name)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        return self._objects.list(prefix)

    def now(self) -> datetime:
        return self._objects.now()


def render_ids(rows: pa.RecordBatch, entity_type: EntityType) -> pa.Array:
    return rows.column(entity_type.key_name).cast(pa.large_binary())


def store_on(objects: ObjectStore, cache: Path, limit_bytes: int = 10**9) -> ObjectSnapshots:
    """What one process of a node works with."""
    return ObjectSnapshots(objects, NodeCache(cache, limit_bytes), render_ids)


def shops(name: str, count: int = 3) -> list[Entity]:
    return [{"ShopId": f"{name}{i}", "Name": name, "Latitude": 48.0, "Longitude": 11.0} for i in range(count)]


def write_shops(store: ObjectSnapshots, snapshot_id: str, count: int = 3) -> None:
    """Write a snapshot whose entities tell which one it is."""
    store.write(snapshot_id, SHOP, [batch_of(SHOP, shops(snapshot_id, count))])


def ids_of(snapshot: Snapshot) -> list[str]:
    return [i for batch in snapshot.batches() for i in batch.column("ShopId").to_pylist()]
