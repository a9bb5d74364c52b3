"""Files that are damaged by chance, and files made to take all memory: each is read or refused, and that is all."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geostead.errors import LoadError
from geostead.formats.encoders import EncodedFormat, encode_entities
from geostead.formats.registry import open_reader
from geostead.model.job import DataFormat, InputFormat
from tests.entities import columns_of
from tests.formats.reading import LIMITS, NAME, load
from tests.memory import most_memory_bytes
from tests.strategies import ENTITY_TYPE, make_entities

MAX_MEMORY_BYTES = 2**30
MUTATIONS = {DataFormat.GEOJSON: 200, DataFormat.GEOPARQUET: 20}
MILLION = 1_000_000


@cache
def good(data_format: EncodedFormat) -> bytes:
    entities = columns_of(ENTITY_TYPE, make_entities(Random(1), 100))
    return b"".join(encode_entities(data_format, ENTITY_TYPE, lambda: [entities]))


def damaged(data: bytes, random: Random) -> bytes:
    """Overwrite, cut out, put in or repeat some bytes; near the end, where Parquet has its metadata, more often."""
    start = random.randrange(len(data)) if random.random() < 0.6 else len(data) - random.randrange(1, 3000)
    length = random.choice((1, 3, 50))
    noise = random.randbytes(length)
    return random.choice(
        (
            data[:start] + noise + data[start + length :],
            data[:start] + data[start + length :],
            data[:start] + noise + data[start:],
            data[: start + length] + data[start:],
            data[:start],
        )
    )


@pytest.mark.parametrize("data_format", MUTATIONS)
def test_a_file_damaged_by_chance_is_read_or_refused(data_format: EncodedFormat) -> None:
    refused = 0
    for seed in range(MUTATIONS[data_format]):
        try:
            load(damaged(good(data_format), Random(seed)), InputFormat(data_format.value))
        except LoadError:
            refused += 1
    assert refused > MUTATIONS[data_format] // 10


def parquet(**columns: pa.Array) -> bytes:
    sink = io.BytesIO()
    count = len(next(iter(columns.values())))
    places = {"Latitude": pa.array(np.ones(count)), "Longitude": pa.array(np.ones(count))}
    pq.write_table(pa.table({**columns, **places}), sink, compression="zstd")
    return sink.getvalue()


def geojson(value: str) -> bytes:
    return f'{{"features": [{{"type": "Feature", "geometry": null, "properties": {{"a": {value}}}}}]}}'.encode()


BOMBS: dict[str, tuple[InputFormat, Callable[[], bytes]]] = {
    "one long text": (InputFormat.GEOPARQUET, lambda: parquet(s=pa.array(["x" * 100 * MILLION]))),
    "one text often": (
        InputFormat.GEOPARQUET,
        lambda: parquet(
            s=pa.DictionaryArray.from_arrays(pa.array(np.zeros(20_000, np.int32)), pa.array(["x" * MILLION]))
        ),
    ),
    "one long list of nothing": (
        InputFormat.GEOPARQUET,
        lambda: parquet(s=pa.ListArray.from_arrays(pa.array([0, 30 * MILLION], pa.int32()), pa.nulls(30 * MILLION))),
    ),
    "many arrays": (InputFormat.GEOJSON, lambda: geojson("[" + "[]," * 2 * MILLION + "0]")),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_file_made_to_take_all_memory_does_not_get_it(name: str, tmp_path: Path) -> None:
    input_format, make = BOMBS[name]
    path = tmp_path / "upload"
    path.write_bytes(make())

    command = [sys.executable, "-m", "tests.formats.test_damaged_files", input_format.value, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert int(done.stdout) < MAX_MEMORY_BYTES


def read_alone(input_format: InputFormat, path: Path) -> int:
    """Read a file; return the most memory, in bytes, that this process and the one that it starts had, together."""
    try:
        for _ in open_reader(input_format, lambda: path.open("rb"), LIMITS, NAME).batches():
            pass
    except LoadError:
        pass
    return most_memory_bytes()


if __name__ == "__main__":
    sys.stdout.write(str(read_alone(InputFormat(sys.argv[1]), Path(sys.argv[2]))))
