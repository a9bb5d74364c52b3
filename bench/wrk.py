"""Runs ``wrk`` (Debian package) against a server of ours and reads what it measured."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

_TIMEOUT_S = 60
_SCRIPT = """
local paths, next_path = {}, 0
for line in io.lines("%s") do paths[#paths + 1] = line end
request = function()
  next_path = next_path %% #paths + 1
  return wrk.format("GET", paths[next_path])
end
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '\\nRESULT {"requests":%%d,"duration_us":%%d,"p50_us":%%d,"p99_us":%%d,"errors":%%d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run came to."""

    requests_per_s: float
    p50_ms: float
    p99_ms: float
    errors: int
    """Connections that failed, replies other than 2xx and 3xx, and requests without a reply."""


def run_wrk(origin: str, paths: list[str], *, seconds: int) -> Measured:
    """Measure as :func:`measure` does, with 8 connections. Raises RuntimeError if a request failed."""
    found = measure(origin, paths, seconds=seconds, connections=8)
    if found.errors:
        raise RuntimeError(f"{found.errors} requests failed at {origin}")
    return found


def measure(origin: str, paths: list[str], *, seconds: int, connections: int) -> Measured:
    """Send GET requests for the paths, in turn, for some seconds."""
    with tempfile.TemporaryDirectory() as folder:
        listing, script = Path(folder, "paths"), Path(folder, "script.lua")
        listing.write_text("\n".join(paths) + "\n")
        script.write_text(_SCRIPT % listing)
        options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", f"{_TIMEOUT_S}s", "-s", str(script)]
        output = subprocess.run(["wrk", *options, origin], capture_output=True, text=True, check=True).stdout
    result = json.loads(output.split("RESULT ")[1])
    return Measured(
        result["requests"] / result["duration_us"] * 1e6,
        result["p50_us"] / 1e3,
        result["p99_us"] / 1e3,
        result["errors"],
    )
