"""List the data sources of an account for its members, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from threading import Event
from typing import Any

from geostead.errors import SnapshotDamaged, SnapshotMissing, Unavailable
from geostead.model.data_source import DataSource, DataSourceVersions, Version
from geostead.operations.paging import ListPage, page_of
from geostead.operations.services import Services

_ASKED_AT_ONCE = 8


class ListOrder(StrEnum):
    """What a list is sorted by."""

    NAME = "name"
    ENTITIES = "entities"
    """Those with the most first."""
    UPDATED = "updated"
    """Those changed last first."""


@dataclass(frozen=True, slots=True)
class ListedDataSource:
    """A data source in a list."""

    versions: DataSourceVersions
    size_bytes: int | None
    """What its published version takes, or the staged one if there is no other; None where that cannot be told now."""

    @property
    def data_source(self) -> DataSource:
        """The data source itself."""
        return self.versions.data_source

    @property
    def shown(self) -> Version | None:
        """The published version, or the staged one if there is no other."""
        return shown_version(self.versions)

    @property
    def updated_at(self) -> datetime | None:
        """When a load last made a version of it; None: none has."""
        return last_update(self.versions)


def list_own(
    services: Services, account_id: str, search: str = "", order: ListOrder = ListOrder.NAME, number: int = 1
) -> ListPage[ListedDataSource]:
    """Return a page of the account's data sources whose name or description contains ``search``, in any case.

    Reserved ones and those whose first load is pending are among them.
    """
    wanted = search.strip().casefold()
    found = [each for each in services.catalog.list_every(account_id) if wanted in _searched(each.data_source)]
    found.sort(key=_SORT_KEYS[order])
    page = page_of(found, number)
    sizes = _sizes_bytes(services, [shown_version(each) for each in page.listed])
    return ListPage(tuple(map(ListedDataSource, page.listed, sizes)), page.count, page.number)


def shown_version(versions: DataSourceVersions) -> Version | None:
    """Return the published version, or the staged one if there is no other."""
    return versions.published or versions.staged


def last_update(versions: DataSourceVersions) -> datetime | None:
    """Return when a load last made a version that is there still; None if there is none."""
    return max((version.created_at for version in versions.every), default=None)


def _searched(data_source: DataSource) -> str:
    return f"{data_source.name}\n{data_source.description or ''}".casefold()


def _sizes_bytes(services: Services, versions: Sequence[Version | None]) -> list[int | None]:
    """Return the sizes of versions; whoever keeps them may be far away, and is not asked again where nobody answers."""
    is_gone = Event()

    def size_bytes(version: Version | None) -> int | None:
        if version is None or is_gone.is_set():
            return None
        try:
            return services.snapshots.size_bytes(version.snapshot_id)
        except Unavailable:
            is_gone.set()
            return None
        except (SnapshotMissing, SnapshotDamaged):
            return None  # all the rest of the list is as good as ever

    with ThreadPoolExecutor(_ASKED_AT_ONCE, thread_name_prefix="sizes") as threads:
        return list(threads.map(size_bytes, versions))


def _by_name(versions: DataSourceVersions) -> tuple[Any, ...]:
    return (versions.data_source.name.lower(),)


def _by_entities(versions: DataSourceVersions) -> tuple[Any, ...]:
    shown = shown_version(versions)
    return (1 if shown is None else -shown.entity_count, *_by_name(versions))


def _by_update(versions: DataSourceVersions) -> tuple[Any, ...]:
    updated_at = last_update(versions)
    return (-updated_at.timestamp() if updated_at else 0.0, *_by_name(versions))


_SORT_KEYS: dict[ListOrder, Callable[[DataSourceVersions], tuple[Any, ...]]] = {
    ListOrder.NAME: _by_name,
    ListOrder.ENTITIES: _by_entities,
    ListOrder.UPDATED: _by_update,
}
