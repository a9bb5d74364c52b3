"""Where a download goes: a file that is there whole or not at all, or whatever can be written to."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import ENOENT
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, TypeAlias

import httpx

from geostead.client.uploads import BytesProgress

Target: TypeAlias = str | os.PathLike[str] | BinaryIO


@contextmanager
def receiver(target: Target, progress: BytesProgress | None) -> Iterator[Callable[[httpx.Response], None]]:
    """Give what takes the reply. A file gets its name when the block is left well; until then it is called *.part.

    What is there already and is no file, such as a pipe, is written to as it is. A reply that breaks off is taken again
    from its beginning; a file object has to be seekable for that. Raises OSError.
    """
    if not isinstance(target, str | os.PathLike):
        yield _writer(target, target.tell() if target.seekable() else None, progress)
        return
    path = Path(target).resolve()  # what a symbolic link leads to is replaced, not the link
    if not path.parent.is_dir():
        raise FileNotFoundError(ENOENT, "There is no such folder", str(Path(target).parent))
    if path.exists() and not path.is_file():
        with path.open("wb") as there:
            yield _writer(there, None, progress)
        return
    part = path.with_name(f"{path.name}.{token_hex(4)}.part")
    try:
        with part.open("xb") as new:
            yield _writer(new, 0, progress)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _writer(file: BinaryIO, start: int | None, progress: BytesProgress | None) -> Callable[[httpx.Response], None]:
    taken = 0

    def take(reply: httpx.Response) -> None:
        nonlocal taken
        if taken:
            if start is None:
                raise OSError("The reply broke off, and what was written cannot be taken back.")
            file.seek(start)
            file.truncate()
        length = reply.headers.get("Content-Length")
        for piece in reply.iter_bytes():
            file.write(piece)
            taken += len(piece)
            if progress is not None:
                progress(reply.num_bytes_downloaded, None if length is None else int(length))

    return take
