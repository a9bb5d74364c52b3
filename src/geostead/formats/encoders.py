"""Which writer encodes which format of a download; XML is not among them, the download job itself writes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, assert_never

from geostead.formats.delimited.writer import csv_chunks
from geostead.formats.geojson.writer import geojson_chunks
from geostead.formats.geoparquet.writer import OpenBatches, geoparquet_chunks
from geostead.model.entity_type import EntityType
from geostead.model.job import DataFormat

EncodedFormat = Literal[DataFormat.CSV, DataFormat.GEOJSON, DataFormat.GEOPARQUET]


def encode_entities(data_format: EncodedFormat, entity_type: EntityType, open_batches: OpenBatches) -> Iterator[bytes]:
    """Write entities piece by piece, in bounded memory. Loading the whole gives the same entities, bit for bit."""
    match data_format:
        case DataFormat.CSV:
            return csv_chunks(entity_type, open_batches())
        case DataFormat.GEOJSON:
            return geojson_chunks(entity_type, open_batches())
        case DataFormat.GEOPARQUET:
            return geoparquet_chunks(entity_type, open_batches)
        case _:
            assert_never(data_format)
