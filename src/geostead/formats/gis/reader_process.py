"""Reads what only a library of C reads in a process of its own: whatever an upload does to it, it does it only there.

The process writes to standard output one line of JSON, the head, which is ``{"error": reason}`` where the upload is no
good, and then an Arrow stream. One that ends with anything but 0 has not written all. Both ends are here.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from geostead.errors import Unavailable, UnreadableUpload

_PASSED_ON = ("LD_LIBRARY_PATH", "PATH", "PYTHONPATH", "TMPDIR")
_ENVIRONMENT = {
    "PROJ_NETWORK": "OFF",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
_MAX_HEAD_BYTES = 2**20
_MAX_MEMORY_BYTES = 2**29
_MAX_CPU_S = 900
"""For the largest uploads some minutes are enough; what takes longer is made to."""
_PR_SET_PDEATHSIG = 1
_STOPPED_FROM_OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT)


@dataclass(frozen=True, slots=True)
class ReaderProcess:
    """What to start."""

    module: str
    """One of our own that calls :func:`limit_process` first."""
    what: str
    """What it reads, for messages: "shapefile"."""
    environment: Mapping[str, str]
    """Variables to add; the process sees hardly any of ours."""


@dataclass(frozen=True, slots=True)
class Output:
    """What a process writes."""

    head: dict[str, Any]
    batches: Iterator[pa.RecordBatch]
    """Raises UnreadableUpload where the upload turns out to be damaged."""


@contextmanager
def open_process(
    process: ReaderProcess,
    arguments: Sequence[str] = (),
    *,
    folder: Path | None = None,
    upload: IO[bytes] | None = None,
) -> Iterator[Output]:
    """Start a process, in ``folder`` or where we are, with ``upload`` (a file of the disk) as its standard input.

    Raises UnreadableUpload where the upload cannot be read, Unavailable where somebody else stopped the process.
    """
    running = subprocess.Popen(  # noqa: S603  # our own module, and arguments of our own
        [sys.executable, "-P", "-m", process.module, *arguments],
        stdin=subprocess.DEVNULL if upload is None else upload,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={**_ENVIRONMENT, **process.environment, **{n: os.environ[n] for n in _PASSED_ON if n in os.environ}},
        start_new_session=True,  # a Ctrl-C in the terminal is for the parent, who then ends it
    )
    assert running.stdout is not None
    try:
        head = _read_head(running, running.stdout, process.what)
        yield Output(head, _read_batches(running, running.stdout, process.what))
    finally:
        running.kill()
        running.stdout.close()
        running.wait()


def limit_process(max_memory_bytes: int = _MAX_MEMORY_BYTES) -> None:
    """Stay small, come to an end, leave no core behind, and die with the parent. For the process itself."""
    resource.setrlimit(resource.RLIMIT_DATA, (max_memory_bytes, max_memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (_MAX_CPU_S, _MAX_CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # elsewhere a parent that was killed is noticed at the next write
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def end_process(out: IO[bytes]) -> None:
    """Write out what is written, and end without any farewell. For the process itself.

    The threads of a library may abort a process while the interpreter and the libraries are taken down: that would pass
    for a damaged upload although everything has been read.
    """
    out.flush()
    os._exit(0)


def write_head(out: IO[bytes], head: Mapping[str, object]) -> None:
    """Write the head. For the process itself."""
    out.write(json.dumps(head).encode() + b"\n")


def _read_head(running: subprocess.Popen[bytes], source: IO[bytes], what: str) -> dict[str, Any]:
    line = source.readline(_MAX_HEAD_BYTES)
    if len(line) == _MAX_HEAD_BYTES:
        raise UnreadableUpload(f"The {what} has too many attributes.")
    if not line.endswith(b"\n"):
        _check_end(running, what)
    head: dict[str, Any] = json.loads(line)
    if "error" in head:
        raise UnreadableUpload(head["error"])
    return head


def _read_batches(running: subprocess.Popen[bytes], source: IO[bytes], what: str) -> Iterator[pa.RecordBatch]:
    count = 0
    try:
        with pa.ipc.open_stream(source) as stream:
            for batch in stream:
                yield batch
                count += batch.num_rows
    except (pa.ArrowInvalid, OSError):
        pass
    _check_end(running, what, f" after record {count:,}")


def _check_end(running: subprocess.Popen[bytes], what: str, where: str = "") -> None:
    """Raise what is to be raised if the process did not come to its end."""
    code = running.wait()
    if code in _STOPPED_FROM_OUTSIDE:
        raise Unavailable(f"The process that reads a {what} was stopped.")
    if code != 0:
        raise UnreadableUpload(f"The {what} cannot be read{where}: it is damaged, or something in it is too large.")
