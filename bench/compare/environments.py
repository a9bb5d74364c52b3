"""Virtual environments of the systems that are not ours, each with pinned versions, made when they are first needed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_NEWER_PYTHONS = ("python3.14", "python3.13", "python3.12")


@dataclass(frozen=True, slots=True)
class _Packages:
    """What goes into an environment."""

    newest: tuple[str, ...]
    """For a Python of 3.12 or newer where there is one, if :attr:`older` says something."""
    older: tuple[str, ...] = ()
    """For the Python that runs the benchmark, where the newest need a newer one; empty: they do not."""


_PYGEOAPI = ("geoalchemy2==0.20.0", "gevent==26.9.0", "gunicorn==27.0.1", "psycopg2-binary==2.9.13")
_PACKAGES = {
    "tipg": _Packages(("tipg==1.6.1", "uvicorn[standard]==0.54.0")),
    "datasette": _Packages(("datasette==0.65.5", "uvicorn[standard]==0.54.0", "setuptools==80.9.0")),
    "pygeoapi": _Packages(("pygeoapi==0.24.0", *_PYGEOAPI), ("pygeoapi==0.21.0", *_PYGEOAPI)),
}


def environment(name: str, tools: Path) -> Path:
    """Return the folder of the programs of a system's environment. Makes it if it is not there."""
    packages = _PACKAGES[name]
    python = _newer_python() if packages.older else Path(sys.executable)
    wanted = packages.newest if python is not None else packages.older
    folder = tools / name
    mark = folder / "installed"
    if not mark.exists() or mark.read_text() != "\n".join(wanted):
        print(f"installing {wanted[0]} …", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([python or sys.executable, "-m", "venv", folder], check=True)
        pip = [folder / "bin" / "python", "-m", "pip", "-qq", "--disable-pip-version-check", "install"]
        subprocess.run([*pip, *wanted], check=True)
        mark.write_text("\n".join(wanted))
    return folder / "bin"


def installed_version(name: str, tools: Path) -> str:
    """Return the version of a system and of its Python, for the report."""
    program = f"import sys, importlib.metadata as m; print(m.version({name!r}), 'on Python', sys.version.split()[0])"
    command = [tools / name / "bin" / "python", "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _newer_python() -> Path | None:
    """Return a Python of 3.12 or newer, from the path or from pyenv."""
    if sys.version_info >= (3, 12):
        return Path(sys.executable)
    on_path = [Path(found) for name in _NEWER_PYTHONS if (found := shutil.which(name))]
    of_pyenv = sorted(Path.home().glob(".pyenv/versions/3.1[2-9].*/bin/python"), reverse=True)
    return next((path for path in [*on_path, *of_pyenv] if _works(path)), None)


def _works(python: Path) -> bool:
    """Tell whether a Python runs (a shim of pyenv may not) and can make environments."""
    return subprocess.run([python, "-c", "import venv, ensurepip"], capture_output=True, check=False).returncode == 0
