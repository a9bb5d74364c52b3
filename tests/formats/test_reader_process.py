"""Processes that read: whatever becomes of them or of whoever started them, none is left behind."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from geostead.formats.gis.reader_process import ReaderProcess, open_process

ROOT = Path(__file__).parents[2]
ENDLESS = ReaderProcess("tests.formats.endless_reader", "file", {})
START_AND_WAIT = """
import time
from geostead.formats.gis.reader_process import open_process
from tests.formats.test_reader_process import ENDLESS
with open_process(ENDLESS) as output:
    print(output.head["pid"], flush=True)
    time.sleep(60)
"""
WAIT_S = 30


@pytest.fixture(autouse=True)
def _tests_are_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def test_a_process_ends_when_nobody_wants_the_rest() -> None:
    with open_process(ENDLESS) as output:
        process = psutil.Process(output.head["pid"])
        assert process.is_running()
    assert not process.is_running()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has gone")
def test_a_process_dies_with_a_parent_that_is_killed() -> None:
    command = [sys.executable, "-c", START_AND_WAIT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        process = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    gone, _ = psutil.wait_procs([process], timeout=WAIT_S)
    assert gone == [process]


def test_a_process_cannot_read_for_ever_nor_fill_the_memory() -> None:
    with open_process(ENDLESS) as output:
        pid = output.head["pid"]
        assert resource.prlimit(pid, resource.RLIMIT_CPU)[0] <= 15 * 60
        assert resource.prlimit(pid, resource.RLIMIT_DATA)[1] < 2**30
        assert resource.prlimit(pid, resource.RLIMIT_CORE) == (0, 0)
    assert pid != os.getpid()
