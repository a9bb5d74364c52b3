"""What :mod:`geostead.formats.shapefile.process` reads, for the process that asked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from geostead.formats.gis.reader_process import ReaderProcess, open_process
from geostead.model.entity_type import EdmType

_PROCESS = ReaderProcess(
    "geostead.formats.shapefile.process",
    "shapefile",
    {
        "SHAPE_ENCODING": "ISO-8859-1",  # a character for each byte, so that no byte of a text is lost
        "GDAL_DRIVER_PATH": "disable",
        "CPL_DEBUG": "OFF",
        "CPL_LOG": os.devnull,
    },
)


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer, opened."""

    properties: list[tuple[str, EdmType]]
    """Names, with a character for each byte, and types."""
    batches: Iterator[pa.RecordBatch]
    """``record`` from 0; ``wkb`` in WGS 84, null where there is no shape, not WKB where one cannot be read; and
    a column of texts for each property.

    Raises UnreadableUpload where the files are damaged.
    """


@contextmanager
def open_layer(folder: Path) -> Iterator[Layer]:
    """Read the layer in a folder of :mod:`geostead.formats.shapefile.archive`.

    Raises UnreadableUpload where it cannot be read, Unavailable where the process was stopped by somebody else.
    """
    with open_process(_PROCESS, [str(folder)], folder=folder) as output:
        properties = [(name, EdmType(edm_type)) for name, edm_type in output.head["properties"]]
        yield Layer(properties, output.batches)
