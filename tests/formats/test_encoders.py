"""What is written can be read again: the same type, the same ids, the same values, bit for bit."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings

from geostead.formats.encoders import EncodedFormat, encode_entities
from geostead.formats.rows.geographies import check_geographies
from geostead.model.entity_type import EntityType
from geostead.model.job import DataFormat, InputFormat
from geostead.snapshots.files import MANIFEST_FILE
from geostead.snapshots.store import FolderSnapshots
from geostead.wire.entities_json import render_fragments
from tests.entities import batch_of
from tests.formats.data_sources import data_sources
from tests.formats.reading import load, opened
from tests.strategies import ENTITY_TYPE, make_entities

FORMATS: tuple[EncodedFormat, ...] = (DataFormat.CSV, DataFormat.GEOJSON, DataFormat.GEOPARQUET)


def encoded(data_format: EncodedFormat, entity_type: EntityType, *batches: pa.RecordBatch) -> bytes:
    return b"".join(encode_entities(data_format, entity_type, lambda: batches))


@pytest.mark.parametrize("data_format", [DataFormat.CSV, DataFormat.GEOJSON])
@given(source=data_sources())
@settings(deadline=None, max_examples=100)
def test_text_formats_give_back_what_was_put_in(
    data_format: EncodedFormat, source: tuple[EntityType, pa.RecordBatch]
) -> None:
    check_round_trip(data_format, *source)


@given(source=data_sources())
@settings(deadline=None, max_examples=8)  # each starts a process
def test_geoparquet_gives_back_what_was_put_in(source: tuple[EntityType, pa.RecordBatch]) -> None:
    check_round_trip(DataFormat.GEOPARQUET, *source)


@pytest.mark.parametrize("data_format", FORMATS)
def test_a_snapshot_that_is_downloaded_and_loaded_again_has_the_same_manifest(
    data_format: EncodedFormat, tmp_path: Path
) -> None:
    store = FolderSnapshots(tmp_path, render_fragments)
    store.write("first-1", ENTITY_TYPE, [batch_of(ENTITY_TYPE, make_located(Random(5), 2_000))])
    first = store.open("first-1")

    upload = b"".join(encode_entities(data_format, first.entity_type, first.batches))
    reader = opened(upload, InputFormat(data_format.value))
    store.write("second-1", reader.entity_type, reader.batches())

    manifests = [(tmp_path / id_ / MANIFEST_FILE).read_bytes() for id_ in ("first-1", "second-1")]
    assert manifests[0] == manifests[1]


def make_located(random: Random, count: int) -> list[dict[str, object]]:
    """Make entities that a load would keep as they are.

    Ids are not blank; every geography has coordinates, and needs no repair.
    """
    entities = [
        entity | {"PlaceCode": f"{entity['PlaceCode']}-{n}"} for n, entity in enumerate(make_entities(random, count))
    ]
    shapes = shapely.from_wkb(np.array([entity.get("Outline") for entity in entities], dtype=object))
    mended = set(check_geographies(shapes, 100_000).repaired.tolist())
    return [
        entity
        for row, entity in enumerate(entities)
        if row not in mended and ("Outline" not in entity or "latitude" in entity)
    ]


def check_round_trip(data_format: EncodedFormat, entity_type: EntityType, entities: pa.RecordBatch) -> None:
    loaded = load(encoded(data_format, entity_type, entities), InputFormat(data_format.value))

    assert loaded.reader.entity_type == entity_type
    assert loaded.errors == []
    assert loaded.entities.equals(pa.Table.from_batches([entities]))
    for name in entity_type.names:  # equals() takes -0.0 for 0.0
        assert list(map(repr, loaded.entities.column(name).to_pylist())) == list(
            map(repr, entities.column(name).to_pylist())
        )
