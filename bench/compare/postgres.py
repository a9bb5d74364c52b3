"""A throw-away PostgreSQL with PostGIS that holds the places (Debian: postgresql-15-postgis-3)."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg

from bench.compare.sql import NEARBY_FUNCTIONS, POSTGIS_INDEXES, POSTGIS_TABLE
from bench.servers import free_port

SCHEMA = "bench"
"""Apart from PostGIS's own tables and functions, which tipg would publish too."""
_DATABASE = "places"
_HEADER_LINES = 2
_BLOCK = 2**20
_START_S = 60.0


@contextmanager
def postgres(folder: Path, upload: Path) -> Iterator[str]:
    """Run a server on ``folder`` with the places of a csv upload; gives its URL. Loads them if they are not there."""
    programs = _programs()
    loaded = folder.parent / f"{folder.name}-loaded"
    if not loaded.exists():
        _make_cluster(programs, folder)
    port = free_port()
    url = f"postgresql://postgres@127.0.0.1:{port}/{_DATABASE}"
    command = [str(programs / "postgres"), "-D", str(folder), "-p", str(port), *_settings(folder)]
    process = subprocess.Popen(_as_owner(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_open(f"postgresql://postgres@127.0.0.1:{port}/postgres", process)
        if not loaded.exists():
            _load(url, upload)
            loaded.touch()
        yield url
    finally:
        process.send_signal(signal.SIGINT)  # stops without waiting for clients to go
        process.wait(60)


def _programs() -> Path:
    """Return the folder of the newest PostgreSQL that has PostGIS."""
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if _has_postgis(path)]
    if not found:
        raise RuntimeError("PostgreSQL with PostGIS is missing: apt-get install postgresql-15-postgis-3")
    return max(found, key=lambda path: int(path.parent.name))


def _has_postgis(programs: Path) -> bool:
    extensions = Path("/usr/share/postgresql", programs.parent.name, "extension")
    return (programs / "postgres").exists() and (extensions / "postgis.control").exists()


def _make_cluster(programs: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        for above in (
            folder.parent,
            folder.parent.parent,
        ):  # made for one run, and PostgreSQL's user has to get through
            above.chmod(above.stat().st_mode | 0o111)
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    # Locale C: strings in the order of their code points, as Geostead has them, and prefixes found by plain indexes.
    options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    command = _as_owner([str(programs / "initdb"), "-D", str(folder), *options])
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _as_owner(command: list[str]) -> list[str]:
    """Return the command as the user ``postgres`` where we are root, because PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]


def _settings(folder: Path) -> list[str]:
    """Return what the manual advises for a machine of this size, for short queries and for data that never changes."""
    megabytes = psutil.virtual_memory().total // 2**20
    settings = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": str(folder),
        "shared_buffers": f"{megabytes // 4}MB",
        "effective_cache_size": f"{megabytes * 3 // 4}MB",
        "work_mem": "64MB",
        "maintenance_work_mem": "512MB",
        "random_page_cost": "1.1",
        "jit": "off",
        "max_parallel_workers_per_gather": "0",
        "autovacuum": "off",
        "fsync": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "max_wal_size": "8GB",
    }
    return [f"--{name}={value}" for name, value in settings.items()]


def _wait_until_open(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL does not start") from error
            time.sleep(0.1)
        else:
            return


def _load(url: str, upload: Path) -> None:
    with psycopg.connect(url.replace(f"/{_DATABASE}", "/postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {_DATABASE}")
    with psycopg.connect(url) as connection:
        connection.execute(f"CREATE EXTENSION postgis; CREATE SCHEMA {SCHEMA}; {POSTGIS_TABLE}")
        _copy(connection, upload)
        connection.execute(POSTGIS_INDEXES)
        connection.execute(NEARBY_FUNCTIONS)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (FREEZE, ANALYZE)")


def _copy(connection: psycopg.Connection, upload: Path) -> None:
    """Copy the rows of a csv upload, whose first lines declare them."""
    with upload.open("rb") as file:
        columns = [line.split(b"(")[0] for line in [file.readline() for _ in range(_HEADER_LINES)][1].split(b"),")]
        names = ", ".join(f'"{name.decode()}"' for name in columns)
        with connection.cursor().copy(f"COPY {SCHEMA}.places ({names}) FROM STDIN (FORMAT csv)") as copy:
            while block := file.read(_BLOCK):
                copy.write(block)
