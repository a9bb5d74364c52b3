"""Which versions of a data source its service document and ``$metadata`` show (http-api.md, sections 4.3 and 4.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from geostead.model.data_source import DataSource, DataSourceVersions, Version


@dataclass(frozen=True, slots=True)
class ListedVersion:
    """A version with what its place among the others makes of it."""

    data_source: DataSource
    version: Version
    is_active: bool
    """Whether it is the published one."""
    is_staged: bool

    @property
    def is_public(self) -> bool:
        """Whether every valid key may query it, once it is published; a staged version is never public."""
        return self.data_source.is_public and not self.is_staged


def all_versions(source: DataSourceVersions) -> list[ListedVersion]:
    """Return the published version, the staged one, then the previous ones, last published first."""
    return list(_versions(source))


def shown_version(source: DataSourceVersions) -> ListedVersion:
    """Return the version that stands for its data source: the published one, else the staged one.

    Raises IndexError where there is no version at all.
    """
    return all_versions(source)[0]


def _versions(source: DataSourceVersions) -> Iterator[ListedVersion]:
    if source.published is not None:
        yield ListedVersion(source.data_source, source.published, is_active=True, is_staged=False)
    if source.staged is not None:
        yield ListedVersion(source.data_source, source.staged, is_active=False, is_staged=True)
    for version in source.previous:
        yield ListedVersion(source.data_source, version, is_active=False, is_staged=False)
