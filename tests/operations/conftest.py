"""An installation of its own for every test: small limits, a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from geostead.model.limits import PROFILES
from tests.installations import Installation, new_installation


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """500 entities in a data source, 100,000 bytes in an upload."""
    made = new_installation(tmp_path, replace(PROFILES["self-hosted"], entities=500, upload_bytes=100_000))
    yield made
    made.services.catalog.close()
