"""Compare HTTP servers: ``python -m bench.server_choice.run``. Needs ``wrk``; takes about three minutes.

Each server runs alone, on the loopback interface, with the applications of :mod:`bench.server_choice.apps`. Speed is
measured in rounds, in each of which every server has its turn, so that whatever else the machine does meets them all.
Processor time per request is the figure to trust: unlike requests per second it does not depend on who else wants the
processor.
"""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

UPLOAD_BYTES = 60_000_000
SECONDS = 2
ROUNDS = 4
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


@dataclass(frozen=True)
class Contestant:
    """A server with its options."""

    name: str
    command: tuple[str, ...]
    """``{app}``, ``{port}`` and ``{workers}`` are filled in."""

    def start(self, app: str, port: int, workers: int) -> subprocess.Popen[bytes]:
        """Start it as a process of its own."""
        filled = [
            part.format(app=f"bench.server_choice.apps:{app}", port=port, workers=workers) for part in self.command
        ]
        return subprocess.Popen([sys.executable, "-m", *filled], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


_GRANIAN = (
    "granian",
    "--interface",
    "asgi",
    "--port",
    "{port}",
    "--workers",
    "{workers}",
    "--no-ws",
    "--respawn-failed-workers",
)
_UVICORN = ("uvicorn", "--port", "{port}", "--workers", "{workers}", "--no-access-log", "--ws", "none")
CONTESTANTS = (
    Contestant("granian, asyncio", (*_GRANIAN, "--loop", "asyncio", "{app}")),
    Contestant("granian, uvloop", (*_GRANIAN, "--loop", "uvloop", "{app}")),
    Contestant("uvicorn, httptools, uvloop", (*_UVICORN, "--http", "httptools", "--loop", "uvloop", "{app}")),
)


@contextmanager
def running(
    contestant: Contestant, app: str = "bare", workers: int = 1
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Run a server until the block is left; yield its port and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = contestant.start(app, port, workers)
    try:
        _wait_for(port)
        yield port, process
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            talk(port, GET + b"Connection: close\r\n\r\n")
        except OSError:
            time.sleep(0.05)
        else:
            time.sleep(0.5)  # further workers
            return
    raise TimeoutError(port)


@dataclass(frozen=True)
class Sample:
    """What one run of wrk came to."""

    per_second: float
    cpu_us: float
    """Processor time of all processes of the server, for one request."""
    p50: str
    p99: str


def sample(port: int, process: subprocess.Popen[bytes]) -> Sample:
    """Ask for the canned body over 8 connections for some seconds."""
    command = ["wrk", "-t1", "-c8", f"-d{SECONDS}s", "--latency", f"http://127.0.0.1:{port}/"]
    before_s = cpu_s(process)
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    used_s = cpu_s(process) - before_s
    found = dict(re.findall(r"(50%|99%|Requests/sec:)\s+(\S+)", text))
    requests = int(re.findall(r"(\d+) requests in", text)[0])
    return Sample(float(found["Requests/sec:"]), used_s / requests * 1e6, found["50%"], found["99%"])


def cpu_s(process: subprocess.Popen[bytes]) -> float:
    """Return the processor time that a process and its children have used."""
    parent = psutil.Process(process.pid)
    times = [each.cpu_times() for each in (parent, *parent.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def upload(port: int) -> float:
    """Return megabytes per second of one upload."""
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % UPLOAD_BYTES
    body = bytes(UPLOAD_BYTES)
    begun_s = time.perf_counter()
    reply = talk(port, head, body)
    assert reply.endswith(str(UPLOAD_BYTES).encode()), reply[-200:]
    return UPLOAD_BYTES / 1e6 / (time.perf_counter() - begun_s)


def talk(port: int, *parts: bytes) -> bytes:
    """Send bytes and return all that comes back until the server closes or is silent for a second."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        for part in parts:
            connection.sendall(part)
        connection.settimeout(5 if len(parts) > 1 else 1)
        received = b""
        try:
            while piece := connection.recv(65_536):
                received += piece
        except TimeoutError:
            pass
        return received


def status(reply: bytes) -> str:
    """Return the status codes of what came back."""
    return " ".join(code.decode() for code in re.findall(rb"HTTP/1\.1 (\d{3})", reply)) or "closed"


def refused(before: bytes) -> Callable[[int], str]:
    """Return a check that lists the characters that may not stand, unencoded, after the beginning of a path."""

    def check(port: int) -> str:
        characters = "".join(map(chr, range(0x20, 0x7F))).replace("?", "").replace("#", "") + "é"
        found = [c for c in characters if status(ask(port, before + c.encode())) != "200"]
        return " ".join("space" if c == " " else f"`{c}`" if c != "`" else "backtick" for c in found).replace(
            "|", "\\|"
        )

    return check


def ask(port: int, path: bytes, headers: bytes = b"Host: a\r\n") -> bytes:
    """Ask for a path as it stands."""
    return talk(port, b"GET " + path + b" HTTP/1.1\r\n" + headers + b"Connection: close\r\n\r\n")


def unread_bytes(port: int) -> str:
    """Tell how much the server and the kernel take of an upload that the application does not read."""
    with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        connection.sendall(b"POST /deaf HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n")
        taken_bytes = 0
        try:
            while taken_bytes < 100_000_000:
                taken_bytes += connection.send(bytes(65_536))
        except TimeoutError:
            return f"{taken_bytes / 1e6:.1f} MB"
    return "everything"


CHECKS: dict[str, Callable[[int], str]] = {
    "Expect: 100-continue": lambda port: status(
        talk(
            port,
            b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
            b"ab",
        )
    ),
    "characters refused in a path": refused(b"/x"),
    "characters refused in a query string": refused(b"/?x="),
    "path of 60 kB": lambda port: status(ask(port, b"/" + b"a" * 60_000)),
    "header of 20 kB": lambda port: status(ask(port, b"/", b"Host: a\r\nCookie: " + b"a" * 20_000 + b"\r\n")),
    "no Host": lambda port: status(ask(port, b"/", b"")),
    "lines that end without CR": lambda port: status(talk(port, b"GET / HTTP/1.1\nHost: a\nConnection: close\n\n")),
    "two requests in one packet": lambda port: status(talk(port, GET + b"\r\n" + GET + b"Connection: close\r\n\r\n")),
    "content length and chunked at once": lambda port: status(
        talk(
            port,
            b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n",
            b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        )
    ),
    "taken of an upload that nobody reads": unread_bytes,
}


def stops_gracefully(contestant: Contestant) -> str:
    """Tell whether an upload that is under way when SIGTERM comes still gets its answer."""
    with (
        running(contestant) as (port, process),
        socket.create_connection(("127.0.0.1", port), timeout=5) as connection,
    ):
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.sendall(b"cd")
        return status(connection.recv(65_536))


def replaces_workers(contestant: Contestant) -> str:
    """Tell whether a worker that is killed is replaced."""
    with running(contestant, workers=2) as (port, process):
        children = psutil.Process(process.pid).children(recursive=True)
        before = [child for child in children if "resource_tracker" not in " ".join(child.cmdline())]
        before[-1].kill()
        time.sleep(6)
        alive = [child for child in psutil.Process(process.pid).children(recursive=True) if child.is_running()]
        kept = [child for child in alive if "resource_tracker" not in " ".join(child.cmdline())]
        return (
            "yes"
            if len(kept) >= len(before) and status(talk(port, GET + b"Connection: close\r\n\r\n")) == "200"
            else "no"
        )


def compare_speed() -> None:
    """Print the table of speeds: of each server the round with the most requests per second, and its range."""
    cases = [(contestant, *case) for case in ((1, "bare"), (1, "framework"), (2, "bare")) for contestant in CONTESTANTS]
    samples: dict[int, list[Sample]] = {number: [] for number in range(len(cases))}
    uploads: dict[int, list[float]] = {number: [] for number in range(len(cases))}
    for _ in range(ROUNDS):
        for number, (contestant, workers, app) in enumerate(cases):
            with running(contestant, app, workers) as (port, process):
                samples[number].append(sample(port, process))
                uploads[number].append(upload(port))
    print("| server | workers | application | CPU µs a request | requests/s | p50 | p99 | upload MB/s |")
    print("|---|---|---|---|---|---|---|---|")
    for number, (contestant, workers, app) in enumerate(cases):
        best = max(samples[number], key=lambda found: found.per_second)
        cpu_us = [found.cpu_us for found in samples[number]]
        rates = [found.per_second for found in samples[number]]
        print(
            f"| {contestant.name} | {workers} | {app} | {min(cpu_us):.0f} to {max(cpu_us):.0f} "
            f"| {min(rates):,.0f} to {max(rates):,.0f} | {best.p50} | {best.p99} "
            f"| {min(uploads[number]):,.0f} to {max(uploads[number]):,.0f} |"
        )


def compare_manners() -> None:
    """Print the table of what the servers do in situations that the contract cares about."""
    rows: dict[str, list[str]] = {name: [] for name in CHECKS}
    rows |= {"SIGTERM during an upload": [], "killed worker is replaced": []}
    for contestant in CONTESTANTS:
        with running(contestant) as (port, _):
            for name, check in CHECKS.items():
                rows[name].append(check(port))
        rows["SIGTERM during an upload"].append(stops_gracefully(contestant))
        rows["killed worker is replaced"].append(replaces_workers(contestant))
    print("\n| situation | " + " | ".join(contestant.name for contestant in CONTESTANTS) + " |")
    print("|---|" + "---|" * len(CONTESTANTS))
    for name, answers in rows.items():
        print(f"| {name} | " + " | ".join(answers) + " |")


if __name__ == "__main__":
    compare_speed()
    compare_manners()
