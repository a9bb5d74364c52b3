"""What is written can be read again: the same type, the same ids, the same values, bit for bit."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings

from geostead.formats.encoders import EncodedFormat, encode_entities
from geostead.model.entity_type import EntityType
from geostead.model.job import DataFormat, InputFormat
from tests.formats.data_sources import data_sources
from tests.formats.reading import load

FORMATS: tuple[EncodedFormat, ...] = (DataFormat.CSV, DataFormat.GEOJSON, DataFormat.GEOPARQUET)


def encoded(data_format: EncodedFormat, entity_type: EntityType, *batches: pa.RecordBatch) -> bytes:
    return b"".join(encode_entities(data_format, entity_type, lambda: batches))


@pytest.mark.parametrize("data_format", FORMATS)
@given(source=data_sources())
@settings(deadline=None, max_examples=100)
def test_every_format_gives_back_what_was_put_in(
    data_format: EncodedFormat, source: tuple[EntityType, pa.RecordBatch]
) -> None:
    entity_type, entities = source

    loaded = load(encoded(data_format, entity_type, entities), InputFormat(data_format.value))

    assert loaded.reader.entity_type == entity_type
    assert loaded.errors == []
    assert loaded.entities.equals(pa.Table.from_batches([entities]))
    for name in entity_type.names:  # equals() takes -0.0 for 0.0
        assert list(map(repr, loaded.entities.column(name).to_pylist())) == list(
            map(repr, entities.column(name).to_pylist())
        )
