from __future__ import annotations

from collections.abc import Iterator

import pytest

from geostead.geocoding.places import Places
from tests.geocoding.fake_service import FakeService, serving
from tests.geocoding.places_index import shared_folder


@pytest.fixture(scope="session")
def places() -> Iterator[Places]:
    places = Places(shared_folder())
    yield places
    places.close()


@pytest.fixture
def service() -> Iterator[FakeService]:
    with serving() as service:
        yield service
