"""Where what is kept is kept: files, objects, tables."""

from __future__ import annotations

import hashlib
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from geostead.blobs.base import BlobStore
from geostead.blobs.folder import FolderBlobs
from geostead.blobs.objects import ObjectBlobs
from geostead.model.engine import EntityEngine
from geostead.ownership.base import Place
from geostead.ownership.folder import FolderPlace
from geostead.ownership.objects import ObjectPlace
from geostead.settings import Settings
from geostead.snapshots.base import SnapshotStore
from geostead.snapshots.store import FolderSnapshots
from geostead.telemetry.meters import NO_METERS, Meters
from geostead.wire.entities_json import render_fragments

if TYPE_CHECKING:
    from geostead.objects.cloud import CloudObjects
    from geostead.snapshots.objects import ObjectSnapshots


def build_snapshots(settings: Settings, meters: Meters = NO_METERS) -> FolderSnapshots | ObjectSnapshots:
    """Build the store of snapshots: a folder, or an object store with a cache on this node."""
    folder = settings.store_folder
    if folder is not None:
        return FolderSnapshots(folder / "snapshots", render_fragments, meters)
    from geostead.snapshots.node_cache import NodeCache
    from geostead.snapshots.objects import ObjectSnapshots

    assert settings.store_url is not None
    # A folder for each store: installations that share a machine must not take each other's snapshots for needless.
    name = hashlib.sha256(settings.store_url.encode()).hexdigest()[:16]
    cache = NodeCache((settings.cache_dir or settings.data_dir / "cache") / name, settings.cache_bytes, meters)
    return ObjectSnapshots(build_objects(settings), cache, render_fragments, meters)


def tidy_cache(settings: Settings) -> None:
    """Remove what killed processes of this node left in its cache. Raises OSError where that is not possible."""
    snapshots = build_snapshots(settings)
    if not isinstance(snapshots, FolderSnapshots):
        snapshots.sweep()


def build_entities(settings: Settings, meters: Meters) -> SnapshotStore:
    """Build the store of snapshots; with PostGIS beside it where there is a database for entities."""
    files = build_snapshots(settings, meters)
    if settings.postgis_url is None:
        return files
    from geostead.snapshots.by_engine import ByEngine
    from geostead.snapshots.postgis.store import PostgisSnapshots

    replica_url = settings.entities_replica_url
    return ByEngine(files, PostgisSnapshots(settings.postgis_url, render_fragments, replica_url, meters))


def build_blobs(settings: Settings) -> BlobStore:
    """Build the store of blobs: a folder, or an object store."""
    folder = settings.store_folder
    if folder is not None:
        return FolderBlobs(folder / "blobs")
    return ObjectBlobs(build_objects(settings), settings.data_dir / "spool")


def build_objects(settings: Settings) -> CloudObjects:
    """Build the client of the object store that the settings name. Raises UnfitStore."""
    from geostead.objects.cloud import CloudObjects  # most installations can do without

    assert settings.store_url is not None
    return CloudObjects(settings.store_url)


def check_store(settings: Settings) -> None:
    """Return if the object store, where the settings name one, can be used. Raises Unavailable, or UnfitStore."""
    if settings.store_folder is None:
        build_objects(settings).check()


def check_entities(settings: Settings) -> None:
    """Return if the database for entities, where one is asked for, can be used. Raises Unavailable, or Unfit."""
    if settings.postgis_url is None or (settings.entities_url is None and settings.entities != EntityEngine.POSTGIS):
        return
    from geostead.snapshots.postgis.store import PostgisSnapshots

    with closing(PostgisSnapshots(settings.postgis_url, render_fragments)) as store:
        store.try_out()


def build_places(settings: Settings) -> list[Place]:
    """Build the places that files of the installation are kept in: each belongs to one installation."""
    places = [_store_place(settings)]
    if settings.postgis_url is not None:
        from geostead.snapshots.postgis.place import PostgisPlace

        places.append(PostgisPlace(settings.postgis_url))
    return places


def _store_place(settings: Settings) -> Place:
    folder = settings.store_folder
    if folder is None:
        objects = build_objects(settings)
        from geostead.snapshots.stored_files import stored_ids

        return ObjectPlace(objects, objects.url, partial(stored_ids, objects))
    if settings.database_url is None and folder == settings.data_dir:
        return FolderPlace(folder, tuple)  # whatever is in it has come with the catalog, which is in it too
    return FolderPlace(folder, FolderSnapshots(folder / "snapshots", render_fragments).ids)
