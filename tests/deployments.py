"""What installations of tests run on: chosen once for all black-box tests by ``GEOSTEAD_TEST_DEPLOYMENT``.

``single`` is ``geostead serve`` on a folder. The others are clusters, three HTTP servers and three workers behind
HAProxy: ``sqlite-folder`` on one folder that they share, ``postgresql-s3`` and ``postgis-s3`` on servers, where each
process has a folder of its own that does not matter. An installation is named by its folder everywhere: the first
command that is run for a folder makes the database and the place in the bucket that belong to it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.backing_servers import Backing


class Deployment(Enum):
    """What an installation is made of."""

    SINGLE = "single"
    SQLITE_FOLDER = "sqlite-folder"
    POSTGRESQL_S3 = "postgresql-s3"
    POSTGIS_S3 = "postgis-s3"

    @property
    def is_cluster(self) -> bool:
        """Whether there are several servers behind a proxy."""
        return self is not Deployment.SINGLE

    @property
    def is_folder(self) -> bool:
        """Whether everything that is kept lies in one folder."""
        return self in (Deployment.SINGLE, Deployment.SQLITE_FOLDER)


DEPLOYMENT = Deployment(os.environ.get("GEOSTEAD_TEST_DEPLOYMENT", "single"))
"""What the tests of this run are run on."""


def only_in_a_folder(why: str) -> pytest.MarkDecorator:
    """Skip a test, for the reason given, where what is kept does not lie in a folder."""
    return pytest.mark.skipif(not DEPLOYMENT.is_folder, reason=f"{why}; this is {DEPLOYMENT.value}")


def variables_of(data_dir: Path) -> Mapping[str, str]:
    """Return the variables that lead a process to the installation of a folder; make what is not there yet."""
    if DEPLOYMENT.is_folder:
        return {}
    return _backing(data_dir).variables


def catalog_url(data_dir: Path) -> str:
    """Return the URL of an installation's catalog, for SQLAlchemy."""
    url = variables_of(data_dir).get("GEOSTEAD_DATABASE_URL", f"sqlite:///{data_dir / 'catalog.sqlite3'}")
    return url.replace("postgresql://", "postgresql+psycopg://")


def kept(data_dir: Path, area: str) -> list[str]:
    """Return the names of what an installation keeps in an area, such as ``snapshots`` or ``blobs/uploads``."""
    if DEPLOYMENT.is_folder:
        return sorted(path.name for path in (data_dir / area).glob("*"))
    return _backing(data_dir).names(area)


def _backing(data_dir: Path) -> Backing:
    from tests.backing_servers import backing_of  # most test runs can do without them

    return backing_of(data_dir, with_entities=DEPLOYMENT is Deployment.POSTGIS_S3)
