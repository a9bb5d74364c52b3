"""The parent's end of :mod:`geostead.formats.shapefile_process`: starts it, reads what it writes, and ends it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pyarrow as pa

from geostead.errors import Unavailable, UnreadableUpload
from geostead.model.entity_type import EdmType

_PROCESS = "geostead.formats.shapefile_process"
_PASSED_ON = ("LD_LIBRARY_PATH", "PATH", "PYTHONPATH", "TMPDIR")
_ENVIRONMENT = {
    "SHAPE_ENCODING": "ISO-8859-1",  # a character for each byte, so that no byte of a text is lost
    "SHAPE_RESTORE_SHX": "YES",
    "GDAL_DRIVER_PATH": "disable",
    "PROJ_NETWORK": "OFF",
    "CPL_DEBUG": "OFF",
    "CPL_LOG": os.devnull,
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
_MAX_HEAD_BYTES = 2**20
_STOPPED_FROM_OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT)


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer, opened."""

    properties: list[tuple[str, EdmType]]
    """Names, with a character for each byte, and types."""
    batches: Iterator[pa.RecordBatch]
    """``record`` from 0, ``wkb`` in WGS 84 (null where there is none), and a text column for each property.

    Raises UnreadableUpload where the files are damaged.
    """


@contextmanager
def open_layer(folder: Path) -> Iterator[Layer]:
    """Read the layer in a folder of :mod:`geostead.formats.shapefile_archive`.

    Raises UnreadableUpload where it cannot be read, Unavailable where the process was stopped by somebody else.
    """
    process = subprocess.Popen(  # noqa: S603  # our own module, and a folder that we named
        [sys.executable, "-P", "-m", _PROCESS, str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=_ENVIRONMENT | {name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        start_new_session=True,  # a Ctrl-C in the terminal is for the parent, who then ends it
    )
    assert process.stdout is not None
    try:
        yield Layer(_read_head(process, process.stdout), _read_batches(process, process.stdout))
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def _read_head(process: subprocess.Popen[bytes], source: IO[bytes]) -> list[tuple[str, EdmType]]:
    line = source.readline(_MAX_HEAD_BYTES)
    if not line.endswith(b"\n"):
        _check_end(process)
        raise UnreadableUpload("The shapefile has too many attributes.")
    head = json.loads(line)
    if "error" in head:
        raise UnreadableUpload(head["error"])
    return [(name, EdmType(edm_type)) for name, edm_type in head["properties"]]


def _read_batches(process: subprocess.Popen[bytes], source: IO[bytes]) -> Iterator[pa.RecordBatch]:
    record_count = 0
    try:
        with pa.ipc.open_stream(source) as stream:
            for batch in stream:
                yield batch
                record_count += batch.num_rows
    except (pa.ArrowInvalid, OSError):
        pass
    _check_end(process, f"after record {record_count} ")


def _check_end(process: subprocess.Popen[bytes], where: str = "") -> None:
    """Raise what is to be raised if the process did not come to its end."""
    code = process.wait()
    if code in _STOPPED_FROM_OUTSIDE:
        raise Unavailable("The process that reads a shapefile was stopped.")
    if code != 0:
        raise UnreadableUpload(
            f"The shapefile cannot be read {where}: it is damaged, or a geometry in it is too large."
        )
