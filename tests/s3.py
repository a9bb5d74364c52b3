"""SeaweedFS, a real S3 server in a folder of its own: it keeps its data when it is killed, and checks signatures."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("weed")
BUCKET = "geostead"
ACCESS_KEY = "geostead-tests"
SECRET_KEY = "no secret: it opens a throw-away server"
START_S = 60.0
_ROLES = ("master", "volume", "filer", "s3")


class S3Server:
    """One server with one bucket. ``folder`` is the server's alone; what lies there survives :meth:`kill`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports = dict(zip([*_ROLES, *(f"{role}.grpc" for role in _ROLES)], _free_ports(8), strict=True))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """URL of the server."""
        return f"http://127.0.0.1:{self._ports['s3']}"

    @property
    def port(self) -> int:
        """Port of the S3 protocol."""
        return self._ports["s3"]

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that open the server to a client."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        }

    def fresh_url(self) -> str:
        """Return the URL of a store in which there is nothing yet."""
        return f"s3://{BUCKET}/{secrets.token_hex(6)}"

    def start(self) -> None:
        """Start the server, on the same ports and data as before; return when it answers."""
        self._folder.mkdir(parents=True, exist_ok=True)
        config = self._folder / "s3.json"
        config.write_text(json.dumps(_identities()))
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command(config), stdout=log, stderr=log, cwd=self._folder, env=_quiet_environment()
            )
        self._await(self.endpoint, {200, 403, 404})
        self._await(f"http://127.0.0.1:{self._ports['filer']}/buckets/{BUCKET}/", {201, 409}, method="POST")
        self._await(f"http://127.0.0.1:{self._ports['filer']}/ready", {201}, method="PUT")

    def kill(self) -> None:
        """Kill the server as a power cut of its machine would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop the server in an orderly way."""
        self._end(signal.SIGTERM)

    def suspend(self) -> None:
        """Let the server hang: it takes connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a server that hangs go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    @property
    def is_running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None and self._process.poll() is None

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(60)

    def _command(self, config: Path) -> list[str]:
        data = self._folder / "data"
        data.mkdir(exist_ok=True)
        options = {
            "dir": data,
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "filer": "true",
            "s3": "true",
            "s3.config": config,
            "s3.autoCreateBucket": "false",
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
            "filer.localSocket": data / "f.sock",
            "s3.localSocket": data / "s.sock",
            "master.telemetry": "false",
            "master.electionTimeout": "1s",
            "master.resumeState": "false",
            "master.volumeSizeLimitMB": 1024,
            "volume.max": 100,
            **{f"{role}.port{kind}": self._ports[role + kind] for role in _ROLES for kind in ("", ".grpc")},
        }
        return [str(PROGRAM), "server", *(f"-{name}={value}" for name, value in options.items())]

    def _await(self, url: str, statuses: set[int], method: str = "GET") -> None:
        last_s = time.monotonic() + START_S
        while _status(url, method) not in statuses:
            assert self.is_running, f"The S3 server has ended:\n{self._log()}"
            assert time.monotonic() < last_s, f"The S3 server does not answer:\n{self._log()}"
            time.sleep(0.1)

    def _log(self) -> str:
        return (self._folder / "server.log").read_text(errors="replace")[-3000:]


@contextmanager
def running_s3(folder: Path) -> Iterator[S3Server]:
    """Run a server on free ports until the block is left. Skips the test where it is not installed."""
    if not PROGRAM.exists():
        pytest.skip("SeaweedFS is not installed; `make test` does it")
    server = S3Server(folder)
    try:
        server.start()
        yield server
    finally:
        if server.is_running:
            server.kill()


def _identities() -> object:
    credentials = [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    return {"identities": [{"name": "tests", "credentials": credentials, "actions": actions}]}


def _quiet_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "S3_"))}


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _status(url: str, method: str) -> int | None:
    request = urllib.request.Request(url, data=b"ready" if method == "PUT" else None, method=method)
    try:
        with urllib.request.urlopen(request, timeout=5) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return None
