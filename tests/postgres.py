"""PostgreSQL for tests: a cluster that belongs to the test session alone, and cheap fresh databases in it.

From a plain script: ``with running_postgres() as server: print(server.new_database(like=POSTGIS))``.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from psycopg import sql

START_TIMEOUT_S = 60.0
PASSWORD = "tests-only"
POSTGIS = "with_postgis"
"""The template of databases that have PostGIS; made when it is first asked for."""
EMPTY = "template1"

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "fsync": "off",  # processes are killed here, machines are not: what the kernel has survives that
    "full_page_writes": "off",
    "max_wal_size": "4GB",
    "autovacuum_naptime": "10s",
    "log_min_messages": "warning",
}


@dataclass
class Postgres:
    """A cluster in a folder, on one port for all of its life. May be stopped, killed and started again."""

    programs: Path
    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1), repr=False)

    @property
    def log(self) -> Path:
        """The file that the server logs to."""
        return self.folder.parent / "postgres.log"

    def url(self, database: str) -> str:
        """Return the URL of a database, with the password."""
        return f"postgresql://postgres:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def new_database(self, like: str = EMPTY) -> str:
        """Make a database out of a template (``EMPTY``, ``POSTGIS`` or another database) and return its URL."""
        if like == POSTGIS:
            self._make_postgis_template()
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database, and disconnect who is still there."""
        self.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def execute(self, statement: str, database: str = "postgres") -> list[Any]:
        """Run one statement outside of a transaction and return its rows."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(sql.SQL(statement))  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def start(self) -> None:
        """Start the server; return when it answers, recovery included."""
        command = [self.programs / "postgres", "-D", self.folder, "-p", str(self.port)]
        options = [f"--{name}={value}" for name, value in _SETTINGS.items()]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen([*command, *options], stdout=log, stderr=log, **_as_owner())
        deadline_s = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            is_late = time.monotonic() > deadline_s or self._process.poll() is not None
            assert not is_late, f"PostgreSQL did not start:\n{self.log.read_text()[-3000:]}"
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server in an orderly way, without waiting for its clients to go."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(START_TIMEOUT_S)

    def end(self) -> None:
        """Make an end of the server, whatever state a test left it in; nobody needs its data any more."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def kill(self) -> None:
        """Send SIGKILL to every process of the server; return when all are gone."""
        assert self._process is not None
        parent = psutil.Process(self._process.pid)
        processes = [parent, *parent.children(recursive=True)]
        for process in processes:
            _kill(process)
        psutil.wait_procs(processes, timeout=START_TIMEOUT_S)
        self._process.wait(START_TIMEOUT_S)

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Stop all processes for a while: the server then answers nobody, and keeps its connections."""
        assert self._process is not None
        parent = psutil.Process(self._process.pid)
        standing = [parent, *parent.children(recursive=True)]
        for process in standing:
            process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in standing:
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _make_postgis_template(self) -> None:
        if not self.execute(f"SELECT 1 FROM pg_database WHERE datname = '{POSTGIS}'"):
            self.execute(f"CREATE DATABASE {POSTGIS}")
            self.execute("CREATE EXTENSION postgis", POSTGIS)


def why_missing() -> str | None:
    """Return why there can be no cluster here; None if there can."""
    if _programs() is None:
        return "PostgreSQL with PostGIS is not installed; `make test` does it as root on Debian and Ubuntu"
    return None


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Run a new cluster until the block is left, then remove it. Skips the test where PostgreSQL is not installed."""
    programs = _programs()
    if programs is None:
        pytest.skip(why_missing() or "")
    room = Path(tempfile.mkdtemp(prefix="geostead-postgres-"))
    server = Postgres(programs, room / "data", _free_port())
    try:
        _make_cluster(programs, server.folder)
        server.start()
        yield server
    finally:
        server.end()
        shutil.rmtree(room)


def _programs() -> Path | None:
    """Return the folder of the newest PostgreSQL that has PostGIS."""
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if _is_complete(path)]
    return max(found, key=lambda path: int(path.parent.name), default=None)


def _is_complete(programs: Path) -> bool:
    extensions = Path("/usr/share/postgresql", programs.parent.name, "extension")
    is_version = re.fullmatch("[0-9]+", programs.parent.name) is not None
    return is_version and (programs / "initdb").exists() and (extensions / "postgis.control").exists()


def _make_cluster(programs: Path, folder: Path) -> None:
    password = folder.parent / "password"
    password.write_text(PASSWORD)
    _give_to_owner(folder.parent, password)
    access = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={password}"]
    # A language's order of words, as most installations have it: whoever needs ordinal order has to say so.
    words = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en"]
    command = [programs / "initdb", "-D", folder, "--no-sync", "--no-instructions", *access, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, **_as_owner())
    assert done.returncode == 0, done.stderr


def _give_to_owner(*paths: Path) -> None:
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        for path in paths:
            os.chown(path, owner.pw_uid, owner.pw_gid)


def _as_owner() -> dict[str, Any]:
    """Return how to run a program as the user ``postgres`` where we are root, because PostgreSQL refuses to."""
    if os.geteuid() != 0:
        return {}
    owner = pwd.getpwnam("postgres")
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": [], "cwd": "/"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return
